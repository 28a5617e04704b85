"""Ways to cover a stay by pieces, and the cheapest of them.

A way is a sequence of pieces without a gap: hours, packages, sessions; only the last
one may reach past the end. All of it is piecewise linear between few borders, so the
cheapest start of a package is at a border, at a border less its length, or at the rim
of what its window allows; nothing in between can be cheaper.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from .tariff import Package

HOURS = "hourly"
#: State of the search at the start: no ticks, no parts, no way back.
NOTHING = (0, 0, None)


class Way(NamedTuple):
    """Ticks to pay and the pieces (what, start, end); what: a tariff, or HOURS."""

    ticks: int
    pieces: tuple


class Stay:
    """What has to be covered, and what hours cost in it.

    :param int start: minute
    :param int end: minute
    :param int billed_end: where hours at the end of the stay are billed to
    :param rates: Rates of [start, at least billed_end), None without hourly tariff
    """

    def __init__(self, start, end, billed_end, rates, clock, scale, digits):
        self.start, self.end, self.billed_end = start, end, billed_end
        self.rates, self.clock, self.scale = rates, clock, scale
        self._rounding = 10**digits

    def units(self, ticks):
        """Return ticks in the smallest unit of the currency, rounded half up."""
        whole = self.scale.ticks
        return (2 * ticks * self._rounding + whole) // (2 * whole)

    def hours(self, start, end):
        """Return the ticks of hours in [start, end), None if they can't be had."""
        if start >= end:
            return 0
        return self.rates.between(start, end) if self.rates else None

    def tail(self, at):
        """Return the ticks of hours from ``at`` to the end, rounded to steps."""
        return 0 if at >= self.end else self.hours(at, self.billed_end)

    def borders(self):
        """Return the minutes in (start, billed_end) at which the price changes."""
        if not self.rates:
            return []
        borders = self.rates.borders
        low = bisect_right(borders, self.start)
        return borders[low : bisect_left(borders, self.billed_end)]

    def with_one(self, piece):
        """Return the cheapest way with one package or session, None if there is none.

        The amount decides, then the number of pieces, then the earlier start.
        """
        price = self.scale.fixed(piece.price)
        best = None
        for at, until in self._entries(piece):
            before, after = self.hours(self.start, at), self.tail(until)
            if before is None or after is None:
                continue
            count = 1 + (at > self.start) + (until < self.end)
            ticks = before + price + after
            key = (self.units(ticks), count, at)
            if best is None or key < best[0]:
                best = key, ticks, at, until
        if best is None:
            return None
        _key, ticks, at, until = best
        return Way(ticks, self._around(piece, at, until))

    def _around(self, piece, at, until):
        pieces = [(HOURS, self.start, at)] if at > self.start else []
        pieces.append((piece, at, until))
        if until < self.end:
            pieces.append((HOURS, until, self.billed_end))
        return tuple(pieces)

    def _entries(self, piece):
        """Return (start, end) of the piece wherever it might be cheapest."""
        if not isinstance(piece, Package):
            # Hours before it never get cheaper by entering later.
            return [
                (max(self.start, opens), closes)
                for opens, closes in piece.windows(self.clock, self.start, self.end)
            ]
        length = piece.minutes
        turns = {*self.borders(), self.end - length}
        turns.update(border - length for border in self.borders())
        turns = sorted(turns)
        starts = []
        for first, last in piece.starts(self.clock, self.start, self.end):
            starts.append(first)
            starts += turns[bisect_right(turns, first) : bisect_right(turns, last)]
            starts.append(last)
        return [(at, at + length) for at in starts]

    def with_several(self, pieces):
        """Return the cheapest way with one or more of these pieces, None if none.

        A shortest path over the minutes at which a piece may have to begin: the
        borders, the rims of the windows, and all that lies whole packages before or
        after one of them.
        """
        allowed = [
            (piece, self.scale.fixed(piece.price), self._allowed(piece))
            for piece in pieces
        ]
        places = self._places(allowed)
        sums = self._sums(places)
        # Place -> cheapest state that has a piece behind it: (ticks, number of parts,
        # way back). The last part is hours, or it is a piece.
        hours, whole = {}, {}
        best = None
        for at, following in zip(places, [*places[1:], None], strict=True):
            after_hours, after_piece = hours.get(at), whole.get(at)
            here = _less(self._bare(at, sums), after_hours)
            here = _less(here, after_piece)
            if here is None:
                continue
            for until, state in self._steps(at, here, allowed):
                if until < self.end:
                    whole[until] = _less(whole.get(until), state)
                else:
                    best = _less(best, state)
            target = self.billed_end if following is None else following
            ticks = _between(sums, at, target)
            for state in self._hours_on(at, target, ticks, after_hours, after_piece):
                if following is None:
                    best = _less(best, state)
                else:
                    hours[following] = _less(hours.get(following), state)
        return best and Way(best[0], _pieces_of(best))

    def _sums(self, places):
        """Return ticks and minutes without a band up to each place, all at once."""
        if not self.rates:
            return None
        return {at: self.rates.sums(at) for at in (*places, self.billed_end)}

    def _bare(self, at, sums):
        """Return the state of having come to a place by hours only, None if in vain."""
        ticks = _between(sums, self.start, at)
        if at == self.start or ticks is None:
            return None if ticks is None else NOTHING
        return ticks, 1, (NOTHING, self.start, at, HOURS)

    def _hours_on(self, at, target, ticks, after_hours, after_piece):
        """Yield the states of going on with hours to the next place."""
        if ticks is None:
            return
        if after_hours:
            paid, count, (origin, begin, _at, _what) = after_hours
            yield paid + ticks, count, (origin, begin, target, HOURS)
        if after_piece:
            paid, count, _back = after_piece
            yield paid + ticks, count + 1, (after_piece, at, target, HOURS)

    def _steps(self, at, here, allowed):
        """Yield (end, state) after each piece that may begin at a place."""
        ticks, count, _back = here
        for piece, price, spans in allowed:
            for first, last, closes in spans:
                if first > at:
                    break
                if at <= last:
                    until = at + piece.minutes if closes is None else closes
                    back = (here, at, until, piece)
                    yield until, (ticks + price, count + 1, back)

    def _allowed(self, piece):
        """Return (first start, last start, end or None) of where a piece may begin."""
        if isinstance(piece, Package):
            spans = piece.starts(self.clock, self.start, self.end)
            return [(first, last, None) for first, last in spans]
        return [
            (max(self.start, opens), min(self.end, closes) - 1, closes)
            for opens, closes in piece.windows(self.clock, self.start, self.end)
        ]

    def _places(self, allowed):
        """Return all minutes in [start, end] that may matter, in order."""
        found = {self.start, self.end, *self.borders()}
        for _piece, _price, spans in allowed:
            for first, last, closes in spans:
                found.update((first, last) if closes is None else (first, closes))
        lengths = {
            piece.minutes
            for piece, _price, _spans in allowed
            if isinstance(piece, Package)
        }
        found = {minute for minute in found if self.start <= minute <= self.end}
        fresh = list(found)
        while fresh:
            minute = fresh.pop()
            for length in lengths:
                for other in (minute - length, minute + length):
                    if self.start <= other <= self.end and other not in found:
                        found.add(other)
                        fresh.append(other)
        return sorted(found)


def _between(sums, start, end):
    """Return the ticks of hours between two places, None if they can't be had."""
    if start >= end:
        return 0
    if sums is None:
        return None
    before, gaps_before = sums[start]
    after, gaps_after = sums[end]
    return after - before if gaps_before == gaps_after else None


def _less(state, other):
    """Return the cheaper of two states, by ticks, then parts; the first of equals."""
    if state is None or other is None:
        return state or other
    if other[0] != state[0]:
        return other if other[0] < state[0] else state
    return other if other[1] < state[1] else state


def _pieces_of(state):
    """Return the pieces on the way to a state of the search."""
    pieces = []
    while state[2]:
        state, begin, end, what = state[2]
        pieces.append((what, begin, end))
    return tuple(reversed(pieces))
