"""Announcements by discovery: proposals for a person, nothing more."""

import json

from ..engine.profile import ProfileError, discover
from .flood import Limiter, Once

#: New announcements a second for long, and at once.
RATE, BURST = 5, 400
SEEN_SECONDS = 3600
MAX_WAITING = 500
NOW = "clock_timestamp() AT TIME ZONE 'UTC'"
STORE_SQL = f"""
INSERT INTO teahouse_device_announcement
       (key, source, name, kind, model, fw, profile_code, profile_values, state,
        first_seen_at, last_seen_at)
SELECT v.key, 'discovery', v.name, v.kind, v.model, v.fw, v.profile, v.values,
       'waiting', {NOW}, {NOW}
  FROM (VALUES %s) v(key, name, kind, model, fw, profile, values)
 WHERE (SELECT count(*) FROM teahouse_device_announcement WHERE state = 'waiting')
       < {MAX_WAITING}
    ON CONFLICT (source, key) DO UPDATE
   SET last_seen_at = EXCLUDED.last_seen_at, fw = EXCLUDED.fw,
       name = EXCLUDED.name, model = EXCLUDED.model,
       profile_values = CASE WHEN teahouse_device_announcement.state = 'bound'
                        THEN teahouse_device_announcement.profile_values
                        ELSE EXCLUDED.profile_values END
"""


class Announced:
    """Announcements that wait to be stored.

    :param Metrics metrics: counts
    :param clock: monotonic seconds
    """

    def __init__(self, metrics, clock):
        self._metrics = metrics
        self._limit = Limiter(RATE, BURST, clock)
        self._due = Once(SEEN_SECONDS, clock)
        self._rows = {}

    @property
    def waiting(self):
        """Tell whether something is to be stored."""
        return bool(self._rows)

    def take(self, message, _now):
        """Read an announcement; what makes no sense is counted and dropped."""
        if not self._limit.allow("discovery"):
            self._metrics.count("dropped_total")
            return
        try:
            found = discover(message.topic, message.payload)
        except ProfileError as error:
            self._metrics.reject("discovery", error.code)
            return
        for one in found:
            values = json.dumps(one.values, ensure_ascii=False, sort_keys=True)
            if "\\u0000" in values or "\x00" in one.key + one.name + one.model + one.fw:
                self._metrics.reject("discovery", "bad_json")
            elif self._due.due((one.key, values)):
                self._rows[one.key] = (
                    *(one.key, one.name, one.kind, one.model, one.fw),
                    *(one.profile, values),
                )

    def store(self, database):
        """Store what waits."""
        rows, self._rows = self._rows, {}
        if rows:
            database.values(STORE_SQL, list(rows.values()))
            self._metrics.count("announcements_total", len(rows))
