"""Schemas of payments, bills and goods."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import (
    Instant,
    Money,
    PageQuery,
    Schema,
    extend_schema,
)
from odoo.addons.teahouse_booking.api.schemas import (
    BookingOut,
    CancellationOut,
    ChangeOut,
)


class ChargeLineOut(Schema):
    kind: str
    name: str
    start: str | None
    end: str | None
    minutes: int | None
    quantity: str
    unit_price: Money
    amount: Money
    state: Literal["open", "pending", "void"]


PaymentState = Literal["none", "unpaid", "paid", "partially_refunded", "refunded"]
SettlementState = Literal["open", "settled"]


class MoneyOut(Schema):
    """The money of a booking."""

    currency: str
    amount_total: Money
    amount_paid: Money
    amount_refunded: Money
    amount_due: Money
    payment_state: PaymentState
    settlement_state: SettlementState
    lines: list[ChargeLineOut]


@extend_schema(BookingOut)
class BookingMoneyOut(Schema):
    """The same of a booking; null, or nothing, to guests who come along."""

    currency: str | None
    amount_total: Money | None
    amount_paid: Money | None
    amount_refunded: Money | None
    amount_due: Money | None
    payment_state: PaymentState | None
    settlement_state: SettlementState | None
    lines: list[ChargeLineOut]
    payment_methods: list[str] = Field(description="Open to this booking now.")


@extend_schema(ChangeOut)
class ChangeMoneyOut(Schema):
    currency: str | None
    amount: Money | None = Field(
        description="Negative comes back; null to guests who come along."
    )


@extend_schema(CancellationOut)
class CancellationMoneyOut(Schema):
    currency: str
    refund: Money
    fee: Money = Field(description="What is kept.")


class PaymentCreate(Schema):
    method: Literal["wechat", "alipay", "balance", "demo"]
    scene: Literal["mini_program", "jsapi", "h5", "native", "page"] | None = None


class PaymentOut(Schema):
    reference: str
    booking: str
    method: str | None
    state: Literal["pending", "done", "failed", "cancelled"]
    currency: str
    amount: Money


class PaymentStarted(PaymentOut):
    pay_params: dict


class BillPayment(Schema):
    kind: Literal["payment", "refund"]
    name: str
    method: str | None
    reference: str
    state: str
    amount: Money
    at: str


class BillInvoice(Schema):
    number: str
    date: str
    amount: Money


class BillOut(MoneyOut):
    ref: str
    state: str
    store: str
    room: str
    start: str
    end: str
    elapsed_minutes: int
    payments: list[BillPayment]
    settled_at: str | None
    invoice: BillInvoice | None


class BillQuery(PageQuery):
    start: Instant | None = Field(None, alias="from")
    end: Instant | None = Field(None, alias="to")


class InvoiceRequest(Schema):
    title: str = Field(min_length=1, max_length=100)
    tax_number: str | None = Field(None, pattern=r"^[0-9A-Z]{15,20}$")
    email: str = Field(min_length=3, max_length=254)


class InvoiceRequestOut(Schema):
    id: int
    state: Literal["requested", "issued", "refused"]
    title: str
    tax_number: str | None
    number: str | None
    currency: str
    amount: Money


class GoodsQuery(Schema):
    store_id: int


class GoodsOut(Schema):
    id: int
    name: str
    description: str | None
    currency: str
    price: Money


class GoodsList(Schema):
    items: list[GoodsOut]


class GoodsLine(Schema):
    id: int
    quantity: int = Field(ge=1, le=99)


class GoodsOrder(Schema):
    lines: list[GoodsLine] = Field(min_length=1, max_length=50)
