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
