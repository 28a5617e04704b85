"""Bookings of the hours to come: the days of `forecast`, spread as weekdays are.

Beside it stands seasonal-naive, the same hour a week before. Both are tried on the
same rolling weeks; the better one speaks.
"""

import numpy as np

from .forecast import FOLDS, LEAST, NOT_TRIED, WEEK, Tried, _held, _span, _told, model

HOURS = 24
#: Weeks of which hours are like those to come.
PROFILE_WEEKS = 8


def profiles(history, special):
    """Return how the bookings of a weekday fall on its hours, seven rows of shares.

    :param history: rows of 24 numbers, oldest first; the first row is of weekday 0
    """
    since = max(0, len(history) - PROFILE_WEEKS * WEEK)
    recent = np.asarray(history[since:], dtype=float)
    whole = recent.sum(axis=0)
    whole = whole / whole.sum() if whole.sum() else np.full(HOURS, 1 / HOURS)
    usual = [place for place, kind in enumerate(special[since:]) if kind is None]
    rows = []
    for weekday in range(WEEK):
        places = [place for place in usual if (place + since) % WEEK == weekday]
        counts = recent[places].sum(axis=0) if places else np.zeros(HOURS)
        # The hours of all days weigh as much as one day does, for want of evidence.
        prior = max(counts.sum() / max(len(places), 1), 1.0) * whole
        rows.append((counts + prior) / (counts + prior).sum())
    return np.array(rows)


def model_hours(history, special, coming):
    """Forecast each hour of the days to come; rows of 24."""
    totals = [float(np.sum(day)) for day in history]
    days = model(totals, special, coming)
    shares = profiles(history, special)
    places = [(len(history) + number) % WEEK for number in range(len(coming))]
    return days[:, None] * shares[places]


def naive_hours(history, days):
    """Return the hours of the same weekdays a week before."""
    last = np.asarray(history[-WEEK:], dtype=float)
    return last[np.arange(days) % WEEK]


def forecast_hours(history, special, coming):
    """Forecast each hour with whatever did better in the last weeks.

    :param history: rows of 24 numbers, oldest first, no day left out
    :param special: kind of each of these days, None for a usual one
    :param coming: kind of each day to come, seven at most
    :rtype: Forecast: its numbers day after day, 24 of each
    """
    days = len(coming)
    if len(history) < LEAST:
        known = len(history) >= WEEK
        values = naive_hours(history, days) if known else np.zeros((days, HOURS))
        values = np.ravel(values)
        spread = 1.28 * _scale(values)
        return _told(values, values - spread, values + spread, "naive", NOT_TRIED)
    actual, told = {}, {"model": {}, "naive": {}}
    for week in range(1, FOLDS + 1):
        cut = len(history) - week * WEEK
        if cut < 2 * WEEK:
            break
        span = slice(cut, cut + WEEK)
        actual[week] = np.ravel(np.asarray(history[span], dtype=float))
        by_model = model_hours(history[:cut], special[:cut], special[span])
        told["model"][week] = np.ravel(by_model)
        told["naive"][week] = np.ravel(naive_hours(history[:cut], WEEK))
    outcomes = sum(float(counts.sum()) for counts in actual.values()) or 1.0
    errors = {
        name: sum(float(np.abs(actual[week] - weeks[week]).sum()) for week in actual)
        / outcomes
        for name, weeks in told.items()
    }
    method = "model" if errors["model"] <= errors["naive"] else "naive"
    if method == "model":
        values = np.ravel(model_hours(history, special, coming))
    else:
        values = np.ravel(naive_hours(history, days))
    # Busy hours scatter more than quiet ones, about as the root of what is expected.
    misses = {
        week: (actual[week] - told[method][week]) / _scale(told[method][week])
        for week in actual
    }
    low, high = _span(list(misses.values()))
    inside = _held(misses)
    coverage = float(np.mean(inside)) if inside else None
    tried = Tried(errors["model"], errors["naive"], coverage)
    scale = _scale(values)
    return _told(values, values + low * scale, values + high * scale, method, tried)


def _scale(values):
    return np.sqrt(np.maximum(values, 0.25))
