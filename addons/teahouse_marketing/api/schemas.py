"""Requests and answers of the marketing chapter."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import (
    Instant,
    Money,
    PageQuery,
    Schema,
    extend_schema,
)
from odoo.addons.teahouse_billing.api.quotes import OfferOut, QuoteCreate
from odoo.addons.teahouse_booking.api.schemas import BookingCreate, BookingOut

CouponState = Literal["available", "reserved", "used", "expired", "revoked"]
CouponIds = Field(
    default_factory=list, max_length=10, description="Of my coupons, to be taken off."
)
Points = Field(0, ge=0, le=10**8, description="Most points to spend.")


class TierOut(Schema):
    id: int
    name: str
    growth_from: int
    discount_percent: str = Field(examples=["5"])
    benefits: str
    free_minutes: int = Field(description="Of each stay.")
    price: Money | None = Field(description="Sold at this price, None: not for sale.")
    valid_days: int


class MembershipOut(Schema):
    tier: TierOut | None
    tier_until: str | None = Field(description="Last day of a tier that was bought.")
    growth: int
    points: int
    next_tier: TierOut | None
    tiers: list[TierOut]
    payment_methods: list[str] = Field(description="By which a tier can be bought now.")


class PointsEntry(Schema):
    id: int
    description: str
    points: int = Field(description="Negative: spent or taken back.")
    at: Instant


class CampaignOut(Schema):
    id: int
    name: str
    description: str
    store_ids: list[int] = Field(description="Empty: all stores.")
    from_: Instant = Field(alias="from")
    to: Instant | None


class CampaignList(Schema):
    items: list[CampaignOut]


class InquiryCreate(Schema):
    kind: Literal["event", "franchise", "other"]
    name: str = Field(min_length=1, max_length=64)
    phone: str = Field(min_length=5, max_length=24)
    message: str | None = Field(None, max_length=2000)
    store_id: int | None = Field(None, ge=1, le=2**31 - 1)


class InquiryOut(Schema):
    received: bool


class DiscountsPut(Schema):
    coupon_ids: list[int] = CouponIds
    points: int = Points


@extend_schema(QuoteCreate)
class QuoteCreateDiscounts:
    coupon_ids: list[int] = CouponIds
    points: int = Points


@extend_schema(BookingCreate)
class BookingCreateDiscounts:
    coupon_ids: list[int] = CouponIds
    points: int = Points


@extend_schema(OfferOut)
class OfferOutDiscounts:
    coupon_discount: Money
    points_discount: Money
    points: int = Field(description="Points that this would take.")


@extend_schema(BookingOut)
class BookingOutDiscounts:
    coupon_ids: list[int]
    points: int = Field(description="Points that are spent on it.")


class CouponValue(Schema):
    program_id: int
    name: str
    kind: Literal["amount", "percent", "free_time", "extra_time"]
    value: str
    minutes: int | None
    currency: str
    minimum: Money = Field(description="The stay costs at least this.")
    cap: Money | None
    audience: Literal["any", "newcomer", "birthday"]
    store_ids: list[int] = Field(description="Empty: all stores.")
    days: str
    stacks: bool


class CouponOut(CouponValue):
    id: int
    code: str
    state: CouponState
    expires_on: str | None = Field(examples=["2026-12-31"])
    booking: str | None


class ClaimableOut(CouponValue):
    id: int
    left: int | None = Field(description="None: no limit.")
    claimed: int = Field(description="How many of them I have had.")
    claimable: bool


class ClaimableList(Schema):
    items: list[ClaimableOut]


class CouponQuery(PageQuery):
    state: CouponState | None = None


class CodeRedeem(Schema):
    code: str = Field(
        min_length=3, max_length=256, description="Or what its QR code says."
    )


Word = Field(None, min_length=1, max_length=64, pattern=r"^[^%\\_]+$")


@extend_schema(BookingCreate)
class BookingCreateSource:
    utm_source: str | None = Word
    utm_medium: str | None = Word
    utm_campaign: str | None = Word


class GiftOut(Schema):
    id: int
    name: str
    description: str
    points: int
    stock: int
    store_ids: list[int]
    image: str | None = Field(description="A small picture as a data URL.")


class GiftList(Schema):
    items: list[GiftOut]


class GiftOrderOut(Schema):
    id: int
    gift: str
    code: str = Field(description="Shown in the store to pick it up.")
    points: int
    state: Literal["open", "picked", "cancelled"]


class GiftOrderList(Schema):
    items: list[GiftOrderOut]
