"""Prices minute by minute, slow and plain, to hold the engine against.

Nothing of the engine's arithmetic is used: every minute is looked up on the local
clock, every start of a package is tried, and with several of them every sequence.
Only the descriptions of tariffs (dataclasses) are shared.
"""

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor

MINUTE = timedelta(minutes=1)


def half_up(value, digits=2):
    """Return a Fraction rounded half up, as a Fraction."""
    scaled = value * 10**digits
    return Fraction(floor(scaled + Fraction(1, 2)), 10**digits)


class Oracle:
    """The ways to pay a stay of one room, by brute force."""

    def __init__(self, tariffs, start, end, zone, day_type):
        self.tariffs, self.zone, self.day_type = tariffs, zone, day_type
        self.start, self.end = start.astimezone(UTC), end.astimezone(UTC)
        length = self._minutes(self.start, self.end)
        self.length = length
        hourly = tariffs.hourly
        self.rounded = length
        self.billed = length
        if hourly:
            self.rounded = ceil(Fraction(length, hourly.step)) * hourly.step
            self.billed = max(self.rounded, hourly.minimum)
        self.span = max(self.billed, self.rounded, length)
        self.walls = [self.wall(i) for i in range(-2, self.span + 1)][2:]
        self.prices = [self._price(wall) for wall in self.walls[: self.span]]
        self._sum()

    @staticmethod
    def _minutes(start, end):
        return int((end - start) / MINUTE)

    def wall(self, i):
        """Return what the clock on the wall shows at minute i, without a zone."""
        return (self.start + i * MINUTE).astimezone(self.zone).replace(tzinfo=None)

    def _on(self, days, day):
        if days.date_from and day < days.date_from:
            return False
        if days.date_to and day > days.date_to:
            return False
        if days.weekdays:
            return day.weekday() in days.weekdays
        return days.day_type == "any" or days.day_type == self.day_type(day)

    def _price(self, wall):
        """Return the price of an hour at a minute, None without a band."""
        clock = wall.hour * 60 + wall.minute
        for band in self.tariffs.hourly.bands if self.tariffs.hourly else ():
            if not self._on(band.days, wall.date()):
                continue
            if band.end > band.start:
                inside = band.start <= clock < band.end
            else:
                inside = clock >= band.start or clock < band.end
            if inside:
                return band.price
        return None

    def _sum(self):
        """Sum up from the start: cost of, and unpriced minutes in, the first i."""
        self.costs, self.holes = [Fraction(0)], [0]
        for price in self.prices:
            self.costs.append(self.costs[-1] + (price or 0) / 60)
            self.holes.append(self.holes[-1] + (price is None))

    def hours(self, i, j):
        """Return the cost of the minutes from i to before j, None with a hole."""
        if i >= j:
            return Fraction(0)
        if self.holes[j] != self.holes[i]:
            return None
        return self.costs[j] - self.costs[i]

    def hours_only(self):
        """Return the amount of hours alone with minimum and cap, None if impossible."""
        hourly = self.tariffs.hourly
        if not hourly or self.hours(0, self.billed) is None:
            return None
        if hourly.cap_amount is None:
            return half_up(self.hours(0, self.billed))
        total = Fraction(0)
        for i in range(0, self.billed, hourly.cap_minutes):
            j = min(i + hourly.cap_minutes, self.billed)
            total += min(hourly.cap_amount, self.hours(i, j))
        return half_up(total)

    def ends(self, piece):
        """Return {minute at which the piece may begin: minute at which it ends}."""
        if piece.kind == "package":
            return self._package_ends(piece)
        return self._session_ends(piece)

    def _package_ends(self, piece):
        found = {}
        for i in range(self.length):
            wall = self.walls[i]
            clock = wall.hour * 60 + wall.minute
            opens, closes = piece.window_from, piece.window_to
            if opens <= closes:
                inside = opens <= clock <= closes
            else:
                inside = clock >= opens or clock <= closes
            if inside and self._on(piece.days, wall.date()):
                found[i] = i + piece.minutes
        return found

    def _session_ends(self, piece):
        found = {}
        day = self.walls[0].date() - timedelta(days=2)
        while day <= self.walls[self.length].date():
            if self._on(piece.days, day):
                opens = self._clock(day, piece.start)
                closes = self._clock(day, piece.end)
                if piece.end <= piece.start:
                    closes += timedelta(days=1)
                first, until = self._first_at(opens), self._first_at(closes)
                for i in range(max(first, 0), min(until, self.length)):
                    found[i] = until
            day += timedelta(days=1)
        return found

    @staticmethod
    def _clock(day, minutes):
        return datetime.combine(day, time()) + timedelta(minutes=minutes)

    def _first_at(self, wall):
        """Return the first minute at which the wall shows a time, or a later one."""
        guess = wall.replace(tzinfo=self.zone).astimezone(UTC)
        i = self._minutes(self.start, guess) - 200
        while self.wall(i) < wall:
            i += 1
        return i

    def one_piece(self, piece):
        """Return (amount, pieces) of the cheapest way with this piece, or None."""
        best = None
        for i, j in self.ends(piece).items():
            before = self.hours(0, i)
            after = Fraction(0) if j >= self.length else self.hours(j, self.rounded)
            if before is None or after is None:
                continue
            count = 1 + (i > 0) + (j < self.length)
            way = half_up(before + piece.price + after), count
            best = way if best is None else min(best, way)
        return best

    def several(self, pieces):
        """Return the amount of the cheapest way with one or more of these, or None.

        Minute by minute: what it costs at least to have come this far with a piece.
        """
        ends = [self.ends(piece) for piece in pieces]
        far = [None] * (self.length + 1)
        best = None
        for i in range(self.length):
            bare = self.hours(0, i)
            here = min((c for c in (bare, far[i]) if c is not None), default=None)
            if far[i] is not None:
                if self.prices[i] is not None:
                    self._reach(far, i + 1, far[i] + self.prices[i] / 60)
                tail = self.hours(i, self.rounded)
                if tail is not None and (best is None or far[i] + tail < best):
                    best = far[i] + tail
            for piece, found in zip(pieces, ends, strict=True):
                if i not in found or here is None:
                    continue
                cost = here + piece.price
                if found[i] < self.length:
                    self._reach(far, found[i], cost)
                elif best is None or cost < best:
                    best = cost
        return None if best is None else half_up(best)

    @staticmethod
    def _reach(far, i, cost):
        if far[i] is None or cost < far[i]:
            far[i] = cost

    def cheapest(self):
        """Return the amount of the cheapest way of all, None where there is none."""
        amounts = [self.hours_only()]
        for piece in self.tariffs.pieces:
            way = self.one_piece(piece)
            amounts.append(way and way[0])
        many = [piece for piece in self.tariffs.pieces if piece.several_per_stay]
        if many:
            amounts.append(self.several(many))
        return min((a for a in amounts if a is not None), default=None)
