"""Phone numbers of members: mobiles of mainland China, kept as E.164."""

import re

_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_SEPARATORS = re.compile(r"[\s\-()]")


def normalise_phone(phone):
    """Return a mainland mobile number as ``+8613800000001``, else None.

    National and international spellings, with or without separators, are read.
    Other countries are refused: text messages abroad invite fraud.
    """
    match = _MOBILE.fullmatch(_SEPARATORS.sub("", phone or ""))
    return f"+86{match[1]}" if match else None
