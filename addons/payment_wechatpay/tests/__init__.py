from . import (
    test_bill,
    test_books,
    test_certificate,
    test_client,
    test_crypto,
    test_notification_http,
    test_notification_race,
    test_payment,
    test_provider,
    test_refund,
)
