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
    :param coverage: share of the outcomes of the folds that lay in the interval which
        the misses of the other folds make; None where that is not known
    """

    values: tuple
    low: tuple
    high: tuple
    method: str
    error: float | None
    naive_error: float | None
    coverage: float | None = None


@dataclass(frozen=True)
class Tried:
    """How a forecast did on days gone by; see `Forecast`."""

    error: float | None = None
    naive_error: float | None = None
    coverage: float | None = None


NOT_TRIED = Tried()


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

    Each of the last weeks is foretold as it would have been one, two, three and four
    weeks before: the interval grows with what was missed at that distance.

    :param history: number of each day, oldest first, no day left out
    :param special: kind of each of these days (``holiday``, ``workday`` or None)
    :param coming: kind of each day to come
    :rtype: Forecast
    """
    history, days = list(map(float, history)), len(coming)
    if len(history) < LEAST:
        values = naive(history, days) if len(history) >= WEEK else np.zeros(days)
        spread = 1.28 * np.sqrt(np.maximum(values, 1))
        return _told(values, values - spread, values + spread, "naive", NOT_TRIED)
    ahead = -(-days // WEEK)
    trials = back_test(history, special, ahead)
    outcomes = sum(np.sum(trials[0][week].actual) for week in trials[0]) or 1.0
    misses = {
        name: sum(np.sum(np.abs(trial.miss(name))) for trial in trials[0].values())
        for name in ("model", "naive")
    }
    errors = {name: float(miss / outcomes) for name, miss in misses.items()}
    method = "model" if errors["model"] <= errors["naive"] else "naive"
    if method == "model":
        values = model(history, special, coming)
    else:
        values = naive(history, days)
    spans, inside = [], []
    for tried in trials:
        found = {week: trial.miss(method) for week, trial in tried.items()}
        span = _span(list(found.values())) if found else spans[-1]
        if spans:
            # Further away nothing gets surer.
            span = min(span[0], spans[-1][0]), max(span[1], spans[-1][1])
        spans.append(span)
        inside += _held(found)
    low, high = (
        np.array([values[day] + spans[day // WEEK][side] for day in range(days)])
        for side in (0, 1)
    )
    coverage = float(np.mean(inside)) if inside else None
    tried = Tried(errors["model"], errors["naive"], coverage)
    return _told(values, low, high, method, tried)


@dataclass(frozen=True)
class Trial:
    """A week that was foretold with what was known some weeks before it."""

    actual: np.ndarray
    model: np.ndarray
    naive: np.ndarray

    def miss(self, method):
        """Return by how much a method told too little, for each number."""
        return self.actual - getattr(self, method)


def back_test(history, special, ahead):
    """Foretell each of the last weeks from one week before, from two, and so on.

    :param int ahead: weeks
    :return: for each distance the trials by the number of the week, 1 the last one;
        none where too little was known then
    """
    told = {}
    for origin in range(1, FOLDS + ahead):
        cut = len(history) - origin * WEEK
        if cut < 2 * WEEK:
            break
        span = min(ahead, origin) * WEEK
        kinds = special[cut : cut + span]
        told[origin] = (
            model(history[:cut], special[:cut], kinds),
            naive(history[:cut], span),
        )
    trials = []
    for distance in range(ahead):
        trials.append({})
        for week in range(1, FOLDS + 1):
            if week + distance not in told:
                continue
            begin = len(history) - week * WEEK
            place = slice(distance * WEEK, (distance + 1) * WEEK)
            by_model, by_naive = told[week + distance]
            actual = np.array(history[begin : begin + WEEK])
            trials[-1][week] = Trial(actual, by_model[place], by_naive[place])
    return trials


def _span(misses):
    """Return the misses that eight of ten lie between; too few make it wider."""
    misses = np.ravel(misses)
    # With n misses seen, the next one is above all of them once in n + 1 times.
    reach = min(1.0, HIGH * (len(misses) + 1) / len(misses))
    low, high = np.quantile(misses, [1 - reach, reach])
    return min(float(low), 0.0), max(float(high), 0.0)


def _held(found):
    """Return whether each outcome lay in the interval that the other weeks make."""
    held = []
    for week, misses in found.items():
        others = [miss for other, miss in found.items() if other != week]
        if others:
            low, high = _span(others)
            held += [low <= miss <= high for miss in misses]
    return held


def _told(values, low, high, method, tried):
    low, high = np.clip(low, 0, None), np.clip(high, 0, None)
    rows = (tuple(round(float(one), 2) for one in row) for row in (values, low, high))
    return Forecast(*rows, method, tried.error, tried.naive_error, tried.coverage)
