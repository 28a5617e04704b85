"""Prices without Odoo: pure functions on dataclasses, exact to the cent.

What it takes
    :class:`Tariffs` of a room (:class:`Hourly` with :class:`Band`, :class:`Package`,
    :class:`Session`, :class:`Metered`), aware instants, the store's ``zone``
    (ZoneInfo), and ``day_type``, a function date -> ``workday``, ``weekend`` or
    ``holiday`` such as a :class:`Calendar`. Prices are int, str, Decimal or Fraction,
    per hour where they price time, tax included; a float is refused. Clock times are
    minutes after local midnight, lengths are minutes.

What it gives
    ``offers(tariffs, start, end, zone=, day_type=, digits=2)``: list of
    :class:`Offer`, the cheapest first: kind, name, lines, amount, billed_start,
    billed_end (until when it is paid), pieces, deposit, fingerprint. Its lines
    (kind, name, start, end, minutes, unit_price, amount) add up to its amount.

    ``metered_offers`` and ``metered_bill``: a stay that is opened without an end, and
    what it costs in the end. ``overtime``: time past what is paid.
    ``extension_price``, ``discounts``, ``cancellation_split``: the arithmetic of
    amounts. ``dump`` and ``load``: tariffs as JSON.

Rules that the tests pin down
    * Each minute is priced by its own local date and clock time; minutes that
      daylight saving leaves out cost nothing, those that come twice cost twice.
    * A stay that ends with hours is billed to its length rounded up to whole steps,
      counted from its start, whatever pieces stand before.
    * The days and dates of a package are those of the minute it begins at, those of a
      session of the start of its window, whenever one enters.
    * A way with more than one package or session consists of such as are marked
      ``several_per_stay``, with any hours between them.
"""

from .clock import Calendar, Clock, instant_of, minute_of, minute_up
from .coverage import HOLIDAY, WEEK, Coverage, review, stretches
from .money import (
    cancellation_split,
    discounts,
    exact,
    extension_price,
    rounded,
    split,
)
from .overtime import Overtime, OvertimeRules, overtime
from .price import Line, Offer, metered_bill, metered_offers, offers
from .snapshot import dump, load
from .tariff import Band, Days, Hourly, Metered, Package, Session, Tariffs

__all__ = [
    "Band",
    "Calendar",
    "Clock",
    "Coverage",
    "Days",
    "HOLIDAY",
    "Hourly",
    "Line",
    "Metered",
    "Offer",
    "Overtime",
    "OvertimeRules",
    "Package",
    "Session",
    "Tariffs",
    "WEEK",
    "cancellation_split",
    "discounts",
    "dump",
    "exact",
    "extension_price",
    "instant_of",
    "load",
    "metered_bill",
    "metered_offers",
    "minute_of",
    "minute_up",
    "offers",
    "overtime",
    "review",
    "rounded",
    "split",
    "stretches",
]
