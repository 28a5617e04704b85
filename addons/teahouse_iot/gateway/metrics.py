"""Counters, gauges and latencies of one gateway, in Prometheus' text format."""

import threading
from bisect import bisect_left
from collections import Counter

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
PREFIX = "teahouse_gateway_"
HELP = {
    "claimed_total": "Commands claimed, by the state they went to",
    "published_total": "Commands handed to the broker, resends included",
    "acks_total": "Answers of devices, by what became of them",
    "closed_total": "Commands closed at their end of life, by state",
    "rejected_total": "Payloads refused, by reason",
    "dropped_total": "Readings dropped for flooding",
    "telemetry_total": "Readings stored",
    "events_total": "Events stored",
    "announcements_total": "Announcements of devices stored",
    "foreign_devices": "Devices of other makes that are listened to",
    "reconnects_total": "Connections built, by side",
    "leader": "1 while this gateway is the active one",
    "link_up": "1 while the broker connection is up",
    "database_up": "1 while the database connection is up",
    "unacknowledged": "Published commands whose PUBACK is missing",
    "send_seconds": "From the wake-up by a COMMIT to the publish",
    "answer_seconds": "From the last publish to the final answer",
}


class Metrics:
    """Numbers of one gateway; written by the loop, read by the HTTP thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._counters = Counter()  # (name, label, value) -> count
        self._gauges = {}
        self._histograms = {}  # name -> [counts per bucket, sum]
        self.rejected_by_device = Counter()

    def count(self, name, amount=1, **label):
        """Add to a counter, with at most one label."""
        key = (name, *next(iter(label.items()), (None, None)))
        with self._lock:
            self._counters[key] += amount

    def gauge(self, name, value):
        """Set a gauge."""
        self._gauges[name] = value

    def observe(self, name, seconds):
        """Put a duration into a histogram."""
        with self._lock:
            counts, total = self._histograms.get(name, ([0] * (len(BUCKETS) + 1), 0.0))
            counts[bisect_left(BUCKETS, seconds)] += 1
            self._histograms[name] = (counts, total + seconds)

    def reject(self, device, reason):
        """Count a refused payload for its device."""
        self.count("rejected_total", reason=reason)
        with self._lock:
            # A stranger may invent names without end.
            if device in self.rejected_by_device or len(self.rejected_by_device) < 5000:
                self.rejected_by_device[device] += 1

    def value(self, name, label=None):
        """Return a gauge, or a counter (for one label value, or in all)."""
        if name in self._gauges:
            return self._gauges[name]
        with self._lock:
            return sum(
                count
                for (key, _label, value), count in self._counters.items()
                if key == name and label in (None, value)
            )

    def worst_devices(self, limit=20):
        """Return the devices with the most refused payloads.

        :rtype: dict[str, int]
        """
        with self._lock:
            return dict(self.rejected_by_device.most_common(limit))

    def render(self):
        """Return all numbers as Prometheus text."""
        lines = []
        with self._lock:
            names = sorted({name for name, *_rest in self._counters})
            for name in names:
                lines += self._head(name, "counter")
                for (key, label, value), count in sorted(
                    self._counters.items(), key=lambda item: str(item[0])
                ):
                    if key == name:
                        tag = f'{{{label}="{value}"}}' if label else ""
                        lines.append(f"{PREFIX}{name}{tag} {count}")
            for name, value in sorted(self._gauges.items()):
                lines += [*self._head(name, "gauge"), f"{PREFIX}{name} {value:g}"]
            for name, (counts, total) in sorted(self._histograms.items()):
                lines += self._head(name, "histogram")
                seen = 0
                for bound, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
                    seen += count
                    lines.append(f'{PREFIX}{name}_bucket{{le="{bound}"}} {seen}')
                lines.append(f"{PREFIX}{name}_sum {total:.6f}")
                lines.append(f"{PREFIX}{name}_count {seen}")
        return "\n".join(lines) + "\n"

    @staticmethod
    def _head(name, kind):
        full = f"{PREFIX}{name}"
        return [f"# HELP {full} {HELP.get(name, name)}", f"# TYPE {full} {kind}"]
