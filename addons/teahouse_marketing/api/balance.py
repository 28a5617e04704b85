"""Requests and answers about balances, cards and what members buy."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import Instant, Money, Schema, extend_schema
from odoo.addons.teahouse_billing.api.payments import PaymentOut

Id = Field(None, ge=1, le=2**31 - 1)
Scene = Literal["mini_program", "jsapi", "h5", "native", "page"]


class WalletOut(Schema):
    id: int
    store: str | None = Field(description="Set where it is good for one store only.")
    store_id: int | None
    currency: str
    real: Money
    bonus: Money


class BalanceOut(Schema):
    currency: str
    total: Money
    real: Money = Field(description="What was paid in and is left.")
    bonus: Money
    wallets: list[WalletOut]


class BalanceEntry(Schema):
    id: int
    kind: Literal["top_up", "spend", "refund", "payout", "merge"]
    real: Money
    bonus: Money
    total_after: Money
    booking: str | None
    note: str | None
    at: Instant


class PackageQuery(Schema):
    store_id: int | None = Id


class PackageOut(Schema):
    id: int
    name: str
    currency: str
    amount: Money
    bonus: Money
    first_only: bool
    store_ids: list[int] = Field(description="Empty: all stores.")


class PackageList(Schema):
    items: list[PackageOut]
    currency: str
    min: Money = Field(description="Smallest top-up of a free amount.")
    max: Money
    store_needed: bool = Field(description="Balances are good for one store only.")
    payment_methods: list[str] = Field(description="Open for a top-up now.")


class PayoutRequest(Schema):
    note: str | None = Field(None, max_length=500)


class Buying(Schema):
    method: Literal["wechat", "alipay", "demo"]
    scene: Scene | None = None
    store_id: int | None = Id


class TopUpCreate(Buying):
    package_id: int | None = Id
    amount: Money | None = Field(None, description="Without a package.")


class PurchaseCreate(Buying):
    product_id: int | None = Id
    tier_id: int | None = Id


@extend_schema(PaymentOut)
class PaymentOutPurchase:
    booking: str | None
    purchase: str | None = Field(description="What else the payment is for.")


class PurchasePayment(Schema):
    reference: str
    booking: None
    purchase: str
    method: str | None
    state: Literal["pending", "done", "failed", "cancelled"]
    currency: str
    amount: Money
    pay_params: dict


class PurchaseOut(Schema):
    ref: str
    kind: Literal["top_up", "card", "tier"]
    state: Literal["draft", "paid", "refunded", "expired"]
    currency: str
    amount: Money
    bonus: Money


class PurchaseStarted(PurchaseOut):
    payment: PurchasePayment


class CardProductOut(Schema):
    id: int
    name: str
    kind: Literal["hours", "count"]
    units: int = Field(description="Minutes, or stays.")
    stay_minutes: int | None
    currency: str
    price: Money
    valid_days: int
    store_ids: list[int]
    days: str


class CardProductList(Schema):
    items: list[CardProductOut]
    payment_methods: list[str] = Field(description="Open for a card now.")


class CardOut(Schema):
    id: int
    name: str
    kind: Literal["hours", "count"]
    units: int
    left: int
    state: Literal["open", "empty", "expired"]
    valid_from: str
    valid_until: str
    days: str
    store_ids: list[int]


class CardList(Schema):
    items: list[CardOut]


class VoucherRedeem(Schema):
    platform: Literal["meituan", "douyin"]
    code: str = Field(min_length=4, max_length=64)
    room_id: int = Field(ge=1, le=2**31 - 1)
    start: Instant
    people: int = Field(1, ge=1, le=1000)


class CardPay(Schema):
    card_id: int = Field(ge=1, le=2**31 - 1)
