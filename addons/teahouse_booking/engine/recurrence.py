"""Stays that come again: every so many days, or on some weekdays of every so many
weeks, at the same time on the store's clock."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

#: No series has more stays than this.
MOST = 200
DAILY, WEEKLY = "daily", "weekly"


@dataclass(frozen=True)
class Rule:
    """When a stay comes again. It ends after a number of stays, or with a day.

    :param str freq: daily or weekly
    :param int interval: every so many days or weeks
    :param frozenset weekdays: of a weekly rule, Monday is 0; empty: that of the start
    :param int count: of stays, the first included; or None
    :param date until: last day on which one may begin; or None
    """

    freq: str = WEEKLY
    interval: int = 1
    weekdays: frozenset = field(default_factory=frozenset)
    count: int | None = None
    until: date | None = None


def days(rule, first):
    """Return the days of a series, the first day being one if its weekday fits.

    Weeks are counted from the Monday before the first day.

    :param date first:
    :rtype: list[date]
    """
    weekdays = rule.weekdays or {first.weekday()}
    monday = first - timedelta(days=first.weekday())
    found, day = [], first
    last = rule.until or first + timedelta(days=MOST * 7 * max(1, rule.interval))
    limit = min(rule.count or MOST, MOST)
    while day <= last and len(found) < limit:
        if rule.freq == DAILY:
            fits = (day - first).days % rule.interval == 0
        else:
            week = (day - monday).days // 7
            fits = week % rule.interval == 0 and day.weekday() in weekdays
        if fits:
            found.append(day)
        day += timedelta(days=1)
    return found


def occurrences(rule, start, minutes):
    """Return the stays of a series.

    Each begins when the clock on the wall shows the same as at the first one, and lasts
    as many real minutes. A time that the clock leaps over in spring is taken an hour
    later; of one that it shows twice in autumn, the first.

    :param Rule rule:
    :param datetime start: of the first one, aware, in the store's zone
    :param int minutes: length
    :return: (start, end) in UTC, aware
    :rtype: list[tuple[datetime, datetime]]
    """
    length = timedelta(minutes=minutes)
    clock = start.time().replace(fold=0)
    begins = (
        datetime.combine(day, clock, start.tzinfo).astimezone(UTC)
        for day in days(rule, start.date())
    )
    return [(begin, begin + length) for begin in begins]
