"""Bookings of the days to come, from those of the days gone by.

A Holt-Winters model with a weekly season (statsmodels) on numbers that holidays and
make-up days are taken out of, beside the seasonal-naive forecast: the same weekday a
week before. Both are tried on the same rolling folds; the better one speaks.
"""

import warnings
from dataclasses import dataclass

import numpy as np

WEEK = 7
#: Fewer days say nothing about a season.
LEAST = 4 * WEEK
FOLDS = 4
#: Share of the outcomes that the interval is to hold.
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Forecast:
    """What is expected.

    :param values: expected number of each day
    :param low: of each day; with ``high`` it holds eight outcomes of ten
    :param high: of each day
    :param method: ``model`` or ``naive``
    :param error: of the model: sum of misses / sum of outcomes over the folds, None
        where too few days are known to tell
    :param naive_error: of seasonal-naive, on the same folds
    """

    values: tuple
    low: tuple
    high: tuple
    method: str
    error: float | None
    naive_error: float | None


def naive(history, days):
    """Return each weekday's last number, again and again."""
    last = np.asarray(history[-WEEK:], dtype=float)
    return np.resize(last, days)


def holiday_factor(history, special):
    """Return what a special day brings compared with its usual weekday.

    :param special: kind of each day of ``history``, None for a usual one
    :rtype: dict of kind to factor; drawn to 1 where few days are known
    """
    usual = [[] for _ in range(WEEK)]
    for place, (count, kind) in enumerate(zip(history, special, strict=True)):
        if kind is None:
            usual[place % WEEK].append(count)
    factors = {}
    for kind in {kind for kind in special if kind}:
        pairs = [
            (count, np.mean(usual[place % WEEK]))
            for place, (count, one) in enumerate(zip(history, special, strict=True))
            if one == kind and usual[place % WEEK]
        ]
        expected = sum(mean for _count, mean in pairs)
        if expected:
            # Three usual days stand beside them, so that one odd day is not a rule.
            prior = 3 * expected / len(pairs)
            found = sum(count for count, _mean in pairs)
            factors[kind] = (found + prior) / (expected + prior)
    return factors


def model(history, special, coming):
    """Forecast with the seasonal model.

    :param coming: kind of each day to come, None for a usual one
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    factors = holiday_factor(history, special)
    usual = np.array(
        [
            count / max(factors.get(kind, 1), 0.1)
            for count, kind in zip(history, special, strict=True)
        ]
    )
    with warnings.catch_warnings():
        # A fit that has not settled is judged by the folds like any other.
        warnings.simplefilter("ignore")
        fitted = ExponentialSmoothing(
            usual, trend=None, seasonal="add", seasonal_periods=WEEK
        ).fit()
        values = np.asarray(fitted.forecast(len(coming)))
    values = values * [factors.get(kind, 1) for kind in coming]
    return np.clip(values, 0, None)


def forecast(history, special, coming):
    """Forecast the days to come with whatever did better on days gone by.

    :param history: number of each day, oldest first, no day left out
    :param special: kind of each of these days (``holiday``, ``workday`` or None)
    :param coming: kind of each day to come
    :rtype: Forecast
    """
    history, days = list(map(float, history)), len(coming)
    if len(history) < LEAST:
        values = naive(history, days) if len(history) >= WEEK else np.zeros(days)
        spread = 1.28 * np.sqrt(np.maximum(values, 1))
        return _told(values, values - spread, values + spread, "naive", None, None)
    errors, naive_errors, outcomes = [], [], []
    for fold in range(FOLDS, 0, -1):
        cut = len(history) - fold * WEEK
        if cut < 2 * WEEK:
            continue
        actual = np.array(history[cut : cut + WEEK])
        outcomes.append(actual)
        kinds = special[cut : cut + WEEK]
        errors.append(actual - model(history[:cut], special[:cut], kinds))
        naive_errors.append(actual - naive(history[:cut], WEEK))
    total = float(np.sum(outcomes)) or 1.0
    error = float(np.sum(np.abs(errors))) / total
    naive_error = float(np.sum(np.abs(naive_errors))) / total
    better = error <= naive_error
    values = model(history, special, coming) if better else naive(history, days)
    misses = np.ravel(errors if better else naive_errors)
    low, high = np.quantile(misses, [LOW, HIGH])
    return _told(
        values,
        values + min(low, 0),
        values + max(high, 0),
        "model" if better else "naive",
        error,
        naive_error,
    )


def _told(values, low, high, method, error, naive_error):
    low, high = np.clip(low, 0, None), np.clip(high, 0, None)
    rows = (tuple(round(float(one), 2) for one in row) for row in (values, low, high))
    return Forecast(*rows, method, error, naive_error)
