"""The daily trade bill of the stand-in, as WeChat Pay writes it."""

import gzip
import hashlib
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
NAMES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,"
    "交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,"
    "商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,"
    "订单总金额,申请退款总金额"
)
FEE_RATE = Decimal("0.006")


def yuan(cents):
    return f"{Decimal(cents) / 100:.2f}"


def now():
    return datetime.now(BEIJING)


def payment_line(number, cents, at=None):
    """Return a line about a payment, as a dict by the names of the columns."""
    return {
        "交易时间": f"{at or now():%Y-%m-%d %H:%M:%S}",
        "微信订单号": f"42{number}",
        "商户订单号": number,
        "交易状态": "SUCCESS",
        "货币种类": "CNY",
        "商品名称": "茶室, 包间",
        "退款金额": "0.00",
        "手续费": f"{Decimal(cents) / 100 * FEE_RATE:.5f}",
        "费率": "0.60%",
        # What the merchant gets is less by the payer's coupon.
        "应结订单金额": yuan(cents - 1),
        "订单金额": yuan(cents),
        "申请退款金额": "0.00",
    }


def refund_line(number, order, cents, state="SUCCESS", at=None):
    """Return a line about a refund."""
    return {
        **payment_line(order, 0, at),
        "交易状态": "REFUND",
        "应结订单金额": "0.00",
        "微信退款单号": f"50{number}",
        "商户退款单号": number,
        "退款金额": yuan(cents),
        "退款状态": state,
        "手续费": f"-{Decimal(cents) / 100 * FEE_RATE:.5f}",
        "申请退款金额": yuan(cents),
    }


def bill(lines, packed=True):
    """Return the bill with these lines."""
    names = NAMES.split(",")
    rows = [",".join("`" + _clean(line.get(n, "")) for n in names) for line in lines]
    sums = [f"`{len(lines)}", *["`0.00"] * (len(SUMS.split(",")) - 1)]
    text = "\r\n".join([NAMES, *rows, SUMS, ",".join(sums)]) + "\r\n"
    content = "\ufeff".encode() + text.encode()
    return gzip.compress(content) if packed else content


def _clean(value):
    return value.replace(",", "，")


def digest(content):
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
