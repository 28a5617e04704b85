from . import (
    test_cancellation_money,
    test_changes_money,
    test_engine_examples,
    test_engine_property,
    test_money_api,
    test_money_rights,
    test_payments,
    test_settlement,
    test_whole_stay,
    test_booking_tariff,
    test_quote,
    test_tariff,
)
