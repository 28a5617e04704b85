"""Reading Alipay's daily bills, without Odoo.

A bill is a ZIP of texts in GB18030; the one with the single movements has comments
around its table.
"""

import csv
import io
import zipfile
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
FIRST_COLUMN = "支付宝交易号"
KINDS = {"交易": "payment", "退款": "refund"}
LIMIT = 64 * 1024 * 1024


class UnreadableBill(ValueError):
    """The file is no bill of Alipay, or not a whole one."""


def read_bill(content):
    """Return what moved, a dict for each payment and refund.

    :param bytes content: the ZIP as it is downloaded, or the text of the movements
    :return: dicts with ``kind`` (payment, refund), ``reference`` (ours), ``number``
        (theirs), ``amount`` (Decimal, a refund's is negative), ``fee`` (Decimal),
        ``at`` (aware)
    :raise UnreadableBill: not a whole bill
    """
    text = _text(content)
    lines = [line for line in csv.reader(io.StringIO(text)) if any(line)]
    heads = [n for n, line in enumerate(lines) if line[0].strip() == FIRST_COLUMN]
    ends = [n for n, line in enumerate(lines) if "明细列表结束" in line[0]]
    if len(heads) != 1 or len(ends) != 1:
        raise UnreadableBill("This is no whole bill.")
    names = [name.strip() for name in lines[heads[0]]]
    return [
        entry for line in lines[heads[0] + 1 : ends[0]] for entry in _entry(names, line)
    ]


def _text(content):
    if content[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = _movements(archive)
        except (zipfile.BadZipFile, EOFError, OSError) as error:
            raise UnreadableBill("The file is damaged.") from error
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise UnreadableBill("This is no text of a bill.") from error


def _movements(archive):
    for item in archive.infolist():
        if item.file_size > LIMIT:
            raise UnreadableBill("The file is too large.")
        content = archive.read(item)
        # The names inside are in an encoding that ZIP does not tell.
        if FIRST_COLUMN.encode("gb18030") in content:
            return content
    raise UnreadableBill("The file has no list of movements.")


def _entry(names, line):
    if len(names) != len(line):
        raise UnreadableBill("A line is not whole.")
    row = dict(zip(names, (value.strip() for value in line), strict=True))
    kind = KINDS.get(row.get("业务类型"))
    if not kind:
        return
    try:
        at = datetime.strptime(row["完成时间"], "%Y-%m-%d %H:%M:%S")
        refund = kind == "refund"
        yield {
            "kind": kind,
            "reference": row["退款批次号/请求号" if refund else "商户订单号"],
            "number": row[FIRST_COLUMN],
            "amount": _number(row["订单金额（元）"]),
            "fee": -_number(row["服务费（元）"]),
            "at": at.replace(tzinfo=BEIJING),
        }
    except (KeyError, ValueError) as error:
        raise UnreadableBill(f"A line cannot be read: {error}") from error


def _number(text):
    try:
        return Decimal(text or "0")
    except InvalidOperation as error:
        raise UnreadableBill(f"{text} is no amount.") from error
