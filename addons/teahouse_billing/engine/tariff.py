"""What an owner sells: hours, packages, sessions, metered stays.

Prices are Fractions of the currency (see :func:`.money.exact`), clock times are
minutes after local midnight.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from .clock import DAY
from .money import exact

DAY_TYPES = ("any", "workday", "weekend", "holiday")


def _check(condition, message):
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True)
class Days:
    """On which local days something stands.

    Named weekdays (0 is Monday) match whatever the day type; else the day type counts.
    """

    day_type: str = "any"
    weekdays: frozenset = frozenset()
    date_from: date | None = None
    date_to: date | None = None

    def __post_init__(self):
        _check(self.day_type in DAY_TYPES, "There is no such day type.")

    def match(self, weekday, day_type, day):
        """Tell whether a day belongs to them."""
        if self.date_from and day < self.date_from:
            return False
        if self.date_to and day > self.date_to:
            return False
        if self.weekdays:
            return weekday in self.weekdays
        return self.day_type in ("any", day_type)


@dataclass(frozen=True)
class Band:
    """A price per hour between two clock times; ``end <= start`` crosses midnight.

    Each minute counts by its own local date and clock time.
    """

    start: int
    end: int
    price: Fraction
    days: Days = Days()

    def __post_init__(self):
        object.__setattr__(self, "price", exact(self.price))
        _check(0 <= self.start < DAY and 0 <= self.end <= DAY, "No such clock time.")
        _check(self.price >= 0, "A price is never negative.")

    def clock_spans(self):
        """Return the [from, to) clock minutes of one date."""
        if self.start < self.end:
            return ((self.start, self.end),)
        return ((0, self.end), (self.start, DAY))


@dataclass(frozen=True)
class Hourly:
    """Time by bands; the first band in order that matches a minute prices it.

    :param step: minutes; the billed length is rounded up to whole steps
    :param minimum: minutes billed at least
    :param cap_amount: None, or the most that each ``cap_minutes`` from the start cost
    """

    name: str
    bands: tuple
    step: int = 30
    minimum: int = 60
    cap_amount: Fraction | None = None
    cap_minutes: int = 0
    ident: int = 0

    def __post_init__(self):
        _check(self.step >= 1 and self.minimum >= 0, "A step is at least a minute.")
        if self.cap_amount is not None:
            object.__setattr__(self, "cap_amount", exact(self.cap_amount))
            _check(self.cap_amount >= 0, "A cap is never negative.")
            _check(self.cap_minutes >= 1, "A cap needs a length.")

    def rounded(self, minutes):
        """Return a length rounded up to whole steps."""
        return -(-minutes // self.step) * self.step

    def billed(self, minutes):
        """Return the minutes billed for a stay of hours only."""
        return max(self.rounded(minutes), self.minimum)


@dataclass(frozen=True)
class Package:
    """A fixed length at one price; it may begin at any minute of its window.

    Both ends of the window are included; one that closes before it opens runs over
    midnight.
    """

    name: str
    minutes: int
    price: Fraction
    window_from: int = 0
    window_to: int = DAY - 1
    days: Days = Days()
    several_per_stay: bool = False
    ident: int = 0
    kind: str = field(default="package", init=False)

    def __post_init__(self):
        object.__setattr__(self, "price", exact(self.price))
        _check(self.minutes >= 1, "A package lasts at least a minute.")
        _check(self.price >= 0, "A price is never negative.")
        for clock in (self.window_from, self.window_to):
            _check(0 <= clock < DAY, "No such clock time.")

    def starts(self, clock, start, end):
        """Return [first, last] minutes in [start, end) at which it may begin."""
        opens, closes = self.window_from, self.window_to
        return clock.windows(self.days, opens, closes, start, end)


@dataclass(frozen=True)
class Session:
    """One price for a fixed local window, whenever one enters inside it.

    Its days are those of the window's start; ``end <= start`` crosses midnight.
    """

    name: str
    start: int
    end: int
    price: Fraction
    days: Days = Days()
    several_per_stay: bool = False
    ident: int = 0
    kind: str = field(default="session", init=False)

    def __post_init__(self):
        object.__setattr__(self, "price", exact(self.price))
        _check(0 <= self.start < DAY and 0 <= self.end <= DAY, "No such clock time.")
        _check(self.price >= 0, "A price is never negative.")

    def windows(self, clock, start, end):
        """Return the [start, end) minutes of all windows that touch [start, end)."""
        length = self.end - self.start
        length += DAY if length <= 0 else 0
        found = []
        first = clock.local(start) // DAY - 1
        last = clock.local(end - 1) // DAY
        for day in range(first, last + 1):
            if not self.days.match(*clock.kind(day)):
                continue
            opens = clock.first_at(day * DAY + self.start)
            closes = clock.first_at(day * DAY + self.start + length)
            if opens < end and closes > start and opens < closes:
                found.append((opens, closes))
        return found


@dataclass(frozen=True)
class Metered:
    """Opened now, billed at the end like hours; a deposit is paid first.

    ``hourly`` is None as long as it is not known whose hours are meant.
    """

    name: str
    hourly: Hourly | None
    deposit: Fraction
    ident: int = 0

    def __post_init__(self):
        object.__setattr__(self, "deposit", exact(self.deposit))
        _check(self.deposit >= 0, "A deposit is never negative.")


@dataclass(frozen=True)
class Tariffs:
    """All that is sold for a room: hours, packages and sessions, metered stays."""

    hourly: Hourly | None = None
    pieces: tuple = ()
    metered: tuple = ()
