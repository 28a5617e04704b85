"""Tariffs as JSON, so that a booking keeps what was in force when it was made."""

from datetime import date, timedelta
from fractions import Fraction

from .clock import Calendar
from .tariff import Band, Days, Hourly, Metered, Package, Session, Tariffs

VERSION = 1
#: Days around a stay whose entries in the calendar are kept.
DAYS_BEFORE, DAYS_AFTER = 2, 8


def dump(tariffs, calendar, day):
    """Return JSON-ready data of the tariffs and of the calendar around a day."""
    since, until = day - timedelta(days=DAYS_BEFORE), day + timedelta(days=DAYS_AFTER)
    return {
        "version": VERSION,
        "hourly": tariffs.hourly and _dump_hourly(tariffs.hourly),
        "pieces": [_dump_piece(piece) for piece in tariffs.pieces],
        "metered": [
            {
                "name": metered.name,
                "ident": metered.ident,
                "deposit": str(metered.deposit),
                "hourly": _dump_hourly(metered.hourly),
            }
            for metered in tariffs.metered
        ],
        "calendar": {
            day.isoformat(): kind
            for day, kind in sorted(calendar.entries.items())
            if since <= day <= until
        },
    }


def load(data):
    """Return (Tariffs, Calendar) from what :func:`dump` returned.

    :raise ValueError: another version of the format
    """
    if data.get("version") != VERSION:
        raise ValueError("The snapshot has a format that is not known.")
    tariffs = Tariffs(
        hourly=data["hourly"] and _load_hourly(data["hourly"]),
        pieces=tuple(_load_piece(piece) for piece in data["pieces"]),
        metered=tuple(
            Metered(
                name=metered["name"],
                ident=metered["ident"],
                deposit=Fraction(metered["deposit"]),
                hourly=_load_hourly(metered["hourly"]),
            )
            for metered in data["metered"]
        ),
    )
    entries = {date.fromisoformat(day): kind for day, kind in data["calendar"].items()}
    return tariffs, Calendar(entries)


def _dump_days(days):
    return {
        "day_type": days.day_type,
        "weekdays": sorted(days.weekdays),
        "date_from": days.date_from and days.date_from.isoformat(),
        "date_to": days.date_to and days.date_to.isoformat(),
    }


def _load_days(data):
    return Days(
        day_type=data["day_type"],
        weekdays=frozenset(data["weekdays"]),
        date_from=data["date_from"] and date.fromisoformat(data["date_from"]),
        date_to=data["date_to"] and date.fromisoformat(data["date_to"]),
    )


def _dump_hourly(hourly):
    cap = hourly.cap_amount
    return {
        "name": hourly.name,
        "ident": hourly.ident,
        "step": hourly.step,
        "minimum": hourly.minimum,
        "cap_amount": None if cap is None else str(cap),
        "cap_minutes": hourly.cap_minutes,
        "bands": [
            {
                "start": band.start,
                "end": band.end,
                "price": str(band.price),
                "days": _dump_days(band.days),
            }
            for band in hourly.bands
        ],
    }


def _load_hourly(data):
    cap = data["cap_amount"]
    return Hourly(
        name=data["name"],
        ident=data["ident"],
        step=data["step"],
        minimum=data["minimum"],
        cap_amount=None if cap is None else Fraction(cap),
        cap_minutes=data["cap_minutes"],
        bands=tuple(
            Band(
                start=band["start"],
                end=band["end"],
                price=Fraction(band["price"]),
                days=_load_days(band["days"]),
            )
            for band in data["bands"]
        ),
    )


def _dump_piece(piece):
    values = {
        "kind": piece.kind,
        "name": piece.name,
        "ident": piece.ident,
        "price": str(piece.price),
        "several_per_stay": piece.several_per_stay,
        "days": _dump_days(piece.days),
    }
    if piece.kind == "package":
        values.update(
            minutes=piece.minutes,
            window_from=piece.window_from,
            window_to=piece.window_to,
        )
    else:
        values.update(start=piece.start, end=piece.end)
    return values


def _load_piece(data):
    values = dict(data)
    kind = values.pop("kind")
    values["price"] = Fraction(values["price"])
    values["days"] = _load_days(values["days"])
    return Package(**values) if kind == "package" else Session(**values)
