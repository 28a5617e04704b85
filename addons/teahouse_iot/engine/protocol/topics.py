"""Topics: `th/v1/<dev>/<leaf>`, and who may be called `<dev>`."""

import re

from .errors import ProtocolError

PREFIX = "th/v1"
GATEWAY_STATUS_TOPIC = f"{PREFIX}/gw/st"
LEAVES_UP = frozenset({"ack", "st", "tele", "evt"})
#: Topic levels below the prefix that are nobody's device.
RESERVED = frozenset({"gw"})

_DEVICE = re.compile(r"[a-z0-9-]{1,32}\Z")


def valid_device(dev):
    """Whether `dev` may be a device id (client id, user name, topic level)."""
    return isinstance(dev, str) and bool(_DEVICE.match(dev)) and dev not in RESERVED


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
