"""Opening hours: when a store is open, on its own clock."""

from datetime import UTC, datetime, time, timedelta


def _instant(day, minutes, zone):
    """Return the instant of minutes after midnight of a local date, in UTC."""
    day += timedelta(days=minutes // 1440)
    minutes %= 1440
    local = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone)
    return local.astimezone(UTC)


def open_intervals(lines, zone, start, end):
    """Return when a store is open within ``[start, end)``.

    :param lines: (weekday, from, to) with Monday 0 and local minutes; a ``to`` not
        after ``from`` lies on the next day
    :param zone: ZoneInfo of the store
    :param datetime start: aware
    :param datetime end: aware
    :return: sorted disjoint (start, end) pairs in UTC
    """
    first = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date()
    spans = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for weekday, minute_from, minute_to in lines:
            if weekday != day.weekday():
                continue
            if minute_to <= minute_from:
                minute_to += 1440
            opens = max(_instant(day, minute_from, zone), start)
            closes = min(_instant(day, minute_to, zone), end)
            if opens < closes:
                spans.append((opens, closes))
    merged = []
    for opens, closes in sorted(spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return [(opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in merged]
