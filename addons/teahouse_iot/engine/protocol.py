"""The MQTT protocol of the house: topics and payloads, built and read strictly.

Pure functions, shared by the back office, the gateway and the simulator. Times on
the wire are integer UTC seconds. Everything that comes from a device is hostile
until it was parsed here: whatever is not exactly right raises `ProtocolError` with
a short stable code that the gateway counts per device. Unknown keys are ignored, so
newer devices can talk to older servers.
"""

import hashlib
import hmac
import json
import math
import re
from dataclasses import dataclass, field

PREFIX = "th/v1"
GATEWAY_STATUS_TOPIC = f"{PREFIX}/gw/st"
MAX_BYTES = 4096
MAX_DEPTH = 8
VERSION = 1

ACTS = {
    "unlock": "edge",
    "say": "edge",
    "power": "level",
    "light": "level",
    "ac": "level",
    "pin_set": "level",
    "pin_del": "level",
    "key_set": "level",
    "revoke": "level",
}
EDGE_ACTS = frozenset(act for act, klass in ACTS.items() if klass == "edge")
EDGE_LIFE = {"unlock": 15, "say": 30}
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
LEAVES_UP = frozenset({"ack", "st", "tele", "evt"})
# Plausible ranges; a reading outside is a broken sensor or an attack, not a room.
READINGS = {
    "temp_c": (-60.0, 125.0),
    "hum_pct": (0.0, 100.0),
    "co2_ppm": (0.0, 50_000.0),
    "power_w": (-100_000.0, 1_000_000.0),
    "energy_wh": (0.0, 1e12),
}
FLAGS = ("smoke", "presence")

_DEVICE = re.compile(r"[a-z0-9-]{1,32}\Z")
_IDENT = re.compile(r"[A-Za-z0-9_.:-]{1,64}\Z")
_EPOCH = (1_000_000_000, 9_999_999_999)


class ProtocolError(ValueError):
    """A message that breaks the protocol; `code` is stable, for counters."""

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


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


@dataclass(frozen=True)
class Cmd:
    """A command as the device sees it."""

    id: str
    seq: int
    boot: str
    exp: int
    act: str
    args: dict


# -- topics -------------------------------------------------------------------


def valid_device(dev):
    """Whether `dev` may be a device id (client id, user name, topic level)."""
    return isinstance(dev, str) and bool(_DEVICE.match(dev)) and dev != "gw"


def topic(dev, leaf):
    """Return `th/v1/<dev>/<leaf>`.

    :raises ProtocolError: `bad_topic` for anything that could leave its own branch
    """
    if not valid_device(dev) or leaf not in LEAVES_UP | {"cmd"}:
        raise ProtocolError("bad_topic", f"{dev}/{leaf}")
    return f"{PREFIX}/{dev}/{leaf}"


def parse_topic(text):
    """Return `(dev, leaf)` of a topic a device writes.

    :raises ProtocolError: `bad_topic`
    """
    parts = text.split("/") if isinstance(text, str) else []
    if (
        len(parts) != 4
        or "/".join(parts[:2]) != PREFIX
        or not valid_device(parts[2])
        or parts[3] not in LEAVES_UP
    ):
        raise ProtocolError("bad_topic")
    return parts[2], parts[3]


# -- reading ------------------------------------------------------------------


def _no_constant(name):
    raise ProtocolError("bad_number", name)


def _depth(text):
    """Nesting of JSON text, counted before parsing: deep input costs nothing."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_string = False
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def loads(raw):
    """Decode a payload to a dict, refusing what the protocol does not know.

    :param bytes raw: the payload as it came
    :raises ProtocolError: too_large, bad_utf8, too_deep, bad_json, bad_number,
        not_a_dict
    """
    if len(raw) > MAX_BYTES:
        raise ProtocolError("too_large", str(len(raw)))
    try:
        text = bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError("bad_utf8") from None
    if "\x00" in text or "\\u0000" in text:
        # PostgreSQL text and jsonb cannot hold it: refuse here, not in the batch.
        raise ProtocolError("bad_json", "nul")
    if _depth(text) > MAX_DEPTH:
        raise ProtocolError("too_deep")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ProtocolError:
        raise
    except ValueError:  # JSONDecodeError, and integers too long to convert
        raise ProtocolError("bad_json") from None
    if not isinstance(value, dict):
        raise ProtocolError("not_a_dict")
    return value


def _number(value, code="bad_number"):
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProtocolError(code)
    try:
        number = float(value)
    except OverflowError:
        raise ProtocolError(code) from None
    if not math.isfinite(number):
        raise ProtocolError(code)
    return number


def _integer(value, low, high, code="bad_number"):
    number = _number(value, code)
    if number != int(number) or not low <= number <= high:
        raise ProtocolError(code)
    return int(number)


def _text(value, code, pattern=_IDENT):
    if not isinstance(value, str) or not pattern.match(value):
        raise ProtocolError(code)
    return value


def _optional(data, key, low, high):
    if data.get(key) is None:
        return None
    return _integer(data[key], low, high, f"bad_{key}")


def _version(data):
    version = data.get("v", VERSION)
    if isinstance(version, bool) or version != VERSION:
        raise ProtocolError("bad_version")


def _timestamp(data):
    return _optional(data, "ts", *_EPOCH)


def _parse_st(data):
    if data.get("st") not in ("online", "offline"):
        raise ProtocolError("bad_st")
    firmware = data.get("fw")
    if firmware is not None and not (isinstance(firmware, str) and len(firmware) <= 64):
        raise ProtocolError("bad_fw")
    return Status(
        online=data["st"] == "online",
        boot=_text(data.get("boot"), "bad_boot"),
        fw=firmware,
        battery_pct=_optional(data, "bat_pct", 0, 100),
        rssi_dbm=_optional(data, "rssi_dbm", -200, 50),
    )


def _parse_ack(data):
    state, code = data.get("st"), data.get("code", "ok")
    if not isinstance(state, str) or state not in ACK_STATES:
        raise ProtocolError("bad_st")
    if not isinstance(code, str) or not re.match(r"[a-z0-9_]{1,32}\Z", code):
        raise ProtocolError("bad_code")
    boot = data.get("boot")
    return Ack(
        id=_text(data.get("id"), "bad_id"),
        st=state,
        code=code,
        ts=_timestamp(data),
        boot=None if boot is None else _text(boot, "bad_boot"),
    )


def _parse_tele(data):
    values = {}
    for key, (low, high) in READINGS.items():
        if data.get(key) is None:
            continue
        number = _number(data[key], f"bad_{key}")
        if not low <= number <= high:
            raise ProtocolError(f"bad_{key}")
        values[key] = number
    for key in FLAGS:
        if data.get(key) is None:
            continue
        if not isinstance(data[key], bool):
            raise ProtocolError(f"bad_{key}")
        values[key] = data[key]
    return Tele(
        ts=_timestamp(data),
        values=values,
        battery_pct=_optional(data, "bat_pct", 0, 100),
        rssi_dbm=_optional(data, "rssi_dbm", -200, 50),
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
        payload["slot"] = _integer(payload.get("slot"), 0, 2**31 - 1, "bad_slot")
        if not isinstance(payload.get("ok"), bool):
            raise ProtocolError("bad_ok")
    if event in ("smoke", "presence") and not isinstance(payload.get("on"), bool):
        raise ProtocolError("bad_on")
    return Event(
        id=_text(data.get("id"), "bad_id"),
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
    _version(data)
    return _PARSERS[leaf](data)


# -- writing ------------------------------------------------------------------


def dumps(value):
    """Compact UTF-8 JSON, at most `MAX_BYTES`.

    :raises ProtocolError: too_large, bad_number (NaN, infinity)
    """
    try:
        raw = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
    except ValueError:
        raise ProtocolError("bad_number") from None
    if len(raw) > MAX_BYTES:
        # Before publishing: with a broker limit a v3.1.1 client would believe in it.
        raise ProtocolError("too_large", str(len(raw)))
    return raw


def build_cmd(cmd_id, seq, boot, exp, act, args):
    """Return the payload of a command; `exp` is UTC seconds.

    :raises ProtocolError: for an unknown act, wrong arguments, or a text too long
    """
    check_args(act, args)
    return dumps(
        {
            "v": VERSION,
            "id": _text(cmd_id, "bad_id"),
            "seq": _integer(seq, 0, 2**63 - 1, "bad_seq"),
            "boot": boot,
            "exp": _integer(exp, *_EPOCH, "bad_exp"),
            "act": act,
            "args": args,
        }
    )


def parse_cmd(raw):
    """Read a command on the device's side.

    :raises ProtocolError: the device answers `rejected/unsupported` or keeps silent
    """
    data = loads(raw)
    _version(data)
    act, args = data.get("act"), data.get("args", {})
    check_args(act, args)
    return Cmd(
        id=_text(data.get("id"), "bad_id"),
        seq=_integer(data.get("seq"), 0, 2**63 - 1, "bad_seq"),
        boot=_text(data.get("boot"), "bad_boot"),
        exp=_integer(data.get("exp"), *_EPOCH, "bad_exp"),
        act=act,
        args=args,
    )


def _check_bool(value):
    if not isinstance(value, bool):
        raise ProtocolError("bad_args")


def _check_int(low, high):
    def check(value):
        _integer(value, low, high, "bad_args")

    return check


def _check_text(length):
    def check(value):
        if not isinstance(value, str) or not 0 < len(value) <= length:
            raise ProtocolError("bad_args")

    return check


def _check_pin(value):
    if not isinstance(value, str) or not re.match(r"[0-9]{4,10}\Z", value):
        raise ProtocolError("bad_args")


def _check_keys(value):
    if not isinstance(value, dict) or not 0 < len(value) <= 8:
        raise ProtocolError("bad_args")
    for day, key in value.items():
        if not re.match(r"\d{4}-\d{2}-\d{2}\Z", day) or not (
            isinstance(key, str) and re.match(r"[0-9a-f]{64}\Z", key)
        ):
            raise ProtocolError("bad_args")


_epoch = _check_int(*_EPOCH)
_slot = _check_int(1, 2**31 - 1)
# act -> (required, optional) arguments with their checks
ARGS = {
    "unlock": ({"pulse_ms": _check_int(100, 60_000)}, {}),
    "say": (
        {"text": _check_text(500)},
        {"lang": _check_text(16), "volume_pct": _check_int(0, 100)},
    ),
    "power": ({"on": _check_bool}, {"until": _epoch}),
    "light": ({"on": _check_bool}, {"until": _epoch, "level_pct": _check_int(0, 100)}),
    "ac": (
        {"on": _check_bool},
        {"until": _epoch, "mode": _check_text(16), "temp_c": _check_int(10, 35)},
    ),
    "pin_set": (
        {"slot": _slot, "pin": _check_pin, "from": _epoch, "to": _epoch},
        {},
    ),
    "pin_del": ({"slot": _slot}, {}),
    "key_set": ({"keys": _check_keys}, {}),
    "revoke": ({"grant": _check_int(1, 2**63 - 1), "until": _epoch}, {}),
}


def check_args(act, args):
    """Check the arguments of an act.

    :raises ProtocolError: unsupported (unknown act), bad_args
    """
    if not isinstance(act, str) or act not in ARGS:
        raise ProtocolError("unsupported", str(act)[:32])
    if not isinstance(args, dict):
        raise ProtocolError("bad_args")
    required, optional = ARGS[act]
    for key, check in required.items():
        if key not in args:
            raise ProtocolError("bad_args", key)
        check(args[key])
    for key, check in optional.items():
        if args.get(key) is not None:
            check(args[key])


# -- signatures for locks behind a shared bridge ------------------------------


def sign(key, dev, payload):
    """Wrap a payload in the signed envelope `{"p": text, "sig": hex}`.

    :param bytes key: the device's own key
    :param bytes payload: exact JSON bytes, as `build_cmd` made them
    """
    text = payload.decode()
    return dumps({"p": text, "sig": signature(key, dev, text)})


def signature(key, dev, text):
    """HMAC-SHA256 over the device id, a line feed and the exact JSON text."""
    return hmac.new(key, f"{dev}\n{text}".encode(), hashlib.sha256).hexdigest()


def verify(key, dev, raw):
    """Return the inner payload bytes of a signed envelope.

    :raises ProtocolError: bad_sig
    """
    data = loads(raw)
    text, given = data.get("p"), data.get("sig")
    if (
        not isinstance(text, str)
        or not isinstance(given, str)
        or not hmac.compare_digest(signature(key, dev, text), given.lower())
    ):
        raise ProtocolError("bad_sig")
    return text.encode()
