"""Requests and answers of the device routes."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import Instant, Schema, extend_schema
from odoo.addons.teahouse_booking.api.schemas import BookingOut


@extend_schema(BookingOut)
class BookingDoorsOut(Schema):
    doors: bool = Field(description="Doors open by phone, QR or PIN.")


class DoorOpen(Schema):
    """Which door: the room's own, or the gate of the store."""

    door: Literal["room", "gate"]


class CommandOut(Schema):
    """A command to a device; `pin` is given where the door did not open."""

    command_id: str
    action: str
    state: Literal["queued", "sent", "done", "failed", "expired", "unknown"]
    reason: str | None = Field(None, description="Short code of what went wrong.")
    created_at: Instant
    pin: str | None = None


class DeviceOut(Schema):
    """A device of the room that its guests may switch."""

    id: int
    name: str
    kind: Literal["power", "light", "ac"]
    online: bool
    on: bool
    actions: list[Literal["on", "off", "set"]]


class DeviceSwitch(Schema):
    """What to do: `set` takes the level of a light in percent or degrees."""

    action: Literal["on", "off", "set"]
    value: int | None = Field(None, ge=0, le=100)


class ReadingOut(Schema):
    """One reading and when it came in."""

    value: float
    at: Instant


class EnvironmentOut(Schema):
    """Fresh readings of the room by name: temp_c, hum_pct, co2_ppm, power_w."""

    room_id: int
    readings: dict[str, ReadingOut]
    energy_wh: float | None = Field(
        None, description="Used by the stay so far; null where no meter tells."
    )
    energy_estimated: bool = Field(
        False, description="The meter was silent for a part of the time."
    )


class SceneOut(Schema):
    """A scene that guests may choose for their room."""

    id: int
    name: str
    kind: Literal["welcome", "tea", "cinema", "leaving", "other"]
