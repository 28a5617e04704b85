"""JSON of the protocol: small, strict, and cheap to refuse."""

import json

from .errors import ProtocolError

MAX_BYTES = 4096
MAX_DEPTH = 8


def _no_constant(name):
    raise ProtocolError("bad_number", name)


# Made once: json.loads with an option of its own builds a decoder for every call.
_decode = json.JSONDecoder(parse_constant=_no_constant).decode
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode


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


def decode(raw, max_bytes=MAX_BYTES):
    """Decode a payload to any JSON value, refusing what the protocol does not know.

    :param bytes raw: the payload as it came
    :raises ProtocolError: too_large, bad_utf8, too_deep, bad_json, bad_number
    """
    if len(raw) > max_bytes:
        raise ProtocolError("too_large", str(len(raw)))
    try:
        text = str(raw, "utf-8")
    except UnicodeDecodeError:
        raise ProtocolError("bad_utf8") from None
    if "\x00" in text or "\\u0000" in text:
        # PostgreSQL text and jsonb cannot hold it: refuse here, not in the batch.
        raise ProtocolError("bad_json", "nul")
    # Few brackets cannot be deep: that spares nearly every message the long way.
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise ProtocolError("too_deep")
    try:
        return _decode(text)
    except ProtocolError:
        raise
    except (ValueError, RecursionError):
        raise ProtocolError("bad_json") from None


def loads(raw):
    """Decode a payload to a dict.

    :param bytes raw: the payload as it came
    :raises ProtocolError: as :func:`decode`, and not_a_dict
    """
    value = decode(raw)
    if not isinstance(value, dict):
        raise ProtocolError("not_a_dict")
    return value


def dumps(value):
    """Compact UTF-8 JSON, at most `MAX_BYTES`.

    :raises ProtocolError: too_large, bad_number (NaN, infinity), bad_utf8
    """
    try:
        raw = _encode(value).encode()
    except UnicodeEncodeError:  # a lone surrogate
        raise ProtocolError("bad_utf8") from None
    except ValueError:
        raise ProtocolError("bad_number") from None
    if len(raw) > MAX_BYTES:
        # Before publishing: with a broker limit a v3.1.1 client would believe in it.
        raise ProtocolError("too_large", str(len(raw)))
    return raw
