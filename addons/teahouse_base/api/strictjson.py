"""A strict reader of JSON request bodies.

The standard reader lets through what no honest client sends and what hurts later:
repeated names, NaN, endless nesting, NUL characters, numbers that no column holds.
"""

import json
import math

MAX_DEPTH = 32
MAX_INTEGER = 2**31 - 1


class JsonRefused(ValueError):
    """The text is not acceptable JSON.

    :param str path: where, as dotted names, empty for the whole text
    :param str reason: one of ``syntax``, ``encoding``, ``duplicate``, ``number``,
        ``depth``, ``character``
    """

    def __init__(self, reason, path=""):
        super().__init__(reason)
        self.reason = reason
        self.path = path


def _no_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        seen = set()
        repeated = next(k for k, _v in pairs if k in seen or seen.add(k))
        raise JsonRefused("duplicate", clean_text(repeated)[:64])
    return result


def _no_constant(_name):
    raise JsonRefused("number")


def clean_text(text):
    """Return ``text`` without what can be neither stored nor answered."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def is_clean(text):
    """Tell whether a text can be stored: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _check(value, path, depth):
    if depth > MAX_DEPTH:
        raise JsonRefused("depth", path)
    if isinstance(value, dict):
        for name, item in value.items():
            if not is_clean(name):
                raise JsonRefused("character", path)
            _check(item, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{path}.{index}" if path else str(index), depth + 1)
    elif isinstance(value, str):
        if not is_clean(value):
            raise JsonRefused("character", path)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise JsonRefused("number", path)
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise JsonRefused("number", path)


def parse(raw):
    """Return the value of a JSON text.

    :param bytes raw: UTF-8
    :raise JsonRefused: with the reason and the place
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonRefused("encoding") from error
    try:
        value = json.loads(
            text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant
        )
    except RecursionError as error:
        raise JsonRefused("depth") from error
    except JsonRefused:
        raise
    except ValueError as error:
        raise JsonRefused("syntax") from error
    _check(value, "", 0)
    return value


def canonical(value):
    """Return the one spelling of a parsed value, to compare two bodies (bytes)."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
