"""The frame of the JSON API; what other addons import, they import from here."""

from .formats import decode_cursor, encode_cursor, iso, money_str
from .route import PREFIX, ApiController, api_route
from .schema import (
    Instant,
    Money,
    NoFields,
    Page,
    PageQuery,
    Schema,
    extend_schema,
    page,
)
from . import dispatcher, route
