"""QR texts of passes, as section 2 of the device protocol defines them.

``TH1.<grant>.<store>.<room>.<from>.<to>.<step>.<mac>``: grant, store and room id, the
window in Unix minutes, the step (Unix time // 60), all base36; the mac is the first 16
bytes, base64url, of HMAC-SHA256(day key, everything before it). The day key is
HMAC-SHA256(store secret, ISO date in UTC of the step), so that a reader which got the
keys of yesterday, today and tomorrow can verify passes while it is offline.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

VERSION = "TH1"
STEP_SECONDS = 60
MAC_BYTES = 16
#: Longest text that is looked at.
MAX_LENGTH = 160
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class PassError(ValueError):
    """A text that opens nothing; ``code`` says why."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Pass:
    """Content of a pass; the window in Unix minutes."""

    grant: int
    store: int
    room: int
    valid_from: int
    valid_to: int


def base36(number):
    """Return a non-negative integer in base 36, lower case."""
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if not number:
            return text


def day_key(secret, unix_time):
    """Return the 32-byte key of the UTC day in which an instant lies."""
    day = datetime.fromtimestamp(unix_time, UTC).date().isoformat()
    return hmac.digest(secret, day.encode(), hashlib.sha256)


def sign(content, secret, unix_time):
    """Return the QR text of a pass as it is at an instant.

    :param Pass content:
    :param bytes secret: of the store
    :param int unix_time: seconds
    """
    step = unix_time // STEP_SECONDS
    numbers = (
        content.grant,
        content.store,
        content.room,
        content.valid_from,
        content.valid_to,
        step,
    )
    head = ".".join([VERSION, *map(base36, numbers)])
    return f"{head}.{_mac(head, day_key(secret, step * STEP_SECONDS))}"


def verify(text, secret, unix_time, tolerance=1):
    """Return the content of a QR text that is genuine and fresh.

    Whether its window is open and its grant still stands is for the caller to ask.

    :param int tolerance: steps that clocks may differ
    :raise PassError: malformed, stale or forged
    :rtype: Pass
    """
    if len(text) > MAX_LENGTH or not text.isascii():
        raise PassError("malformed")
    parts = text.split(".")
    if len(parts) != 8 or parts[0] != VERSION:
        raise PassError("malformed")
    try:
        numbers = [int(part, 36) for part in parts[1:7]]
    except ValueError as error:
        raise PassError("malformed") from error
    # One text for one content: signs, blanks and leading zeros are not ours.
    if min(numbers) < 0 or [base36(number) for number in numbers] != parts[1:7]:
        raise PassError("malformed")
    *content, step = numbers
    if abs(step - unix_time // STEP_SECONDS) > tolerance:
        raise PassError("stale")
    head = text.rpartition(".")[0]
    expected = _mac(head, day_key(secret, step * STEP_SECONDS))
    if not hmac.compare_digest(expected, parts[7]):
        raise PassError("forged")
    return Pass(*content)


def _mac(head, key):
    mac = hmac.digest(key, head.encode(), hashlib.sha256)[:MAC_BYTES]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
