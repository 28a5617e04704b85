"""How values look in answers."""

import base64
import binascii
import json
from decimal import Decimal

from ..exceptions import TeahouseError
from ..tools.timeutil import iso  # noqa: F401 - part of the frame's interface


def money_str(amount, currency):
    """Return an amount as a decimal string, ``"125.00"``.

    :param amount: float or Decimal in units of the currency
    :param currency: res.currency record, gives the number of places
    """
    places = currency.decimal_places if currency else 2
    rounded = currency.round(float(amount or 0)) if currency else float(amount or 0)
    text = f"{Decimal(repr(rounded)):.{places}f}"
    return text.removeprefix("-") if not float(text) else text


def encode_cursor(*values):
    """Return an opaque cursor that holds JSON values."""
    raw = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(env, cursor, *types):
    """Return the values of a cursor, None for no cursor.

    :param str cursor: as the client sent it
    :param types: the type of each value
    :raise TeahouseError: invalid_request, it is not one of ours
    """
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError("shape")
        for value, kind in zip(values, types, strict=True):
            if not isinstance(value, kind) or isinstance(value, bool):
                raise ValueError("type")
            if isinstance(value, int) and abs(value) > 2**31 - 1:
                raise ValueError("range")
    except (ValueError, binascii.Error, RecursionError) as error:
        message = env._("The cursor is not one of this list.")
        errors = [{"field": "cursor", "message": message}]
        raise TeahouseError("invalid_request", message, errors) from error
    return values
