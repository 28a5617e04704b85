"""From raw query and body to validated instances, or to field errors."""

import json

import pydantic

from odoo.tools.translate import LazyTranslate

from ..exceptions import TeahouseError
from . import strictjson

_lt = LazyTranslate(__name__)

#: pydantic's error types -> our words; others keep the general one
_MESSAGES = {
    "missing": _lt("This field is required."),
    "extra_forbidden": _lt("This field is unknown."),
    "timezone_aware": _lt("The instant needs an offset, such as +08:00."),
    "timezone_naive": _lt("The instant must have no offset."),
    "instant_text": _lt("An instant in ISO 8601 with offset is expected."),
    "instant_range": _lt("The instant is out of range."),
    "money_text": _lt('An amount as text is expected, such as "125.00".'),
    "string_too_short": _lt("The text is too short."),
    "string_too_long": _lt("The text is too long."),
    "string_pattern_mismatch": _lt("The text does not have the expected form."),
    "literal_error": _lt("This is not one of the possible values."),
    "enum": _lt("This is not one of the possible values."),
    "greater_than": _lt("The number is too small."),
    "greater_than_equal": _lt("The number is too small."),
    "less_than": _lt("The number is too large."),
    "less_than_equal": _lt("The number is too large."),
    "too_long": _lt("There are too many entries."),
    "too_short": _lt("There are too few entries."),
    "repeated": _lt("This parameter may be given once only."),
    "character": _lt("The text holds characters that are not allowed."),
    "duplicate": _lt("A name occurs twice in one object."),
    "number": _lt("The number is not acceptable."),
    "depth": _lt("The nesting is too deep."),
    "encoding": _lt("The body is not UTF-8."),
    "syntax": _lt("The body is not JSON."),
}
_WRONG_TYPE = _lt("A value of another type is expected.")
_WRONG = _lt("The value is not acceptable.")


def message_of(env, kind):
    """Return the translated message of an error type."""
    found = _MESSAGES.get(kind)
    if found is None:
        found = _WRONG_TYPE if kind.endswith(("_type", "_parsing")) else _WRONG
    return found._translate(env.lang or "en_US")


def refusal(env, errors):
    """Return the TeahouseError of field errors.

    :param errors: (field, error type) pairs
    """
    shown = [
        {"field": field, "message": message_of(env, kind)} for field, kind in errors
    ]
    return TeahouseError("invalid_request", env._("The request is not valid."), shown)


def _pairs(error):
    for item in error.errors(include_url=False, include_input=False):
        # A schema of ours may raise ValueError("kind") or ValueError("kind:field").
        kind = item["type"]
        field = ".".join(strictjson.clean_text(str(part)) for part in item["loc"])
        if kind == "value_error":
            kind, _sep, named = str(item["ctx"]["error"]).partition(":")
            field = named or field
        yield field[:128], kind


def read_json(env, raw):
    """Return the value of a JSON body (bytes).

    :raise TeahouseError: invalid_request with the place
    """
    try:
        return strictjson.parse(raw)
    except strictjson.JsonRefused as error:
        raise refusal(env, [(error.path or "body", error.reason)]) from error


def validate_body(env, schema, value):
    """Return the instance of a schema for a parsed body.

    :raise TeahouseError: invalid_request with one entry for each wrong field
    """
    if not isinstance(value, dict):
        raise refusal(env, [("body", "dict_type")])
    try:
        return schema.model_validate_json(json.dumps(value), strict=True)
    except pydantic.ValidationError as error:
        raise refusal(env, list(_pairs(error))) from error


def validate_query(env, schema, args):
    """Return the instance of a schema for the query parameters (a MultiDict).

    :raise TeahouseError: invalid_request, also for a parameter that occurs twice
    """
    values, errors = {}, []
    for name, given in args.lists():
        if not all(map(strictjson.is_clean, (name, *given))):
            errors.append((strictjson.clean_text(name), "character"))
        elif _is_list(schema, name):
            values[name] = given
        elif len(given) > 1:
            errors.append((name, "repeated"))
        else:
            values[name] = given[0]
    if errors:
        raise refusal(env, errors)
    try:
        return schema.model_validate_strings(values)
    except pydantic.ValidationError as error:
        raise refusal(env, list(_pairs(error))) from error


def _is_list(schema, name):
    field = schema.model_fields.get(name)
    return field is not None and "list" in str(field.annotation)
