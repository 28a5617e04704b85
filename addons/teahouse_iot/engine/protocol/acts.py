"""Acts: what a device can be asked to do, and with which arguments."""

import re

from .checks import EPOCH, integer
from .errors import ProtocolError

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


def _check_bool(value):
    if not isinstance(value, bool):
        raise ProtocolError("bad_args")


def _check_int(low, high):
    def check(value):
        integer(value, low, high, "bad_args")

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


_epoch = _check_int(*EPOCH)
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
