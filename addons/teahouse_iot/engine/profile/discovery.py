"""Home Assistant's MQTT discovery: what a device says it is, made a proposal.

A proposal binds nothing; a person does. Templates of the announcement are never
evaluated: `{{ value_json.a.b }}` is read as the pointer `/a/b`, anything else makes
that part of the announcement unusable.
"""

import re
from dataclasses import dataclass, field

from ..protocol import ProtocolError, decode
from .errors import ProfileError

DISCOVERY_FILTERS = ("homeassistant/+/+/config", "homeassistant/+/+/+/config")
PREFIX = "homeassistant/"
MAX_BYTES = 65_536
MAX_PROPOSALS = 40
#: Short names as the discovery's documentation lists them.
SHORT = {
    "~": "~",
    "avty": "availability",
    "avty_t": "availability_topic",
    "cmd_t": "command_topic",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "ids": "identifiers",
    "mdl": "model",
    "mf": "manufacturer",
    "o": "origin",
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "pl_open": "payload_open",
    "pl_unlk": "payload_unlock",
    "stat_off": "state_off",
    "stat_on": "state_on",
    "stat_t": "state_topic",
    "stat_unlocked": "state_unlocked",
    "sw": "sw_version",
    "t": "topic",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
#: device_class of a sensor -> reading
SENSORS = {
    "temperature": "temp_c",
    "humidity": "hum_pct",
    "carbon_dioxide": "co2_ppm",
    "power": "power_w",
    "energy": "energy_wh",
    "battery": "bat_pct",
    "signal_strength": "rssi_dbm",
}
BINARY = {
    "smoke": "event.smoke",
    "tamper": "event.tamper",
    "door": "event.door",
    "opening": "event.door",
    "motion": "presence",
    "occupancy": "presence",
    "presence": "presence",
}
UNITS = {"kWh": 1000, "kW": 1000, "Wh": 1, "W": 1}
_TEMPLATE = re.compile(r"\{\{\s*value_json((?:\.[A-Za-z_][A-Za-z0-9_]*){1,6})\s*\}\}")
_BRACKETS = re.compile(
    r"\{\{\s*value_json((?:\[\s*'[^'\[\]{}]{1,40}'\s*\]){1,6})\s*\}\}"
)


@dataclass(frozen=True)
class Proposal:
    """A device that announced itself.

    :param str key: the same for every announcement of this device
    :param str kind: kind of device in the house
    :param str profile: code of the profile that fits
    :param dict values: what the profile asks for
    """

    key: str
    kind: str
    name: str
    profile: str
    values: dict = field(default_factory=dict)
    model: str = ""
    fw: str = ""


def is_discovery(topic):
    """Tell whether a topic may be an announcement."""
    return topic.startswith(PREFIX) and topic.endswith("/config")


def discover(topic, payload):
    """Read an announcement.

    :param str topic: `homeassistant/<component>/…/config`
    :param bytes payload: empty when the device takes its announcement back
    :rtype: list[Proposal]
    :raises ProfileError: nothing usable in it
    """
    parts = topic.split("/")
    if not is_discovery(topic) or len(parts) not in (4, 5):
        raise ProfileError("bad_topic", topic[:80])
    if not payload:
        return []
    try:
        data = decode(payload, MAX_BYTES)
    except ProtocolError as error:
        raise ProfileError(error.code) from None
    data = _long(data)
    component, node = parts[1], parts[-2]
    if component == "device":
        # One announcement, many things: each is a device of its own here.
        pieces = data.get("components")
        if not isinstance(pieces, dict):
            raise ProfileError("not_an_object", "components")
        found = []
        for name, piece in list(pieces.items())[:MAX_PROPOSALS]:
            piece = {**data, **_long(piece)}
            kind = _text(piece, "platform")
            found += _proposals(kind, f"{node}-{name}", piece)
        return found
    return _proposals(component, node, data)


def _long(data):
    """Return an object with the long names of its keys, and `~` filled in."""
    if not isinstance(data, dict):
        raise ProfileError("not_an_object")
    data = {SHORT.get(key, key): value for key, value in data.items()}
    base = data.get("~")
    for key, value in data.items():
        if key.endswith("topic") and isinstance(value, str) and isinstance(base, str):
            if value.startswith("~"):
                data[key] = base + value[1:]
            elif value.endswith("~"):
                data[key] = value[:-1] + base
    return data


def _proposals(component, node, data):
    maker = _MAKERS.get(component)
    made = maker(data) if maker else None
    if not made:
        return []
    kind, profile, values = made
    device = data.get("device")
    device = _long(device) if isinstance(device, dict) else {}
    key = _text(data, "unique_id") or node
    name = _text(data, "name") or _text(device, "name") or key
    model = " ".join(
        part for part in (_text(device, "manufacturer"), _text(device, "model")) if part
    )
    values.update(_availability(data))
    fw = _text(device, "sw_version")
    return [Proposal(key[:64], kind, name[:64], profile, values, model[:64], fw[:64])]


def _availability(data):
    listed = data.get("availability")
    first = listed[0] if isinstance(listed, list) and listed else listed
    if isinstance(first, dict):
        first = _long(first)
        data = {**data, **first, "availability_topic": first.get("topic")}
    topic = _topic(data, "availability_topic")
    if not topic:
        return {}
    return {
        "availability_topic": topic,
        "payload_available": _text(data, "payload_available") or "online",
        "payload_not_available": _text(data, "payload_not_available") or "offline",
    }


def _lock(data):
    command, state = _topic(data, "command_topic"), _topic(data, "state_topic")
    if not command or not state or data.get("optimistic") is True:
        # Without a state nobody says that the door opened.
        return None
    return (
        "lock",
        "homeassistant_lock",
        {
            "command_topic": command,
            "state_topic": state,
            "pointer": _pointer(data),
            # OPEN throws the latch, where the lock has one.
            "payload_unlock": _text(data, "payload_open")
            or _text(data, "payload_unlock")
            or "UNLOCK",
            "state_unlocked": _text(data, "state_unlocked") or "UNLOCKED",
        },
    )


def _switch(data):
    command, state = _topic(data, "command_topic"), _topic(data, "state_topic")
    if not command or not state or data.get("schema", "default") != "default":
        return None
    on, off = _text(data, "payload_on") or "ON", _text(data, "payload_off") or "OFF"
    return (
        "power",
        "homeassistant_switch",
        {
            "command_topic": command,
            "state_topic": state,
            "pointer": _pointer(data),
            "payload_on": on,
            "payload_off": off,
            "state_on": _text(data, "state_on") or on,
            "state_off": _text(data, "state_off") or off,
        },
    )


def _light(data):
    made = _switch(data)
    return made and ("light", made[1], made[2])


def _sensor(data):
    state = _topic(data, "state_topic")
    target = SENSORS.get(_text(data, "device_class"))
    if not state or not target:
        return None
    values = {"state_topic": state, "pointer": _pointer(data), "target": target}
    if target in ("power_w", "energy_wh"):
        scale = UNITS.get(_text(data, "unit_of_measurement"))
        if scale is None:
            return None
        values["scale"] = scale
    elif target == "temp_c" and _text(data, "unit_of_measurement") not in ("", "°C"):
        return None
    return "sensor", "homeassistant_sensor", values


def _binary(data):
    state = _topic(data, "state_topic")
    target = BINARY.get(_text(data, "device_class"))
    if not state or not target:
        return None
    return (
        "sensor",
        "homeassistant_binary",
        {
            "state_topic": state,
            "pointer": _pointer(data),
            "target": target,
            "payload_on": _text(data, "payload_on") or "ON",
            "payload_off": _text(data, "payload_off") or "OFF",
        },
    )


_MAKERS = {
    "lock": _lock,
    "switch": _switch,
    "light": _light,
    "sensor": _sensor,
    "binary_sensor": _binary,
}


def _pointer(data):
    """Return the pointer a value template means.

    :raises ProfileError: bad_template
    """
    template = data.get("value_template")
    if template in (None, "", "{{ value }}", "{{value}}"):
        return ""
    if isinstance(template, str):
        plain = _TEMPLATE.fullmatch(template.strip())
        if plain:
            return plain[1].replace(".", "/")
        quoted = _BRACKETS.fullmatch(template.strip())
        if quoted:
            keys = re.findall(r"'([^']*)'", quoted[1])
            return "".join(
                f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys
            )
    raise ProfileError("bad_template", str(template)[:80])


def _text(data, key):
    value = data.get(key)
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _topic(data, key):
    value = _text(data, key)
    if any(c in value for c in "+#\x00{}") or value.startswith(("th/v1/", "$")):
        raise ProfileError("bad_topic", key)
    return value
