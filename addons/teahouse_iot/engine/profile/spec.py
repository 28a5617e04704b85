"""The definition of a profile, checked once and then used without further checks.

A definition is JSON, see `readme/PROFILES.md`: `rules` say what comes in under which
topic, `commands` what goes out for an act and what must be heard before it is done.
"""

from dataclasses import dataclass, field

from ..protocol import ACTS, FLAGS, READINGS
from . import pointer, values
from .errors import ProfileError

MAX_RULES = 60
#: What a message can tell about a device, besides readings.
LIVE = ("online", "bat_pct", "rssi_dbm", "fw")
#: Events a value can become: when it turns true, and back.
EVENTS = ("smoke", "tamper", "jam", "door", "presence")
TARGETS = frozenset({*READINGS, *FLAGS, *LIVE, *(f"event.{name}" for name in EVENTS)})
BUILT_IN = frozenset(
    {"id", "seq", "exp", "uid", "ref", "now", "left_s", "pulse_ms", "on", "until"}
    | {"level_pct", "mode", "temp_c", "text", "lang", "volume_pct"}
    | {"slot", "pin", "from", "to"}
)


@dataclass(frozen=True)
class Read:
    """Takes one value out of a message."""

    to: str
    at: tuple
    map: dict | None = None
    scale: float | str = 1
    add: float = 0


@dataclass(frozen=True)
class Rule:
    """What comes in under a topic; `device` points at the device's ref, where the
    topic is shared by many."""

    topic: str
    reads: tuple
    device: tuple | None = None


@dataclass(frozen=True)
class Condition:
    """Something that must be heard after a command."""

    topic: str
    at: tuple
    equals: object = pointer.MISSING
    id: tuple | None = None
    device: tuple | None = None


@dataclass(frozen=True)
class Order:
    """What goes out for an act, when its arguments are like `when`."""

    topic: str
    payload: object
    done: tuple
    failed: tuple = ()
    when: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A checked definition.

    :param bool native: the project's own protocol; the rest is empty
    :param bool dedup: the device remembers ids, so that a resend does no harm
    :param int silent_s: any message means online, and this silence offline; 0: only
        the availability says so
    :param bool pin_window: the lock itself knows from when to when a PIN is good
    """

    native: bool = False
    dedup: bool = True
    silent_s: int = 0
    pin_window: bool = True
    rules: tuple = ()
    orders: dict = field(default_factory=dict)  # act -> (Order, ...)
    defaults: dict = field(default_factory=dict)

    def acts(self):
        """Return the acts a device of this profile understands."""
        return frozenset(ACTS) if self.native else frozenset(self.orders)


def build(definition):
    """Check a definition.

    :param dict definition: decoded JSON
    :rtype: Profile
    :raises ProfileError: with a code, and the place in `detail`
    """
    if not isinstance(definition, dict):
        raise ProfileError("not_an_object")
    _only(definition, _KEYS, "profile")
    if definition.get("native"):
        return Profile(native=True)
    maps = _maps(definition.get("maps", {}))
    rules = _list(definition.get("rules", []), "rules")
    commands = _dict(definition.get("commands", {}), "commands")
    defaults = _dict(definition.get("defaults", {}), "defaults")
    for name, value in defaults.items():
        _name(name)
        _scalar(value, f"defaults.{name}")
    orders = {}
    for act, variants in commands.items():
        if act not in ACTS:
            raise ProfileError("unknown_act", act)
        variants = variants if isinstance(variants, list) else [variants]
        orders[act] = tuple(_order(item, maps, act) for item in variants)
    silent = definition.get("silent_s", 0)
    if isinstance(silent, bool) or not isinstance(silent, int) or silent < 0:
        raise ProfileError("bad_number", "silent_s")
    return Profile(
        dedup=_flag(definition, "dedup"),
        pin_window=_flag(definition, "pin_window"),
        silent_s=silent,
        rules=tuple(_rule(item, maps) for item in rules),
        orders=orders,
        defaults=defaults,
    )


_KEYS = "v native dedup pin_window silent_s rules commands maps defaults note".split()
_RULE_KEYS = ("topic", "device", "reads", "note")
_READ_KEYS = ("to", "at", "map", "scale", "add")
_ORDER_KEYS = ("topic", "payload", "done", "failed", "when", "values", "note")
_CONDITION_KEYS = ("topic", "at", "equals", "id", "device")
_VALUE_KEYS = ("of", "map", "scale", "add", "mod", "min", "max", "default")


def _only(data, keys, place):
    for key in data:
        if key not in keys:
            raise ProfileError("unknown_key", f"{place}.{key}"[:80])


def _dict(value, place):
    if not isinstance(value, dict) or len(value) > MAX_RULES:
        raise ProfileError("not_an_object", place)
    return value


def _list(value, place):
    if not isinstance(value, list) or len(value) > MAX_RULES:
        raise ProfileError("not_a_list", place)
    return value


def _flag(data, key):
    value = data.get(key, True)
    if not isinstance(value, bool):
        raise ProfileError("not_a_flag", key)
    return value


def _name(value):
    if not isinstance(value, str) or not values.NAME.match(value):
        raise ProfileError("bad_name", str(value)[:40])
    return value


def _scalar(value, place):
    if isinstance(value, dict | list):
        raise ProfileError("not_a_value", place)
    return value


def _number(data, key, default, place):
    value = data.get(key, default)
    if isinstance(value, str) or values.number(value) is None:
        raise ProfileError("bad_number", f"{place}.{key}")
    return value


def _scale(item, place):
    value = item.get("scale", 1)
    if isinstance(value, str) and values.HOLE.fullmatch(value):
        return value
    return _number(item, "scale", 1, place)


def _maps(data):
    for name, table in _dict(data, "maps").items():
        _name(name)
        for value in _dict(table, f"maps.{name}").values():
            _scalar(value, f"maps.{name}")
    return data


def _map(data, maps, place):
    chosen = data.get("map")
    if chosen is None:
        return None
    if isinstance(chosen, dict):
        return _maps({"own": chosen})["own"]
    if not isinstance(chosen, str) or chosen not in maps:
        raise ProfileError("unknown_map", f"{place}: {chosen}"[:80])
    return maps[chosen]


def _topic(value, place):
    """A topic template: holes, but no wildcards, and not the gateway's own branch."""
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ProfileError("bad_topic", place)
    if any(char in value for char in "+#\x00"):
        raise ProfileError("bad_topic", value)
    values.names(value)
    return value


def _pointers(value, place):
    items = value if isinstance(value, list) else [value]
    if not 0 < len(items) <= 8:
        raise ProfileError("bad_pointer", place)
    for item in items:
        # Kept as text: it may name a value that a device or a command brings along.
        if not (isinstance(item, str) and values.names(item)):
            pointer.parse(item)
    return tuple(items)


def _pointer(data, key):
    value = data.get(key)
    return None if value is None else pointer.parse(value)


def _rule(data, maps):
    data = _dict(data, "rules")
    _only(data, _RULE_KEYS, "rules")
    topic = _topic(data.get("topic"), "rules.topic")
    reads = []
    for item in _list(data.get("reads", []), "reads"):
        item = _dict(item, "reads")
        _only(item, _READ_KEYS, "reads")
        target = item.get("to")
        if not isinstance(target, str) or not (
            target in TARGETS or values.names(target)
        ):
            raise ProfileError("unknown_target", str(target)[:40])
        reads.append(
            Read(
                target,
                _pointers(item.get("at", ""), target),
                _map(item, maps, target),
                _scale(item, target),
                _number(item, "add", 0, target),
            )
        )
    return Rule(topic, tuple(reads), _pointer(data, "device"))


def _order(data, maps, act):
    data = _dict(data, act)
    _only(data, _ORDER_KEYS, act)
    if "payload" not in data:
        raise ProfileError("no_payload", act)
    values.names(data["payload"])
    made = {}
    for name, rule in _dict(data.get("values", {}), f"{act}.values").items():
        rule = _dict(rule, name)
        _only(rule, _VALUE_KEYS, f"{act}.{name}")
        made[_name(name)] = _value_rule(rule, maps, name)
    done = [_condition(item, act) for item in _list(data.get("done", []), act)]
    if not done:
        # Only the device's word counts: what is never confirmed cannot be offered.
        raise ProfileError("no_confirmation", act)
    when = _dict(data.get("when", {}), f"{act}.when")
    for value in when.values():
        _scalar(value, f"{act}.when")
    return Order(
        _topic(data.get("topic"), f"{act}.topic"),
        data["payload"],
        tuple(done),
        tuple(_condition(item, act) for item in _list(data.get("failed", []), act)),
        when,
        made,
    )


def _value_rule(rule, maps, name):
    checked = {"of": _name(rule.get("of"))}
    table = _map(rule, maps, name)
    if table is not None:
        checked["map"] = table
    for key in ("scale", "add", "mod", "min", "max"):
        if key in rule:
            checked[key] = _number(rule, key, 0, name)
    if checked.get("mod", 1) <= 0:
        raise ProfileError("bad_number", f"{name}.mod")
    if "default" in rule:
        checked["default"] = _scalar(rule["default"], name)
    return checked


def _condition(data, act):
    data = _dict(data, f"{act}.done")
    _only(data, _CONDITION_KEYS, f"{act}.done")
    equals = data.get("equals", pointer.MISSING)
    if equals is not pointer.MISSING:
        values.names(_scalar(equals, f"{act}.done"))
    return Condition(
        _topic(data.get("topic"), f"{act}.done"),
        _pointers(data.get("at", ""), act),
        equals,
        _pointer(data, "id"),
        _pointer(data, "device"),
    )
