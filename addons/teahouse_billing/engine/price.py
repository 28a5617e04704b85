"""Offers: what a stay costs, each way worth showing, the cheapest first."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .clock import Clock, instant_of, minute_of, minute_up
from .money import rounded, split, to_decimal
from .rates import Rates, Scale
from .tariff import Tariffs
from .ways import HOURS, Stay, Way


@dataclass(frozen=True)
class Line:
    """A part of what is paid.

    ``kind`` is hourly, cap (hours at their cap), package, session or overtime;
    ``start`` and ``end`` are aware instants in UTC; ``unit_price`` is per hour for
    hours, the price of a package or session, None under a cap.
    """

    kind: str
    name: str
    start: datetime
    end: datetime
    minutes: int
    unit_price: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Offer:
    """One way to buy a stay.

    ``kind`` is hourly, package, session, mixed (several packages or sessions) or
    metered; ``billed_end`` is until when it is paid, an aware instant in UTC, the
    start for a metered stay, of which only the deposit is known; ``pieces`` counts
    its parts; ``idents`` names the tariffs.
    """

    kind: str
    name: str
    lines: tuple
    amount: Decimal
    billed_start: datetime
    billed_end: datetime
    pieces: int
    deposit: Decimal = Decimal(0)
    idents: tuple = ()
    fingerprint: str = field(init=False, compare=False)

    def __post_init__(self):
        # A metered offer has no lines, and is the same at any time.
        times = (self.billed_start, self.billed_end) if self.lines else ()
        content = [
            self.kind,
            [time.isoformat() for time in times],
            str(self.amount),
            str(self.deposit),
            list(self.idents),
            [
                [line.kind, line.start.isoformat(), line.minutes,
                 str(line.unit_price), str(line.amount)]
                for line in self.lines
            ],
        ]  # fmt: skip
        text = json.dumps(content, separators=(",", ":"))
        mark = hashlib.sha256(text.encode()).hexdigest()[:32]
        object.__setattr__(self, "fingerprint", mark)

    @property
    def minutes(self):
        """Minutes that are paid."""
        return (self.billed_end - self.billed_start).total_seconds() // 60


def offers(tariffs, start, end, *, zone, day_type, digits=2):
    """Return the offers for a stay, the cheapest first (ties: fewer pieces).

    Hours alone are listed, and for each package and session the cheapest way with it,
    if that costs less than hours alone or is the package or session itself; and the
    cheapest way with several of those that may be bought several times.

    :param Tariffs tariffs: of the room
    :param start: aware, cut to the minute
    :param end: aware, cut to the minute, after the start
    :param zone: ZoneInfo of the store
    :param day_type: function date -> workday, weekend or holiday
    :param int digits: of the currency
    :return: list of Offer, empty where nothing covers the stay
    :raise ValueError: the end is not after the start
    """
    begin, finish = minute_of(start), minute_of(end)
    if finish <= begin:
        raise ValueError("A stay ends after it begins.")
    hourly = tariffs.hourly
    billed = hourly.billed(finish - begin) if hourly else finish - begin
    reach = begin + max(billed, finish - begin)
    clock = Clock(zone, begin, reach, day_type)
    scale = _scale(tariffs)
    rates = hourly and Rates(hourly.bands, clock, scale, begin, reach)
    billed_end = begin + hourly.rounded(finish - begin) if hourly else finish
    stay = Stay(begin, finish, billed_end, rates, clock, scale, digits)
    ways = _worth_showing(tariffs, stay, hourly and begin + billed)
    makers = [_offer(way, tariffs, stay, digits) for way in ways]
    return sorted(makers, key=lambda offer: (offer.amount, offer.pieces))


def metered_offers(tariffs, start, digits=2):
    """Return the offers for a stay without an end: a deposit to pay now.

    :param start: aware, cut to the minute
    """
    at = instant_of(minute_of(start))
    return [
        Offer(
            "metered", metered.name, (), to_decimal(0, digits), at, at, 1,
            deposit=rounded(metered.deposit, digits), idents=(metered.ident,),
        )
        for metered in sorted(tariffs.metered, key=lambda one: one.deposit)
    ]  # fmt: skip


def metered_bill(hourly, start, left, *, zone, day_type, digits=2):
    """Return what a metered stay costs, billed like hours; None without a band.

    :param Hourly hourly: of the metered tariff
    :param start: aware, cut to the minute
    :param left: aware, rounded up to the minute; a stay counts at least one
    """
    begin = minute_of(start)
    finish = max(minute_up(left), begin + 1)
    found = offers(
        Tariffs(hourly), instant_of(begin), instant_of(finish),
        zone=zone, day_type=day_type, digits=digits,
    )  # fmt: skip
    return found[0] if found else None


def _scale(tariffs):
    prices = [piece.price for piece in tariffs.pieces]
    hourly = tariffs.hourly
    if hourly:
        prices += [band.price for band in hourly.bands]
        if hourly.cap_amount is not None:
            prices.append(hourly.cap_amount)
    return Scale(prices)


# Ways


def _worth_showing(tariffs, stay, hours_end):
    """Return the ways to list, in no order."""
    ways = []
    alone = hours_end and _hours_alone(tariffs.hourly, stay, hours_end)
    if alone:
        ways.append(alone)
    for piece in tariffs.pieces:
        way = stay.with_one(piece)
        if way and (len(way.pieces) == 1 or _is_cheaper(stay, way, alone)):
            ways.append(way)
    several = [piece for piece in tariffs.pieces if piece.several_per_stay]
    way = stay.with_several(several) if several else None
    if way:
        parts = [what for what, _at, _until in way.pieces if what != HOURS]
        if len(parts) > 1 and _is_cheaper(stay, way, alone):
            ways.append(way)
    return ways


def _is_cheaper(stay, way, alone):
    return not alone or stay.units(way.ticks) < stay.units(alone.ticks)


def _hours_alone(hourly, stay, end):
    """Return the way of hours only, with minimum and cap; None without a band."""
    ticks = stay.hours(stay.start, end)
    if ticks is None:
        return None
    if hourly.cap_amount is not None:
        cap = stay.scale.fixed(hourly.cap_amount)
        windows = _windows(hourly, stay.start, end)
        ticks = sum(min(stay.hours(at, until), cap) for at, until in windows)
    return Way(ticks, ((HOURS, stay.start, end),))


def _windows(hourly, start, end):
    """Return the [start, end) of the windows for the cap, all one without it."""
    if hourly.cap_amount is None:
        return [(start, end)]
    length = hourly.cap_minutes
    return [(at, min(at + length, end)) for at in range(start, end, length)]


# From a way to an offer


def _offer(way, tariffs, stay, digits):
    parts = []
    for what, at, until in way.pieces:
        if what != HOURS:
            ticks = stay.scale.fixed(what.price)
            parts.append((what.kind, what.name, at, until, what.price, ticks))
        elif len(way.pieces) == 1:
            parts += _capped_parts(tariffs.hourly, stay, at, until)
        else:
            parts += _hour_parts(tariffs.hourly, stay.rates, at, until)
    amounts, total = split([part[5] for part in parts], digits, stay.scale.ticks)
    named = [what for what, _at, _until in way.pieces if what != HOURS]
    kinds = {what.kind for what in named}
    kind = kinds.pop() if len(named) == 1 else "mixed" if named else HOURS
    names = [what.name for what in named] or [tariffs.hourly.name]
    idents = [
        tariffs.hourly.ident if what == HOURS else what.ident
        for what, _at, _until in way.pieces
    ]
    return Offer(
        kind=kind,
        name=" + ".join(names),
        lines=tuple(
            _line(part, amount, digits)
            for part, amount in zip(parts, amounts, strict=True)
        ),
        amount=total,
        billed_start=instant_of(way.pieces[0][1]),
        billed_end=instant_of(way.pieces[-1][2]),
        pieces=len(way.pieces),
        idents=tuple(dict.fromkeys(idents)),
    )


def _line(part, amount, digits):
    kind, name, at, until, unit, _ticks = part
    return Line(
        kind=kind,
        name=name,
        start=instant_of(at),
        end=instant_of(until),
        minutes=until - at,
        unit_price=None if unit is None else rounded(unit, digits),
        amount=amount,
    )


def _hour_parts(hourly, rates, start, end):
    """Return (kind, name, start, end, unit price, ticks) of hours."""
    return [
        (HOURS, hourly.name, at, until, price, ticks)
        for at, until, price, ticks in rates.stretches(start, end)
    ]


def _capped_parts(hourly, stay, start, end):
    """Return the parts of hours alone; a window at its cap is one part."""
    parts = []
    for at, until in _windows(hourly, start, end):
        cap = hourly.cap_amount
        if cap is not None and stay.hours(at, until) > stay.scale.fixed(cap):
            ticks = stay.scale.fixed(cap)
            parts.append(("cap", hourly.name, at, until, None, ticks))
        else:
            parts += _hour_parts(hourly, stay.rates, at, until)
    return parts
