"""Energy used in a window, from a counting meter. Pure.

The rule. What a meter counted between two readings that follow each other is the
difference; a counter that went back began again at 0, so it is the later value. It
is spread evenly over the time between the two readings, and a window gets the share
of the time it covers. Hence windows that touch add up to what the meter counted, and
nothing is counted for two stays. Where a window begins or ends inside a gap longer
than `GAP`, the share is a guess and the result says so.
"""

from datetime import timedelta

GAP = timedelta(minutes=15)


def counted(before, after):
    """Return what a meter counted between two of its values, in Wh."""
    return after - before if after >= before else after


def used(readings, start, end):
    """Return the energy used in `[start, end)`.

    :param readings: [(instant, Wh)] in order of time, with those around the window
    :return: (Wh, whether a part of it is a guess), None when nothing is known
    """
    total, guessed, covered = 0.0, False, timedelta()
    for (at, value), (next_at, next_value) in zip(readings, readings[1:], strict=False):
        length = next_at - at
        share = min(next_at, end) - max(at, start)
        if share <= timedelta() or length <= timedelta():
            continue
        covered += share
        total += counted(value, next_value) * (share / length)
        guessed = guessed or (share < length and length > GAP)
    if not covered:
        return None
    # The meter was not heard at all at an edge of the window.
    return total, guessed or end - start - covered > GAP
