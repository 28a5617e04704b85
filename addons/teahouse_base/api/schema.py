"""Schemas of requests and answers, and their extension by upper addons.

A schema that an addon extends with :func:`extend_schema` has the added fields only
in databases where that addon is installed: :func:`resolve` composes it for a set
of installed modules.
"""

import functools
import re
import typing
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import pydantic
from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

MAX_LIMIT = 100
_MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?")
_ISO_START = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:\d\d)$")

T = TypeVar("T")


class Schema(pydantic.BaseModel):
    """Base of every request and answer: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _instant_text(value):
    """Read ISO 8601 text, and mend a ``+`` that a query string lost."""
    if not isinstance(value, str) or not _ISO_START.match(value):
        raise ValueError("instant_text")
    try:
        return datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", value))
    except ValueError as error:
        raise ValueError("instant_text") from error


def _instant_range(value):
    if not 2000 <= value.year < 2100:
        raise ValueError("instant_range")
    return value


def _money_text(value):
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise ValueError("money_text")
    return Decimal(value)


#: ISO 8601 with offset; an aware datetime in the handler.
Instant = Annotated[
    AwareDatetime,
    pydantic.AfterValidator(_instant_range),
    BeforeValidator(_instant_text),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "examples": ["2026-12-05T15:00:00+08:00"],
        }
    ),
]

#: An amount as a decimal string with at most two places; a Decimal in the handler.
Money = Annotated[
    Decimal,
    BeforeValidator(_money_text),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^-?\d{1,12}(\.\d{1,2})?$",
            "examples": ["125.00"],
        }
    ),
]


class PageQuery(Schema):
    """Query of a list: how many, and from where."""

    limit: int = Field(20, ge=1, le=MAX_LIMIT, description="Entries to answer.")
    cursor: str | None = Field(
        None, max_length=256, description="`next_cursor` of the page before."
    )


class Page(Schema, Generic[T]):
    """Answer of a list; declare it as ``response=Page[ItemOut]``."""

    items: list[T]
    next_cursor: str | None = None


class NoFields(Schema):
    """The query or body of a route that declares none."""


def page(items, next_cursor=None):
    """Return the answer of a list.

    :param list items: JSON-ready dicts
    :param str next_cursor: opaque, None on the last page
    """
    return {"items": items, "next_cursor": next_cursor}


# Extension

_extensions: dict[type, list[type]] = {}


def _module_of(cls):
    """Return the addon that declares a class, None outside of addons."""
    parts = cls.__module__.split(".")
    return parts[2] if parts[:2] == ["odoo", "addons"] else None


def extend_schema(base):
    """Class decorator: add the class's fields to the schema ``base``.

    They exist while the addon that declares the class is installed; without it
    they are unknown fields. The class may be plain; what is returned is a Schema.
    """

    def decorate(cls):
        if not issubclass(cls, Schema):
            drop = ("__dict__", "__weakref__")
            body = {k: v for k, v in vars(cls).items() if k not in drop}
            cls = type(Schema)(cls.__name__, (Schema,), body)
        _extensions.setdefault(base, []).append(cls)
        resolve.cache_clear()
        return cls

    return decorate


def extending_modules():
    """Return the names of all addons that extend any schema."""
    return {_module_of(cls) for found in _extensions.values() for cls in found}


def for_modules(schema, installed):
    """Return ``schema`` as it is with the addons of ``installed`` (a set)."""
    return resolve(schema, frozenset(extending_modules() & set(installed)))


@functools.lru_cache(maxsize=2048)
def resolve(schema, modules):
    """Return a schema composed with the extensions that ``modules`` declare.

    Schemas inside its fields are composed too. A schema that nothing extends is
    returned as it is.

    :param type schema: a Schema
    :param frozenset modules: extending addons that count
    """
    added = [
        cls
        # What extends a schema extends those that inherit it.
        for ancestor in reversed(schema.__mro__)
        for cls in _extensions.get(ancestor, ())
        if _module_of(cls) is None or _module_of(cls) in modules
    ]
    parts = [resolve(cls, modules) for cls in added]
    replaced = {}
    for name, field in schema.model_fields.items():
        inner = _substitute(field.annotation, modules)
        redeclared = [p for p in parts if name in p.model_fields]
        inner = _merge_choices(inner, [p.model_fields[name] for p in redeclared])
        if inner is not field.annotation:
            source = redeclared[-1].model_fields[name] if redeclared else field
            replaced[name] = (inner, _with_annotation(source, inner))
    if not parts and not replaced:
        return schema
    bases = (*reversed(parts), schema)
    composed = pydantic.create_model(schema.__name__, __base__=bases, **replaced)
    composed.__doc__ = schema.__doc__
    return composed


def _with_annotation(field, annotation):
    clone = field._copy() if hasattr(field, "_copy") else field
    clone.annotation = annotation
    return clone


def _merge_choices(annotation, redeclared):
    """Return a field's choices together with those that extensions add to it.

    A field that is no choice is left to the redeclaration that comes last.
    """
    if not redeclared:
        return annotation
    choices, optional = _choices(annotation)
    for field in redeclared:
        more, may_be_none = _choices(field.annotation)
        if choices is None or more is None:
            return redeclared[-1].annotation
        choices += [choice for choice in more if choice not in choices]
        optional = optional or may_be_none
    merged = typing.Literal[tuple(choices)]
    return merged | None if optional else merged


def _choices(annotation):
    """Return the values of a Literal (or None), and whether None is one more."""
    if typing.get_origin(annotation) is typing.Literal:
        return list(typing.get_args(annotation)), False
    args = [a for a in typing.get_args(annotation) if a is not type(None)]
    if len(args) == 1 and typing.get_origin(args[0]) is typing.Literal:
        return list(typing.get_args(args[0])), True
    return None, False


def _substitute(annotation, modules):
    """Return the annotation with every Schema in it composed."""
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return resolve(annotation, modules)
    args = typing.get_args(annotation)
    if not args or typing.get_origin(annotation) is typing.Literal:
        return annotation
    inner = tuple(_substitute(arg, modules) for arg in args)
    if all(new is old for new, old in zip(inner, args, strict=True)):
        return annotation
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return Annotated[(inner[0], *annotation.__metadata__)]
    if origin in (list, dict, tuple, set):
        return origin[inner]
    return typing.Union[inner]  # noqa: UP007 - the members are only known here


def json_schema_of(schema: Any, mode="validation"):
    """Return the JSON schema (2020-12) of a Schema, with components apart."""
    return schema.model_json_schema(
        ref_template="#/components/schemas/{model}", mode=mode
    )
