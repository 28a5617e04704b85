"""What may be booked: grid, lengths, lead time and horizon."""

from dataclasses import dataclass
from datetime import UTC, timedelta


@dataclass(frozen=True)
class RoomRules:
    """Settings of a room; all lengths in minutes."""

    slot_minutes: int = 30
    min_minutes: int = 60
    max_minutes: int = 1440
    lead_minutes: int = 0
    horizon_days: int = 30
    capacity: int = 4


def minutes(delta):
    """Return the whole minutes of a timedelta, rounded down."""
    return int(delta.total_seconds() // 60)


def on_grid(start, slot_minutes):
    """Tell whether a local start stands on the grid, counted from local midnight.

    The clock on the wall decides: 14:30 is on a grid of 30 minutes on every day.
    """
    if start.second or start.microsecond:
        return False
    return (start.hour * 60 + start.minute) % slot_minutes == 0


def problems(rules, start, end, now, people):
    """Return what speaks against a booking, as codes; an empty list for nothing.

    :param RoomRules rules:
    :param start: aware, on the store's clock
    :param end: aware
    :param now: aware
    :return: of end_before_start, past, lead, horizon, grid, short, long, people
    """
    found = []
    on_clock = on_grid(start, rules.slot_minutes) and not (end.second + end.microsecond)
    # On one clock with daylight saving, Python subtracts what the hands show.
    start, end, now = (instant.astimezone(UTC) for instant in (start, end, now))
    now = now.replace(second=0, microsecond=0)
    length = minutes(end - start)
    if length <= 0:
        return ["end_before_start"]
    if start < now:
        found.append("past")
    elif start < now + timedelta(minutes=rules.lead_minutes):
        found.append("lead")
    if start > now + timedelta(days=rules.horizon_days):
        found.append("horizon")
    if not on_clock:
        found.append("grid")
    if length < rules.min_minutes:
        found.append("short")
    if length > rules.max_minutes:
        found.append("long")
    if not 1 <= people <= rules.capacity:
        found.append("people")
    return found


def starts(rules, begin, end, now):
    """Return at which instants stays may begin in a free interval, and how long each
    may be.

    :param RoomRules rules:
    :param begin: of the interval, aware, on the store's clock
    :param end: aware
    :param now: aware
    :return: (start, longest stay in minutes), in order; none shorter than allowed
    :rtype: list[tuple[datetime, int]]
    """
    zone, step = begin.tzinfo, timedelta(minutes=rules.slot_minutes)
    begin, end, now = (instant.astimezone(UTC) for instant in (begin, end, now))
    earliest = now.replace(second=0, microsecond=0)
    earliest += timedelta(minutes=rules.lead_minutes)
    latest = min(end - timedelta(minutes=rules.min_minutes), _horizon(rules, now))
    at, found = _whole_minute(max(begin, earliest)), []
    while at <= latest:
        local = at.astimezone(zone)
        if on_grid(local, rules.slot_minutes):
            found.append((local, min(minutes(end - at), rules.max_minutes)))
            at += step
            continue
        # The first one, the clock was changed, or a day has no whole number of steps.
        at += timedelta(minutes=1)
    return found


def _horizon(rules, now):
    now = now.replace(second=0, microsecond=0)
    return now + timedelta(days=rules.horizon_days)


def _whole_minute(instant):
    """Return the first whole minute that is not before an instant."""
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(minutes=1)
