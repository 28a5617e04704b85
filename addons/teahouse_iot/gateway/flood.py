"""Per-device limits: one device that talks without end must not cost the others."""

import time

MAX_KEYS = 20_000


class Limiter:
    """A token bucket per key.

    :param float rate: tokens a second
    :param float burst: tokens a rested key has
    """

    def __init__(self, rate, burst, clock=time.monotonic):
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets = {}

    def allow(self, key):
        """Take a token; False when the key has none."""
        now = self._clock()
        tokens, then = self._buckets.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return allowed


class Once:
    """Says yes once per key and period: for alarms and throttled columns."""

    def __init__(self, seconds, clock=time.monotonic):
        self._seconds, self._clock = seconds, clock
        self._last = {}

    def _prune(self, now):
        """Keys can be invented: those whose period is over are forgotten."""
        if len(self._last) > MAX_KEYS:
            self._last = {
                key: at for key, at in self._last.items() if now - at < self._seconds
            }

    def due(self, key):
        """Tell whether the key's period is over, and start a new one."""
        now = self._clock()
        if now - self._last.get(key, -self._seconds) < self._seconds:
            return False
        self._prune(now)
        self._last[key] = now
        return True
