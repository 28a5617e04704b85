"""Prices per minute over a span, as a piecewise linear sum.

Sums are exact ints in *ticks*: with ``scale`` the common denominator of all prices, a
tick is 1 / (60 * scale) of the currency, so that an hour's price divides by 60.
"""

from bisect import bisect_right
from fractions import Fraction
from math import lcm


class Scale:
    """The tick that measures a set of exact prices without a rest."""

    def __init__(self, prices):
        self.unit = lcm(*(price.denominator for price in prices), 1)
        self.ticks = 60 * self.unit

    def per_minute(self, hour_price):
        """Return the ticks that a minute costs."""
        return hour_price.numerator * (self.unit // hour_price.denominator)

    def fixed(self, price):
        """Return the ticks of a price."""
        return 60 * self.per_minute(price)

    def exact(self, ticks):
        """Return ticks as a Fraction of the currency."""
        return Fraction(ticks, self.ticks)


def day_profile(bands, weekday, day_type, day):
    """Return (start clock, price or None) of each stretch of one price in a day."""
    standing = [
        (first, last, band.price)
        for band in bands
        if band.days.match(weekday, day_type, day)
        for first, last in band.clock_spans()
        if first < last
    ]
    borders = {0}
    for first, last, _price in standing:
        borders.add(first)
        borders.add(last)
    profile = []
    for border in sorted(borders):
        price = next((p for a, b, p in standing if a <= border < b), None)
        if not profile or profile[-1][1] != price:
            profile.append((border, price))
    return profile


class Rates:
    """Prices of every minute of [start, end) by the bands of an hourly tariff."""

    def __init__(self, bands, clock, scale, start, end):
        self.scale = scale
        #: Border i begins a stretch of the price ``prices[i]`` (None: no band).
        self.borders, self.prices = [], []
        profiles = {}
        for at, stop, day, since in clock.stretches(start, end):
            if day not in profiles:
                profiles[day] = day_profile(bands, *clock.kind(day))
            self._add(profiles[day], at - since, at, stop)
        self.ends = [*self.borders[1:], end]
        self._sum()

    def _add(self, profile, midnight, at, stop):
        """Append the stretches of a day's profile between two minutes."""
        last = len(profile) - 1
        for i, (border, price) in enumerate(profile):
            begin = midnight + border
            if begin >= stop:
                break
            if i < last and midnight + profile[i + 1][0] <= at:
                continue
            if not self.prices or self.prices[-1] != price:
                self.borders.append(max(begin, at))
                self.prices.append(price)

    def _sum(self):
        """Sum up ticks, and minutes without a band, at each border."""
        self._rates, self._ticks, self._gaps = [], [], []
        ticks = gaps = 0
        parts = zip(self.borders, self.ends, self.prices, strict=True)
        for begin, end, price in parts:
            rate = 0 if price is None else self.scale.per_minute(price)
            self._rates.append(rate)
            self._ticks.append(ticks)
            self._gaps.append(gaps)
            ticks += rate * (end - begin)
            gaps += end - begin if price is None else 0

    def sums(self, minute):
        """Return ticks, and minutes without a band, from the start to a minute."""
        i = max(bisect_right(self.borders, minute) - 1, 0)
        into = minute - self.borders[i]
        gaps = self._gaps[i] + (into if self.prices[i] is None else 0)
        return self._ticks[i] + self._rates[i] * into, gaps

    def between(self, start, end):
        """Return the ticks of [start, end), None if a minute of it has no band."""
        if start >= end:
            return 0
        before, gaps_before = self.sums(start)
        after, gaps_after = self.sums(end)
        return after - before if gaps_before == gaps_after else None

    def stretches(self, start, end):
        """Yield (start, end, price of an hour, ticks) of each stretch of one price."""
        i = max(bisect_right(self.borders, start) - 1, 0)
        while i < len(self.borders) and self.borders[i] < end:
            at, until = max(self.borders[i], start), min(self.ends[i], end)
            yield at, until, self.prices[i], self._rates[i] * (until - at)
            i += 1
