"""What devices publish, read strictly.

Everything that comes from a device is hostile until it was parsed here: whatever is
not exactly right raises `ProtocolError`, which the gateway counts per device. Unknown
keys are ignored, so that newer devices can talk to older servers.
"""

import re
from dataclasses import dataclass, field

from .checks import EPOCH, integer, number, optional, text
from .codec import loads
from .errors import ProtocolError

VERSION = 1
ACK_STATES = frozenset({"received", "done", "failed", "rejected", "expired"})
ACK_CODES = frozenset(
    {
        "ok",
        "dup",
        "old_seq",
        "bad_boot",
        "bad_sig",
        "clock",
        "retained",
        "jammed",
        "busy",
        "unsupported",
    }
)
EVENTS = frozenset(
    {"smoke", "tamper", "jam", "door", "keypad", "scan", "presence", "exit"}
)
SEVERITIES = frozenset({"info", "warning", "critical"})
# Plausible ranges; a reading outside is a broken sensor or an attack, not a room.
READINGS = {
    "temp_c": (-60.0, 125.0),
    "hum_pct": (0.0, 100.0),
    "co2_ppm": (0.0, 50_000.0),
    "power_w": (-100_000.0, 1_000_000.0),
    "energy_wh": (0.0, 1e12),
}
FLAGS = ("smoke", "presence")
_CODE = re.compile(r"[a-z0-9_]{1,32}\Z")


@dataclass(frozen=True)
class Status:
    """Birth or will of a device (`st`)."""

    online: bool
    boot: str
    fw: str | None = None
    battery_pct: int | None = None
    rssi_dbm: int | None = None


@dataclass(frozen=True)
class Ack:
    """Answer of a device to the command `id`."""

    id: str
    st: str
    code: str
    ts: int | None
    boot: str | None


@dataclass(frozen=True)
class Tele:
    """Readings of a device at its own time `ts` (None if it has no clock)."""

    ts: int | None
    values: dict = field(default_factory=dict)
    battery_pct: int | None = None
    rssi_dbm: int | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened at a device; `payload` holds the event's own keys."""

    id: str
    ts: int | None
    ev: str
    sev: str | None
    payload: dict


def version(data):
    """Refuse a message of another version of the protocol."""
    given = data.get("v", VERSION)
    if isinstance(given, bool) or given != VERSION:
        raise ProtocolError("bad_version")


def _timestamp(data):
    # A device that never heard the time counts from 1970: what it says is still true.
    return optional(data, "ts", 0, EPOCH[1])


def _parse_st(data):
    if data.get("st") not in ("online", "offline"):
        raise ProtocolError("bad_st")
    firmware = data.get("fw")
    if firmware is not None and not (isinstance(firmware, str) and len(firmware) <= 64):
        raise ProtocolError("bad_fw")
    return Status(
        online=data["st"] == "online",
        boot=text(data.get("boot"), "bad_boot"),
        fw=firmware,
        battery_pct=optional(data, "bat_pct", 0, 100),
        rssi_dbm=optional(data, "rssi_dbm", -200, 50),
    )


def _parse_ack(data):
    state, code = data.get("st"), data.get("code", "ok")
    if not isinstance(state, str) or state not in ACK_STATES:
        raise ProtocolError("bad_st")
    if not isinstance(code, str) or not _CODE.match(code):
        raise ProtocolError("bad_code")
    boot = data.get("boot")
    return Ack(
        id=text(data.get("id"), "bad_id"),
        st=state,
        code=code,
        ts=_timestamp(data),
        boot=None if boot is None else text(boot, "bad_boot"),
    )


def _parse_tele(data):
    values = {}
    for key, (low, high) in READINGS.items():
        if data.get(key) is None:
            continue
        reading = number(data[key], f"bad_{key}")
        if not low <= reading <= high:
            raise ProtocolError(f"bad_{key}")
        values[key] = reading
    for key in FLAGS:
        if data.get(key) is None:
            continue
        if not isinstance(data[key], bool):
            raise ProtocolError(f"bad_{key}")
        values[key] = data[key]
    return Tele(
        ts=_timestamp(data),
        values=values,
        battery_pct=optional(data, "bat_pct", 0, 100),
        rssi_dbm=optional(data, "rssi_dbm", -200, 50),
    )


def _parse_evt(data):
    event = data.get("ev")
    if not isinstance(event, str) or event not in EVENTS:
        raise ProtocolError("bad_ev")
    severity = data.get("sev")
    if severity is not None and (
        not isinstance(severity, str) or severity not in SEVERITIES
    ):
        raise ProtocolError("bad_sev")
    payload = {k: v for k, v in data.items() if k not in ("v", "id", "ts", "ev", "sev")}
    if event == "scan" and not isinstance(payload.get("text"), str):
        raise ProtocolError("bad_text")
    if event == "keypad":
        payload["slot"] = integer(payload.get("slot"), 0, 2**31 - 1, "bad_slot")
        if not isinstance(payload.get("ok"), bool):
            raise ProtocolError("bad_ok")
    if event in ("smoke", "presence") and not isinstance(payload.get("on"), bool):
        raise ProtocolError("bad_on")
    return Event(
        id=text(data.get("id"), "bad_id"),
        ts=_timestamp(data),
        ev=event,
        sev=severity,
        payload=payload,
    )


_PARSERS = {"st": _parse_st, "ack": _parse_ack, "tele": _parse_tele, "evt": _parse_evt}


def parse(leaf, raw):
    """Read what a device published under `leaf`.

    :returns: Status, Ack, Tele or Event
    :raises ProtocolError: with a code saying which rule it broke
    """
    if leaf not in _PARSERS:
        raise ProtocolError("bad_topic")
    data = loads(raw)
    version(data)
    return _PARSERS[leaf](data)
