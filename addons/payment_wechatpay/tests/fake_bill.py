"""The daily trade bill of the stand-in, as WeChat Pay writes it."""

import gzip
import hashlib
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
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


FLOW_NAMES = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
    "账户结余(元),资金变更提交申请人,备注,业务凭证号"
)
FLOW_SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def flow(lines, withdrawn=0, packed=True):
    """Return the fund flow bill of what these lines of the trade bill moved.

    :param int withdrawn: cents that went to the merchant's bank
    """
    moves = []
    for line in lines:
        back = Decimal(line["退款金额"])
        amount, kind = (-back, "退款") if back else (Decimal(line["订单金额"]), "交易")
        number = line.get("微信退款单号") or line["微信订单号"]
        moves.append((kind, amount, number))
        fee = -Decimal(line["手续费"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if fee:
            moves.append(("扣除交易手续费", fee, number))
    if withdrawn:
        moves.append(("提现", -Decimal(withdrawn) / 100, "W1"))
    rows, balance = [], Decimal(0)
    for place, (kind, amount, number) in enumerate(moves):
        balance += amount
        side = "收入" if amount > 0 else "支出"
        values = (
            f"{now():%Y-%m-%d %H:%M:%S}",
            number,
            f"F{place}{number}",
            kind,
            kind,
            side,
            f"{abs(amount):.2f}",
            f"{balance:.2f}",
            "system",
            "",
            number,
        )
        rows.append(",".join(f"`{value}" for value in values))
    income = [amount for _kind, amount, _number in moves if amount > 0]
    outgo = [-amount for _kind, amount, _number in moves if amount < 0]
    sums = (len(moves), len(income), sum(income), len(outgo), sum(outgo))
    last = ",".join(f"`{value}" for value in sums)
    text = "\r\n".join([FLOW_NAMES, *rows, FLOW_SUMS, last]) + "\r\n"
    content = "\ufeff".encode() + text.encode()
    return gzip.compress(content) if packed else content


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
