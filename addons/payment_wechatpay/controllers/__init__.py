from . import payment_wechatpay
