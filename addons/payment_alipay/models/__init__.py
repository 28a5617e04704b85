from . import (
    payment_alipay_notification,
    payment_provider,
    payment_provider_bill,
    payment_transaction,
    payment_transaction_report,
)
