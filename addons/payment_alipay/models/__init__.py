from . import payment_provider, payment_transaction, payment_alipay_notification
