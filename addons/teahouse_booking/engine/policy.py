"""Cancellation policies."""


def refund_percent(policy, minutes_before_start):
    """Return the percentage that a cancellation gives back.

    The row with the largest threshold not above the remaining minutes wins; without
    such a row nothing is given back.

    :param policy: rows of (minutes before start, percent), in any order
    :param minutes_before_start: whole minutes that remain; may be negative
    :return: percent, 0 to 100
    """
    rows = [row for row in policy if row[0] <= minutes_before_start]
    return max(rows, key=lambda row: row[0])[1] if rows else 0
