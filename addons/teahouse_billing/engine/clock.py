"""The store's clock as whole minutes.

An instant is an int: minutes since 1970-01-01 in UTC. A local minute is that plus the
zone's offset: its day is ``local // 1440``, its clock time ``local % 1440``. The offset
is constant over *runs*, so that nothing here walks minute by minute, and a change of
daylight-saving time is only one more border.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

DAY = 1440
EPOCH_DAY = date(1970, 1, 1).toordinal()
PROBE = DAY // 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minute_of(instant):
    """Return the minute of an aware instant, cut."""
    if instant.utcoffset() is None:
        raise ValueError("The instant has no time zone.")
    return (instant - EPOCH) // MINUTE


def minute_up(instant):
    """Return the first minute that does not begin before an aware instant."""
    return -((EPOCH - instant) // MINUTE)


@lru_cache(maxsize=8192)
def instant_of(minute):
    """Return the aware instant, in UTC, at which a minute begins."""
    return EPOCH + timedelta(minutes=minute)


def day_of(day):
    """Return the date of a local day."""
    return date.fromordinal(EPOCH_DAY + day)


def weekday_of(day):
    """Return the weekday of a local day; 0 is Monday."""
    return (day + 3) % 7


class Clock:
    """Local clock of a zone between two minutes, with days to spare around them.

    :param zone: ZoneInfo
    :param day_type: function date -> ``workday``, ``weekend`` or ``holiday``
    """

    def __init__(self, zone, start, end, day_type, before=2, after=3):
        self._zone = zone
        self._day_type = day_type
        self._types = {}
        self.runs = self._find_runs(start - before * DAY, end + after * DAY)

    def _offset(self, minute):
        local = datetime.fromtimestamp(minute * 60, self._zone)
        return local.utcoffset() // MINUTE

    def _find_runs(self, start, end):
        """Return (start, end, offset) of all runs of a constant offset."""
        runs, begin, offset = [], start, self._offset(start)
        probe = start
        while probe < end:
            ahead = min(probe + PROBE, end)
            found = self._offset(ahead)
            if found != offset:
                low, high = probe, ahead
                while high - low > 1:
                    middle = (low + high) // 2
                    if self._offset(middle) == offset:
                        low = middle
                    else:
                        high = middle
                runs.append((begin, high, offset))
                begin, offset = high, self._offset(high)
                probe = high
            else:
                probe = ahead
        runs.append((begin, end, offset))
        return runs

    def local(self, minute):
        """Return the local minute of a minute inside the clock's span."""
        for start, end, offset in self.runs:
            if start <= minute < end:
                return minute + offset
        raise ValueError("The minute lies outside of the clock's span.")

    def first_at(self, local):
        """Return the first minute at which the clock shows a local minute, or later.

        A time that daylight saving leaves out begins when it jumps over it; of one
        that comes twice, the first counts.
        """
        for start, end, offset in self.runs:
            found = max(start, local - offset)
            if found < end:
                return found
        raise ValueError("The local time lies outside of the clock's span.")

    def kind(self, day):
        """Return (weekday, day type, date) of a local day."""
        if day not in self._types:
            when = day_of(day)
            self._types[day] = (weekday_of(day), self._day_type(when), when)
        return self._types[day]

    def stretches(self, start, end):
        """Yield (start, end, day, clock) of each part of [start, end) on one local day
        without a jump; ``clock`` is the clock minute at its start."""
        for begin, finish, offset in self.runs:
            at, until = max(start, begin), min(end, finish)
            while at < until:
                day, clock = divmod(at + offset, DAY)
                stop = min(until, at + DAY - clock)
                yield at, stop, day, clock
                at = stop

    def windows(self, days, opens, closes, start, end):
        """Return the [first, last] minutes in [start, end) inside a daily window.

        Both ends of the window belong to it; it runs over midnight when it closes
        before it opens. The day is the one of the minute itself.

        :param Days days: on which it stands
        :param int opens: clock minute
        :param int closes: clock minute
        """
        spans = [(opens, closes)]
        if closes < opens:
            spans = [(0, closes), (opens, DAY - 1)]
        found = []
        for at, stop, day, clock in self.stretches(start, end):
            if not days.match(*self.kind(day)):
                continue
            for first, last in spans:
                low = max(first, clock)
                high = min(last, clock + stop - at - 1)
                if low <= high:
                    found.append((at + low - clock, at + high - clock))
        return found


class Calendar:
    """Day types from a holiday calendar.

    :param dict entries: date -> ``holiday`` or ``workday``; days without an entry are
        workdays or weekend by their weekday
    """

    def __init__(self, entries=None):
        self.entries = dict(entries or {})

    def __call__(self, day):
        entry = self.entries.get(day)
        return entry or ("weekend" if day.weekday() >= 5 else "workday")
