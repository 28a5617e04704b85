"""Values on their way in and out: maps, scales and templates, all of them data.

A template is JSON in which strings may hold `{name}`. A string that is nothing but
one placeholder takes the value with its type, otherwise its text is put in. `{name?}`
alone makes its key vanish when there is no such value. Nothing else is understood:
there are no expressions, hence nothing to escape from.
"""

import math
import re

from .errors import ProfileError

MAX_NODES = 200
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
HOLE = re.compile(r"\{([a-z][a-z0-9_]{0,31})(\??)\}")
_DROP = object()


def key_of(value):
    """Return the text under which a scalar stands in a map: true, 5, ON, null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def number(value):
    """Return a finite number from a number or its text, None from anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and (len(value) > 32 or not value.isascii()):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def names(template):
    """Return the names a template asks for.

    :raises ProfileError: bad_template
    """
    found = set()
    _walk(template, found, [0])
    return found


def _walk(node, found, count):
    count[0] += 1
    if count[0] > MAX_NODES:
        raise ProfileError("bad_template", "too long")
    if isinstance(node, str):
        found.update(match[1] for match in HOLE.finditer(node))
    elif isinstance(node, list):
        for child in node:
            _walk(child, found, count)
    elif isinstance(node, dict):
        for key, child in node.items():
            if not isinstance(key, str):
                raise ProfileError("bad_template", "key")
            _walk(child, found, count)
    elif node is not None and not isinstance(node, bool | int | float):
        raise ProfileError("bad_template", type(node).__name__)


def fill(template, values, keys=False):
    """Return a template with its values.

    :param values: {name: scalar}
    :param bool keys: keys of an object are templates too, as in maps
    :raises ProfileError: missing_value
    """
    if keys and isinstance(template, dict):
        return {
            key_of(_fill(key, values)): _fill(child, values)
            for key, child in template.items()
        }
    filled = _fill(template, values)
    if filled is _DROP:
        raise ProfileError("missing_value", str(template))
    return filled


def _fill(node, values):
    if isinstance(node, str):
        whole = HOLE.fullmatch(node)
        if whole:
            if values.get(whole[1]) is not None:
                return values[whole[1]]
            if whole[2]:
                return _DROP
        return HOLE.sub(lambda match: _text(match, values), node)
    if isinstance(node, list):
        filled = [_fill(child, values) for child in node]
        return [child for child in filled if child is not _DROP]
    if isinstance(node, dict):
        pairs = ((key, _fill(child, values)) for key, child in node.items())
        return {key: child for key, child in pairs if child is not _DROP}
    return node


def _text(match, values):
    value = values.get(match[1])
    if value is None:
        if match[2]:
            return ""
        raise ProfileError("missing_value", match[1])
    return key_of(value)


def derive(rule, values):
    """Return a value made from another one: mapped, scaled, kept within bounds.

    :param dict rule: `of`, and optionally `map`, `scale`, `add`, `mod`, `min`, `max`
    :return: None when there is nothing to make it from
    """
    value = values.get(rule["of"])
    if value is None:
        return rule.get("default")
    if "map" in rule:
        return rule["map"].get(key_of(value), rule.get("default"))
    result = number(value)
    if result is None:
        return None
    result = result * rule.get("scale", 1) + rule.get("add", 0)
    if rule.get("mod"):
        result %= rule["mod"]
    result = min(rule.get("max", result), max(rule.get("min", result), result))
    return int(result) if float(result).is_integer() else round(result, 3)
