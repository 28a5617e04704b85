"""What the figures of past weeks suggest: hours that are full, hours that are empty,
and days that are more than was cleaned in time.
"""

from dataclasses import dataclass

#: Rooms taken in this share of the time are full: guests go away.
FULL = 0.75
#: An hour is weak below this share of what a day's usual hour has.
WEAK = 0.5
#: Runs of hours shorter than that are chance.
FULL_HOURS, WEAK_HOURS = 2, 3
#: Weak hours of the night are no news: only these are looked at.
DAYTIME = range(9, 23)
#: A store that few come to has no hours yet that are worse than others.
LEAST_TAKEN = 0.05

#: Share of cleanings that were late from which on hands are missing.
LATE = 0.25
#: Fewer cleanings prove nothing.
LEAST_CLEANINGS = 8
#: Days with about as many stays, and days far above what was ever seen.
ALIKE, BEYOND = 0.8, 1.3


@dataclass(frozen=True)
class Run:
    """Hours one after the other.

    :param int start: first hour of the day
    :param int stop: the hour after the last one, 24 at most
    :param float taken: share of the rooms that were taken in these hours
    """

    start: int
    stop: int
    taken: float


def runs(shares, fits, least):
    """Return the runs of hours whose share fits.

    :param shares: 24 numbers
    :param fits: called with an hour and its share
    :param int least: hours of the shortest run
    """
    found, start = [], None
    for hour in range(len(shares) + 1):
        inside = hour < len(shares) and fits(hour, shares[hour])
        if inside and start is None:
            start = hour
        elif not inside and start is not None:
            if hour - start >= least:
                part = shares[start:hour]
                found.append(Run(start, hour, sum(part) / len(part)))
            start = None
    return found


def full_hours(shares):
    """Return the run of hours that is fullest, None if none is full."""
    found = runs(shares, lambda _hour, share: share >= FULL, FULL_HOURS)
    return max(found, key=lambda run: run.taken * (run.stop - run.start), default=None)


def weak_hours(shares):
    """Return the longest run of daytime hours that are far below the others."""
    usual = sum(shares[hour] for hour in DAYTIME) / len(DAYTIME)
    if usual < LEAST_TAKEN:
        return None
    found = runs(
        shares,
        lambda hour, share: hour in DAYTIME and share < WEAK * usual,
        WEAK_HOURS,
    )
    return max(found, key=lambda run: (run.stop - run.start, -run.taken), default=None)


@dataclass(frozen=True)
class Short:
    """A day with more stays than were cleaned up after in time.

    :param float expected: stays
    :param int most: cleanings of the busiest day known
    :param int late: of those of days with about as many
    :param int cleanings: of these days; 0: no day was nearly as busy
    """

    expected: float
    most: int
    late: int
    cleanings: int


def short_of_hands(expected, days):
    """Return why a day to come asks for more cleaners; None if it does not.

    :param float expected: stays of that day
    :param days: (cleanings, late ones) of each day of the past weeks
    """
    most = max((count for count, _late in days), default=0)
    alike = [(count, late) for count, late in days if count >= ALIKE * expected]
    cleanings = sum(count for count, _late in alike)
    late = sum(late for _count, late in alike)
    if cleanings >= LEAST_CLEANINGS:
        enough = late < LATE * cleanings
        return None if enough else Short(expected, most, late, cleanings)
    if most >= LEAST_CLEANINGS and expected > BEYOND * most:
        return Short(expected, most, 0, 0)
    return None
