"""JSON pointers (RFC 6901), with `*` for "the first that fits" at one level."""

from .errors import ProfileError

MAX_PARTS = 8
#: Returned where a pointer leads nowhere; None is a value.
MISSING = object()


def parse(text):
    """Split a pointer into its parts.

    :raises ProfileError: bad_pointer
    """
    if not isinstance(text, str) or len(text) > 200:
        raise ProfileError("bad_pointer", str(text)[:40])
    if text == "":
        return ()
    if not text.startswith("/"):
        raise ProfileError("bad_pointer", text)
    parts = text[1:].split("/")
    if len(parts) > MAX_PARTS:
        raise ProfileError("bad_pointer", text)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def find(document, parts):
    """Return what a parsed pointer points at, MISSING for nothing.

    :param document: decoded JSON
    :param parts: as :func:`parse` gives them
    """
    for place, part in enumerate(parts):
        if part == "*":
            return _any(document, parts[place + 1 :])
        document = _step(document, part)
        if document is MISSING:
            return MISSING
    return document


def _any(document, rest):
    children = document.values() if isinstance(document, dict) else document
    if not isinstance(document, dict | list):
        return MISSING
    for child in children:
        value = find(child, rest)
        if value is not MISSING:
            return value
    return MISSING


def _step(document, part):
    if isinstance(document, dict):
        return document.get(part, MISSING)
    # Digits of ASCII only, and few: int() would take other scripts and any length.
    if isinstance(document, list) and len(part) < 5 and part.isascii():
        if part.isdigit() and int(part) < len(document):
            return document[int(part)]
    return MISSING


def first(document, pointers):
    """Return the first scalar that one of some parsed pointers finds, or MISSING."""
    for parts in pointers:
        value = find(document, parts)
        if value is not MISSING and not isinstance(value, dict | list):
            return value
    return MISSING
