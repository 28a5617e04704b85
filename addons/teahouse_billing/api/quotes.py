"""Schemas of quotes, and what prices add to other chapters."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import Instant, Money, Schema, extend_schema
from odoo.addons.teahouse_base.controllers.schemas import StoreOut, StoreQuery
from odoo.addons.teahouse_booking.api.schemas import BookingCreate


class QuoteCreate(Schema):
    room_id: int = Field(ge=1, le=2**31 - 1)
    start: Instant
    end: Instant | None = Field(None, description="None: a metered stay, opened now.")


class OfferLineOut(Schema):
    kind: Literal["hourly", "cap", "package", "session"]
    name: str
    start: Instant
    end: Instant
    minutes: int
    unit_price: Money | None = Field(description="Per hour, or of the whole piece.")
    amount: Money


class OfferOut(Schema):
    key: str = Field(description="Names the offer in POST /bookings.")
    kind: Literal["hourly", "package", "session", "mixed", "metered"]
    name: str
    currency: str
    paid_until: Instant
    lines: list[OfferLineOut] = Field(description="They add up to `amount`.")
    amount: Money
    member_discount: Money
    total: Money = Field(description="`amount` less `member_discount`.")
    deposit: Money


class QuoteOut(Schema):
    offers: list[OfferOut] = Field(description="Cheapest first.")
    expires_at: Instant = Field(description="Until when the keys are good.")


@extend_schema(BookingCreate)
class BookingCreateOffer:
    offer: str | None = Field(
        None, min_length=1, max_length=256, description="Key of an offer of /quotes."
    )
    kind: Literal["timed", "metered"] = "timed"
    end: Instant | None = Field(None, description="Left out for a metered stay.")


@extend_schema(StoreQuery)
class StoreQueryPrice:
    sort: Literal["price"] | None = None


@extend_schema(StoreOut)
class StoreOutPrice:
    currency: str | None = None
    price_from: Money | None = Field(None, description="Lowest price of an hour.")
