"""Request counters in memory, for reads: nothing is written for a look."""

import threading
import time

WINDOW = 60


def window_now():
    """Return (number of the current minute, seconds until the next one)."""
    now = time.time()
    return int(now // WINDOW), int(WINDOW - now % WINDOW) or 1


class MemoryCounter:
    """Counts by key within the current minute, in this process only."""

    def __init__(self):
        self._lock = threading.Lock()
        self._window = None
        self._hits = {}

    def hit(self, key):
        """Count once more; return how often in this minute."""
        window, _left = window_now()
        with self._lock:
            if window != self._window:
                self._window = window
                self._hits = {}
            hits = self._hits.get(key, 0) + 1
            self._hits[key] = hits
            return hits


reads = MemoryCounter()
