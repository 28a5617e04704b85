"""What may be booked: grid, lengths, lead time and horizon, opening hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from .intervals import merge


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
    length = minutes(end - start)
    if length <= 0:
        return ["end_before_start"]
    if start < now.replace(second=0, microsecond=0):
        found.append("past")
    elif start < now + timedelta(minutes=rules.lead_minutes) - timedelta(minutes=1):
        found.append("lead")
    if start > now + timedelta(days=rules.horizon_days):
        found.append("horizon")
    if not on_grid(start, rules.slot_minutes) or end.second or end.microsecond:
        found.append("grid")
    if length < rules.min_minutes:
        found.append("short")
    if length > rules.max_minutes:
        found.append("long")
    if not 1 <= people <= rules.capacity:
        found.append("people")
    return found


def weekly_windows(hours, start, end, zone):
    """Return the intervals in which weekly hours are on, as aware UTC instants.

    :param hours: (weekday 0 = Monday, from minute, to minute) on the local clock; a
        window whose end is not after its start runs over midnight
    :param start: aware, where to begin
    :param end: aware, where to stop
    :param zone: ZoneInfo of the store
    """
    windows = []
    day = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date()
    while day <= last:
        for weekday, opens, closes in hours:
            if weekday != day.weekday():
                continue
            closes = closes if closes > opens else closes + 1440
            begin, finish = _local(day, opens, zone), _local(day, closes, zone)
            begin, finish = max(begin, start), min(finish, end)
            if begin < finish:
                windows.append((begin.astimezone(UTC), finish.astimezone(UTC)))
        day += timedelta(days=1)
    return merge(windows)


def _local(day, minute, zone):
    """Return the instant at which the local clock of a day shows a minute."""
    day += timedelta(days=minute // 1440)
    clock = time(minute % 1440 // 60, minute % 60)
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
