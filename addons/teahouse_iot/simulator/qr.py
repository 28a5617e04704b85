"""A reader that is cut off decides on a QR pass with the keys it was given."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

STEP_SECONDS = 60


def check(text, memory, spec, now):
    """Judge a pass as the protocol asks of a reader without network.

    :param str text: ``TH1.<grant>.<store>.<room>.<from>.<to>.<step>.<mac>``
    :param Memory memory: day keys and revoked grants
    :param dict spec: ``store`` and ``room`` ids of the reader, if it knows them
    :param float now: the reader's clock
    :return: ``ok`` or why not: malformed, bad_mac, stale, window, place, revoked
    :rtype: str
    """
    parts = text.split(".")
    if len(parts) != 8 or parts[0] != "TH1":
        return "malformed"
    try:
        grant, store, room, start, end, step = (int(part, 36) for part in parts[1:7])
    except ValueError:
        return "malformed"
    if not _mac_is_right(text.rpartition(".")[0], parts[7], memory.keys, now):
        return "bad_mac"
    if abs(step - int(now) // STEP_SECONDS) > 1:
        return "stale"
    if not start * 60 <= now < end * 60:
        return "window"
    if spec.get("store") not in (None, store) or spec.get("room") not in (None, room):
        return "place"
    until = memory.revoked.get(str(grant))
    return "revoked" if until and now < until else "ok"


def _mac_is_right(head, mac, keys, now):
    today = datetime.fromtimestamp(now, UTC).date()
    for offset in (-1, 0, 1):
        key = keys.get((today + timedelta(days=offset)).isoformat())
        if key:
            digest = hmac.new(
                bytes.fromhex(key), head.encode(), hashlib.sha256
            ).digest()
            expected = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
            if hmac.compare_digest(expected, mac.rstrip("=")):
                return True
    return False
