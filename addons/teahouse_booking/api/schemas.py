"""Requests and answers of the bookings chapter."""

from typing import Literal

from pydantic import Field, model_validator

from odoo.addons.teahouse_base.api import Instant, PageQuery, Schema, extend_schema
from odoo.addons.teahouse_base.controllers.schemas import (
    PhotoOut,
    RoomOut,
    StoreOut,
    StoreQuery,
)

State = Literal[
    "hold", "confirmed", "in_use", "completed", "expired", "cancelled", "no_show"
]
Source = Literal["mini_program", "h5"]


@extend_schema(StoreQuery)
class StoreQueryFree:
    free_from: Instant | None = Field(None, description="A room is free from here.")
    free_to: Instant | None = Field(None, description="Until here; both or none.")
    sort: Literal["rating"] | None = None


@extend_schema(StoreOut)
class StoreOutBooking:
    rating: str | None = Field(None, examples=["4.8"])
    review_count: int = 0
    rooms_free: int | None = Field(None, description="With `free_from`, `free_to`.")


@extend_schema(RoomOut)
class RoomOutBooking:
    slot_minutes: int = Field(description="Starts lie on steps of this.")
    min_minutes: int
    max_minutes: int


class WindowQuery(Schema):
    from_: Instant = Field(alias="from")
    to: Instant
    starts: bool = Field(False, description="Name each possible start, too.")


class StartOut(Schema):
    start: Instant
    max_minutes: int = Field(description="Longest stay that begins then.")


class FreeInterval(Schema):
    start: Instant
    end: Instant
    max_minutes: int = Field(description="Longest stay that begins at `start`.")
    starts: list[StartOut] | None = Field(
        None, description="Asked for by `starts`: the grid, lead time and lengths kept."
    )


class AvailabilityOut(Schema):
    room_id: int
    free: list[FreeInterval]
    slot_minutes: int
    min_minutes: int
    max_minutes: int
    lead_minutes: int
    horizon_days: int
    turnover_minutes: int
    timezone: str


class RoomAvailabilityOut(AvailabilityOut):
    name: str


class StoreAvailabilityOut(Schema):
    rooms: list[RoomAvailabilityOut]


class NamedOut(Schema):
    id: int
    name: str


class BookingCreate(Schema):
    room_id: int = Field(ge=1, le=2**31 - 1)
    start: Instant
    end: Instant
    people: int = Field(1, ge=1, le=1000)
    note: str | None = Field(None, max_length=500)
    source: Source = "h5"


class ParticipantOut(NamedOut):
    role: Literal["booker", "guest"]


class WifiOut(Schema):
    ssid: str
    password: str


class ChangeOut(Schema):
    """An extension or a room change that waits for payment."""

    kind: Literal["extension", "room_change"]
    end: Instant | None
    room_id: int | None
    expires_at: Instant


class BookingOut(Schema):
    ref: str = Field(examples=["7K2M9QXA4TBD"])
    role: Literal["booker", "guest"] | None = Field(description="Mine in this stay.")
    state: State
    kind: Literal["timed", "metered"]
    store: NamedOut
    room: NamedOut
    start: Instant
    end: Instant
    people: int
    note: str | None
    source: str
    hold_expires_at: Instant | None
    checked_in_at: Instant | None
    ended_at: Instant | None
    participants: list[ParticipantOut]
    pending_change: ChangeOut | None
    reviewed: bool
    wifi: WifiOut | None = Field(description="While the booking is live.")
    arrival_guide: str | None = Field(description="While the booking is live.")
    created_at: Instant


class BookingQuery(PageQuery):
    state: str | None = Field(
        None,
        pattern=r"^[a-z_]+(,[a-z_]+)*$",
        max_length=100,
        description="States, separated by commas.",
    )


class PolicyRow(Schema):
    minutes_before_start: int
    percent: int


class CancellationOut(Schema):
    cancellable: bool
    refund_percent: int = Field(description="By the policy when booked.")
    policy: list[PolicyRow]


class CancelRequest(Schema):
    reason: str | None = Field(None, max_length=200)


class ExtensionCreate(Schema):
    end: Instant


class RoomChangeCreate(Schema):
    room_id: int = Field(ge=1, le=2**31 - 1)


class InvitationOut(Schema):
    token: str
    url: str


class PassOut(Schema):
    qr: str = Field(description="Text of the QR code; changes every minute.")
    qr_png: str = Field(description="The same as a data URL.")
    pin: str = Field(examples=["482913"])
    valid_from: Instant
    valid_to: Instant
    refresh_in: int = Field(description="Seconds until the text changes.")


class ReviewCreate(Schema):
    environment: int = Field(ge=1, le=5)
    service: int = Field(ge=1, le=5)
    facilities: int = Field(ge=1, le=5)
    text: str | None = Field(None, max_length=2000)
    photos: list[int] = Field(default=[], max_length=9, description="Ids of uploads.")


class ReviewOut(Schema):
    id: int
    author: str
    room: str
    environment: int
    service: int
    facilities: int
    score: str = Field(examples=["4.7"])
    text: str
    photos: list[PhotoOut]
    reply: str | None
    at: Instant


class WaitlistCreate(Schema):
    """A wish for one room, or for any room of a store."""

    room_id: int | None = Field(None, ge=1, le=2**31 - 1)
    store_id: int | None = Field(None, ge=1, le=2**31 - 1)
    start: Instant
    end: Instant
    people: int = Field(1, ge=1, le=1000)

    @model_validator(mode="after")
    def _one_place(self):
        if (self.room_id is None) == (self.store_id is None):
            raise ValueError("missing:room_id")
        return self


class WaitlistOut(Schema):
    id: int
    state: Literal["waiting", "offered", "accepted", "expired", "cancelled"]
    store: NamedOut
    room_id: int | None
    start: Instant
    end: Instant
    people: int
    offered_room: NamedOut | None
    offer_expires_at: Instant | None = Field(description="Accept before.")


class WaitlistItems(Schema):
    items: list[WaitlistOut]


class FavouriteOut(Schema):
    store_id: int
    favourite: bool


class FavouriteList(Schema):
    items: list[dict]
