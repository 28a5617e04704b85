"""Requests and answers of the marketing chapter."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import Instant, Schema


class TierOut(Schema):
    id: int
    name: str
    growth_from: int
    discount_percent: str = Field(examples=["5"])
    benefits: str


class MembershipOut(Schema):
    tier: TierOut | None
    growth: int
    points: int
    next_tier: TierOut | None
    tiers: list[TierOut]


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
