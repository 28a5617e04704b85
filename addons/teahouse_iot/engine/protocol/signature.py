"""Signatures for locks behind a shared bridge.

A bridge connects with one credential for many locks; the signature tells a lock
that a command comes from the house and is meant for it.
"""

import hashlib
import hmac

from .codec import dumps, loads
from .errors import ProtocolError


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
