"""Checks of single values, shared by everything that reads or writes messages."""

import math
import re

from .errors import ProtocolError

#: Seconds that can be an instant of this house.
EPOCH = (1_000_000_000, 9_999_999_999)
IDENT = re.compile(r"[A-Za-z0-9_.:-]{1,64}\Z")


def number(value, code="bad_number"):
    """Return a finite float; booleans are no numbers.

    :raises ProtocolError: with `code`
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProtocolError(code)
    try:
        result = float(value)
    except OverflowError:
        raise ProtocolError(code) from None
    if not math.isfinite(result):
        raise ProtocolError(code)
    return result


def integer(value, low, high, code="bad_number"):
    """Return a whole number between two bounds.

    :raises ProtocolError: with `code`
    """
    result = number(value, code)
    if result != int(result) or not low <= result <= high:
        raise ProtocolError(code)
    return int(result)


def text(value, code, pattern=IDENT):
    """Return a string that matches a pattern.

    :raises ProtocolError: with `code`
    """
    if not isinstance(value, str) or not pattern.match(value):
        raise ProtocolError(code)
    return value


def optional(data, key, low, high):
    """Return a whole number of a message, None where it has none.

    :raises ProtocolError: `bad_<key>`
    """
    if data.get(key) is None:
        return None
    return integer(data[key], low, high, f"bad_{key}")
