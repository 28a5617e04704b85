from . import (
    payment_wechatpay_notification,
    payment_provider,
    payment_provider_bill,
    payment_transaction,
    payment_transaction_report,
)
