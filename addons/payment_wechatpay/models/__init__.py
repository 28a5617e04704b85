from . import (
    payment_wechatpay_notification,
    payment_provider,
    payment_wechatpay_certificate,
    payment_provider_bill,
    payment_transaction,
    payment_transaction_report,
)
