"""What an owner should know about a set of bands before selling by them."""

from dataclasses import dataclass
from datetime import date

from .clock import DAY

#: A week without holidays, then a holiday that no named weekday matches.
WEEK = tuple((day, "workday" if day < 5 else "weekend") for day in range(7))
HOLIDAY = (-1, "holiday")
#: All kinds of days that the calendar can bring about.
ALL_DAYS = tuple(
    (day, kind)
    for day in range(7)
    for kind in ("workday", "weekend", "holiday")
    if kind != "weekend" or day >= 5
)
ANY_DATE = date(2026, 1, 1)


@dataclass(frozen=True)
class Coverage:
    """Findings about bands.

    ``gaps``: (weekday, day type) -> [(from, to)] clock minutes without a price;
    ``unused``: indexes of bands that never price a minute; ``overlaps``: pairs of
    indexes with common time, of which the first one wins although the later one is
    for the same days or for fewer. (A general band after a special one is how bands
    are meant to be written.)
    """

    gaps: dict
    unused: tuple
    overlaps: tuple


def stretches(bands, weekday, day_type):
    """Return (from, to, index of the band or None) over one kind of day."""
    spans = [
        (first, last, i)
        for i, band in enumerate(bands)
        if band.days.match(weekday, day_type, ANY_DATE)
        for first, last in band.clock_spans()
        if first < last
    ]
    borders = sorted({0, DAY, *(b for first, last, _i in spans for b in (first, last))})
    found = []
    for begin, end in zip(borders, borders[1:], strict=False):
        index = next((i for a, b, i in spans if a <= begin < b), None)
        if found and found[-1][2] == index:
            found[-1] = (found[-1][0], end, index)
        else:
            found.append((begin, end, index))
    return found


def review(bands):
    """Return what stands out in bands, in the order in which they match."""
    gaps = {}
    for day in (*WEEK, HOLIDAY):
        holes = [(a, b) for a, b, index in stretches(bands, *day) if index is None]
        if holes:
            gaps[day] = holes
    used = {index for day in (*ALL_DAYS, HOLIDAY) for _a, _b, index in
            stretches(bands, *day)}  # fmt: skip
    overlaps = tuple(
        (i, j)
        for j, later in enumerate(bands)
        for i, band in enumerate(bands[:j])
        if _days(later) <= _days(band) and _meet(band, later)
    )
    unused = tuple(i for i in range(len(bands)) if i not in used)
    return Coverage(gaps, unused, overlaps)


def _days(band):
    """Return the kinds of days on which a band stands."""
    days = (*ALL_DAYS, HOLIDAY)
    return frozenset(day for day in days if band.days.match(*day, ANY_DATE))


def _meet(band, other):
    return any(
        max(a, c) < min(b, d)
        for a, b in band.clock_spans()
        for c, d in other.clock_spans()
    )
