"""Half-open intervals ``[start, end)`` as tuples of comparable instants."""


def merge(intervals):
    """Return the same cover as sorted intervals that neither overlap nor touch."""
    merged = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def subtract(intervals, taken):
    """Return what of ``intervals`` is not covered by ``taken``."""
    free, busy = [], merge(taken)
    for start, end in merge(intervals):
        for busy_start, busy_end in busy:
            if busy_end <= start:
                continue
            if busy_start >= end:
                break
            if busy_start > start:
                free.append((start, busy_start))
            start = max(start, busy_end)
        if start < end:
            free.append((start, end))
    return free


def covers(intervals, start, end):
    """Tell whether one of the intervals holds ``[start, end)`` whole."""
    return any(a <= start and end <= b for a, b in merge(intervals))
