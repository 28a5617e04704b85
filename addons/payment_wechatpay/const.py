from odoo.addons.payment.const import SENSITIVE_KEYS
from odoo.addons.payment_cn_common.const import GATEWAYS

CODE = "wechatpay"
API_URL = "https://api.mch.weixin.qq.com"
# Another address of the gateway, for a rehearsal; only the server's configuration
# file can name it.
URL_OPTION = "payment_wechatpay_url"

DEFAULT_PAYMENT_METHOD_CODES = {"wechat_pay"}

# What the id of a public key begins with; other ids are serials of certificates.
PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"

# Where the customer pays -> the kind of order.
SCENES = {
    "mini_program": "jsapi",
    "jsapi": "jsapi",
    "h5": "h5",
    "native": "native",
    "page": "native",
}

TIMEOUT_SECONDS = 10
MAX_SKEW_SECONDS = 300
MAX_NOTIFICATION_BYTES = 64 * 1024

REFERENCE_MIN, REFERENCE_MAX = 6, 32

# Never to be seen in logs.
SENSITIVE_KEYS.update({"openid", "ciphertext", "paySign", "prepay_id"})

GATEWAYS[CODE] = "WeChat Pay"
