from . import (
    payment_wechatpay_notification,
    payment_provider,
    payment_transaction,
    payment_transaction_report,
)
