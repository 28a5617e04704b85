from . import payment_alipay
