"""The MQTT protocol of the house: topics and payloads, built and read strictly.

Pure functions, shared by the back office, the gateway and the simulator. Times on
the wire are integer UTC seconds.
"""

from .acts import ACTS, EDGE_ACTS, EDGE_LIFE, check_args
from .codec import MAX_BYTES, MAX_DEPTH, decode, dumps, loads
from .commands import Cmd, build_cmd, parse_cmd
from .errors import ProtocolError
from .messages import (
    ACK_CODES,
    ACK_STATES,
    EVENTS,
    FLAGS,
    READINGS,
    SEVERITIES,
    VERSION,
    Ack,
    Event,
    Status,
    Tele,
    parse,
)
from .signature import sign, signature, verify
from .topics import (
    GATEWAY_STATUS_TOPIC,
    LEAVES_UP,
    PREFIX,
    parse_topic,
    topic,
    valid_device,
)

__all__ = [
    "ACK_CODES",
    "ACK_STATES",
    "ACTS",
    "EDGE_ACTS",
    "EDGE_LIFE",
    "EVENTS",
    "FLAGS",
    "GATEWAY_STATUS_TOPIC",
    "LEAVES_UP",
    "MAX_BYTES",
    "MAX_DEPTH",
    "PREFIX",
    "READINGS",
    "SEVERITIES",
    "VERSION",
    "Ack",
    "Cmd",
    "Event",
    "ProtocolError",
    "Status",
    "Tele",
    "build_cmd",
    "check_args",
    "decode",
    "dumps",
    "loads",
    "parse",
    "parse_cmd",
    "parse_topic",
    "sign",
    "signature",
    "topic",
    "valid_device",
    "verify",
]
