from odoo.addons.payment.const import SENSITIVE_KEYS
from odoo.addons.payment_cn_common.const import GATEWAYS

CODE = "alipay"
API_URL = "https://openapi.alipay.com/gateway.do"
# Another address of the gateway, for a rehearsal; only the server's configuration
# file can name it.
URL_OPTION = "payment_alipay_url"

DEFAULT_PAYMENT_METHOD_CODES = {"alipay"}

# Where the customer pays -> the method that creates the order there.
SCENES = {
    "mini_program": "alipay.trade.create",
    "jsapi": "alipay.trade.create",
    "h5": "alipay.trade.wap.pay",
    "native": "alipay.trade.precreate",
    "page": "alipay.trade.page.pay",
}
PRODUCTS = {
    "alipay.trade.create": "JSAPI_PAY",
    "alipay.trade.wap.pay": "QUICK_WAP_WAY",
    "alipay.trade.precreate": "QR_CODE_OFFLINE",
    "alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY",
}

TIMEOUT_SECONDS = 10
MAX_NOTIFICATION_BYTES = 64 * 1024

REFERENCE_MAX = 64

# Never to be seen in logs.
SENSITIVE_KEYS.update({"buyer_id", "buyer_open_id", "buyer_logon_id", "sign"})

GATEWAYS[CODE] = "Alipay"
