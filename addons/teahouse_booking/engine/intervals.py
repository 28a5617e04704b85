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


def intersect(intervals, others):
    """Return what both covers share."""
    ours, theirs = merge(intervals), merge(others)
    shared = []
    while ours and theirs:
        (start, end), (other_start, other_end) = ours[0], theirs[0]
        if max(start, other_start) < min(end, other_end):
            shared.append((max(start, other_start), min(end, other_end)))
        (ours if end <= other_end else theirs).pop(0)
    return shared


def covers(intervals, start, end):
    """Tell whether one of the intervals holds ``[start, end)`` whole."""
    return any(a <= start and end <= b for a, b in merge(intervals))
