"""The daily bill of the stand-in, as Alipay writes it."""

import io
import zipfile
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
NAMES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,"
    "操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,"
    "支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
FEE_RATE = Decimal("0.006")


def line(number, amount, refund=None, at=None):
    """Return a line about a payment, or about its refund of this number."""
    amount = Decimal(amount)
    moment = f"{at or datetime.now(BEIJING):%Y-%m-%d %H:%M:%S}"
    return {
        "支付宝交易号": f"2026{number}\t",
        "商户订单号": f"{number}\t",
        "业务类型": "退款" if refund else "交易",
        "商品名称": "茶室",
        "创建时间": moment,
        "完成时间": moment,
        "订单金额（元）": f"{-amount if refund else amount:.2f}",
        "退款批次号/请求号": refund or "",
        "服务费（元）": f"{(amount if refund else -amount) * FEE_RATE:.2f}",
    }


def bill(lines):
    """Return the bill with these lines, packed."""
    names = NAMES.split(",")
    rows = [",".join(row.get(name, "") for name in names) for row in lines]
    text = "\r\n".join(
        [
            "#支付宝业务明细查询",
            "#账号：[20880000000000010156]",
            "#-----------------业务明细列表----------------",
            NAMES,
            *rows,
            "#-----------------业务明细列表结束------------",
            f"#交易合计：{len(rows)}笔",
        ]
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2088_20260101_sum.csv", "#汇总".encode("gb18030"))
        archive.writestr("2088_20260101.csv", text.encode("gb18030"))
    return file.getvalue()
