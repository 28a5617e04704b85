from . import payment_provider, payment_transaction, payment_wechatpay_notification
