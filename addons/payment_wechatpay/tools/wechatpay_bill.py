"""Reading WeChat Pay's daily bills, without Odoo.

A bill is text with commas; every value begins with a backtick, and two lines of sums
stand at the end.
"""

import csv
import gzip
import io
import re
import zlib
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

LIMIT = 64 * 1024 * 1024
BEIJING = ZoneInfo("Asia/Shanghai")
PAID, REFUNDED = "SUCCESS", "REFUND"
# Closed orders that money came back of stand in the bill with this state, too.
REVOKED = "REVOKED"
FAILED_REFUNDS = ("FAIL", "FAILED", "CLOSED")
# Kinds of movements on the account, by a word in their name; the first that fits.
FLOWS = (
    ("手续费", "fee"),
    ("退款", "refund"),
    ("提现", "withdrawal"),
    ("充值", "deposit"),
    ("交易", "payment"),
)
IN, OUT = "收入", "支出"


class UnreadableBill(ValueError):
    """The file is no bill of WeChat Pay, or not a whole one."""


def read_bill(content):
    """Return what moved, a dict for each payment and refund.

    :param bytes content: of the trade bill of one day, plain or gzip
    :return: dicts with ``kind`` (payment, refund), ``reference`` (ours), ``number``
        (theirs), ``amount`` (Decimal, a refund's is negative), ``fee`` (Decimal),
        ``at`` (aware)
    :raise UnreadableBill: not a whole bill
    """
    rows, sums = _tables(content)
    found = [entry for row in rows for entry in _entry(row)]
    if int(_number(sums.get("总交易单数"))) != len(rows):
        raise UnreadableBill("The number of lines is not the one that the bill states.")
    return found


def read_flow(content):
    """Return the movements on the merchant's account, a dict for each, oldest first.

    :param bytes content: of the fund flow bill of one day, plain or gzip
    :return: dicts with ``kind`` (payment, refund, fee, withdrawal, deposit, other),
        ``label`` (their word for it), ``number`` (theirs), ``amount`` (Decimal,
        negative when money leaves), ``balance`` (Decimal, after it), ``at`` (aware)
    :raise UnreadableBill: not a whole bill
    """
    rows, sums = _tables(content)
    found = [_movement(row) for row in rows]
    if int(_number(sums.get("资金流水总笔数"))) != len(rows):
        raise UnreadableBill("The number of lines is not the one that the bill states.")
    for name, amounts in (
        ("收入金额", [one["amount"] for one in found if one["amount"] > 0]),
        ("支出金额", [-one["amount"] for one in found if one["amount"] < 0]),
    ):
        if name in sums and sum(amounts) != _number(sums[name]):
            raise UnreadableBill("The sums are not those that the bill states.")
    return sorted(found, key=lambda one: one["at"])


def _movement(row):
    try:
        at = datetime.strptime(row["记账时间"], "%Y-%m-%d %H:%M:%S")
        label, side = row["业务类型"], row["收支类型"]
        if side not in (IN, OUT):
            raise ValueError(side)
        amount = _number(row["收支金额"])
        return {
            "at": at.replace(tzinfo=BEIJING),
            "kind": next((kind for word, kind in FLOWS if word in label), "other"),
            "label": label,
            "number": row["资金流水单号"],
            "amount": amount if side == IN else -amount,
            "balance": _number(row["账户结余"]),
        }
    except (KeyError, ValueError) as error:
        raise UnreadableBill(f"A line cannot be read: {error}") from error


def plain(content):
    """Return a bill as text, unpacked where it is packed.

    :raise UnreadableBill: damaged, or far too large
    """
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            text = file.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableBill("The file is damaged.") from error
    if len(text) > LIMIT:
        raise UnreadableBill("The file is too large.")
    return text


def _tables(content):
    try:
        text = plain(content).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBill("This is no text of a bill.") from error
    lines = [line for line in csv.reader(io.StringIO(text)) if any(line)]
    heads = [n for n, line in enumerate(lines) if not line[0].startswith("`")]
    if len(heads) != 2 or len(lines) != heads[1] + 2:
        raise UnreadableBill("This is no whole bill.")
    names, sums = lines[0], lines[heads[1]]
    rows = [_values(names, line) for line in lines[1 : heads[1]]]
    return rows, _values(sums, lines[-1])


def _values(names, line):
    if len(names) != len(line):
        raise UnreadableBill("A line is not whole.")
    values = [value.strip().removeprefix("`").strip() for value in line]
    # Some names say the unit behind them, in parentheses of either width.
    names = [re.split("[(（]", name)[0].strip() for name in names]
    return dict(zip(names, values, strict=True))


def _entry(row):
    """Yield what a line of the bill says; a refund that failed moved nothing."""
    try:
        state = row["交易状态"]
        at = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S")
        common = {"at": at.replace(tzinfo=BEIJING), "fee": _number(row["手续费"])}
        if state == PAID:
            yield {
                **common,
                "kind": "payment",
                "reference": row["商户订单号"],
                "number": row["微信订单号"],
                "amount": _number(row.get("订单金额") or row["应结订单金额"]),
            }
        elif state in (REFUNDED, REVOKED) and row["退款状态"] not in FAILED_REFUNDS:
            back = _number(row.get("申请退款金额") or row["退款金额"])
            yield {
                **common,
                "kind": "refund",
                "reference": row["商户退款单号"],
                "number": row["微信退款单号"],
                "amount": -back,
            }
    except (KeyError, ValueError) as error:
        raise UnreadableBill(f"A line cannot be read: {error}") from error


def _number(text):
    try:
        return Decimal(text or "0")
    except InvalidOperation as error:
        raise UnreadableBill(f"{text} is no amount.") from error
