"""Everything that devices publish: sorted as it arrives, stored in batches.

Answers, births and events are committed together and at once. Readings wait a
moment longer and go in bulk, so that a flood of them never stands before an answer.
The PUBACK of a message comes after the COMMIT that holds it.
"""

import json
import logging
import time
from datetime import UTC, datetime

from ..engine import protocol
from ..engine.profile.discovery import is_discovery
from . import acks, outbox, presence
from .announced import Announced
from .database import ConnectionLost, DatabaseError
from .flood import Limiter, Once

_logger = logging.getLogger(__name__)

OWN, OWN_GATEWAY = f"{protocol.PREFIX}/", f"{protocol.PREFIX}/gw/"
SKEW_ALARM_SECONDS = 30
SKEW_MAX_SECONDS = 300
#: No message is older: the broker keeps the gateway's session for ten minutes.
WAITED_MAX_SECONDS = 3600
#: Readings of one device: one in 2 s for long, 60 at once.
READINGS_RATE, READINGS_BURST = 0.5, 60
EVENTS_RATE, EVENTS_BURST = 5, 100
NEVER_LIMITED = ("smoke", "tamper")
SEEN_SECONDS = 60
ALARM_SECONDS = 3600
TELEMETRY_ROWS = 500
TELEMETRY_SECONDS = 0.5
COLUMNS = (
    "temp_c",
    "hum_pct",
    "co2_ppm",
    "smoke",
    "presence",
    "power_w",
    "energy_wh",
)
EVENT_SQL = """
INSERT INTO teahouse_device_event
       (device_id, uid, ev, sev, payload, ts, received_at, effects_done)
SELECT d.id, v.uid, v.ev, v.sev, v.payload::jsonb,
       to_timestamp(v.ts::float8) AT TIME ZONE 'UTC',
       to_timestamp(v.received::float8) AT TIME ZONE 'UTC', FALSE
  FROM (VALUES %s) v(device, uid, ev, sev, payload, ts, received)
  JOIN teahouse_device d ON d.uid = v.device
    ON CONFLICT (device_id, uid) DO NOTHING
RETURNING id
"""
TELEMETRY_TABLE = "teahouse_telemetry"
IDS_SQL = "SELECT uid, id FROM teahouse_device WHERE uid = ANY(%s)"
SEEN_SQL = """
UPDATE teahouse_device d
   SET last_seen_at = clock_timestamp() AT TIME ZONE 'UTC',
       battery_pct = COALESCE(v.battery_pct::int, d.battery_pct),
       rssi_dbm = COALESCE(v.rssi_dbm::int, d.rssi_dbm)
  FROM (VALUES %s) v(uid, battery_pct, rssi_dbm)
 WHERE d.uid = v.uid
"""


def _instant(seconds):
    """Return seconds since the epoch as PostgreSQL reads a timestamp in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


class Inbox:
    """Messages on their way from the broker to the database.

    :param Metrics metrics: counts
    :param wall: seconds since the epoch
    :param clock: monotonic seconds
    :param Foreign foreign: devices of other makes, None for none
    :param accounts: keeper of the broker's accounts, None for none
    """

    def __init__(
        self,
        metrics,
        wall=time.time,
        clock=time.monotonic,
        foreign=None,
        accounts=None,
    ):
        self.metrics = metrics
        self._foreign, self._accounts = foreign, accounts
        self._wall, self._clock = wall, clock
        self._readings_limit = Limiter(READINGS_RATE, READINGS_BURST, clock)
        self._events_limit = Limiter(EVENTS_RATE, EVENTS_BURST, clock)
        self._seen_due = Once(SEEN_SECONDS, clock)
        self._alarm_due = Once(ALARM_SECONDS, clock)
        self.settled = True
        self._announced = Announced(metrics, clock)
        self.forget()

    def forget(self):
        """Drop what was not stored: without its PUBACK the broker sends it again."""
        self._ids = {}  # uid -> id of the device
        self._urgent = []  # (mid, uid, message, ts, received)
        self._readings = []
        self._readings_mids = []
        self._seen = {}
        self._oldest_reading = None
        self._done_mids = []

    # Sorting

    def take(self, message):
        """Sort one message in; what breaks the protocol is counted and dropped.

        :param Inbound message: as the link delivered it
        """
        mid = message.mid if message.qos else None
        topic = message.topic or ""
        if not topic.startswith(OWN) or topic.startswith(OWN_GATEWAY):
            self._take_other(mid, topic, message)
            return
        uid = "?"
        try:
            uid, leaf = protocol.parse_topic(message.topic)
            if leaf == "tele" and not self._readings_limit.allow(uid):
                # Before it costs more than its topic.
                self._flooded(uid)
                self._drop(mid)
                return
            if message.retain and leaf != "st":
                raise protocol.ProtocolError("retained")
            parsed = protocol.parse(leaf, message.payload)
        except protocol.ProtocolError as error:
            self.metrics.reject(uid, error.code)
            self._drop(mid)
            return
        self._sort(mid, uid, parsed)

    def _sort(self, mid, uid, parsed):
        if isinstance(parsed, protocol.Tele):
            self._take_reading(mid, uid, parsed)
        elif self._allowed(uid, parsed):
            received = self._wall()
            ts = self._settle(uid, getattr(parsed, "ts", None), received)
            self._urgent.append((mid, uid, parsed, ts, received))
        else:
            self._drop(mid)

    def _take_other(self, mid, topic, message):
        """Sort in what other makes, the broker and gateways say."""
        if topic.startswith(protocol.GATEWAY_STATUS_TOPIC):
            self._drop(mid)
        elif self._accounts and self._accounts.heard(message):
            self._drop(mid)
        elif is_discovery(topic):
            self._announced.take(message, self._wall())
            self._drop(mid)
        elif not self._foreign:
            self.metrics.reject("?", "bad_topic")
            self._drop(mid)
        else:
            told = self._foreign.take(message, self._wall())
            for uid, parsed in told:
                if not isinstance(parsed, protocol.Tele) or self._calm(uid):
                    self._sort(None, uid, parsed)
            # Confirmed with the next batch, which holds the answers among them.
            self._drop(mid)

    def _calm(self, uid):
        return self._readings_limit.allow(uid) or self._flooded(uid)

    def take_silence(self, wills):
        """Take the wills of devices that have been silent for too long."""
        for uid, status in wills:
            self._sort(None, uid, status)

    def _drop(self, mid):
        if mid is not None:
            self._done_mids.append(mid)

    def _allowed(self, uid, parsed):
        if not isinstance(parsed, protocol.Event) or parsed.ev in NEVER_LIMITED:
            return True
        return self._events_limit.allow(uid) or self._flooded(uid)

    def _flooded(self, uid):
        """Count a message above the limit; the first in an hour is an alarm."""
        self.metrics.count("dropped_total")
        self._alarm(uid, "flood", {})
        return False

    def _take_reading(self, mid, uid, reading):
        received = self._wall()
        ts = self._settle(uid, reading.ts, received)
        values = [reading.values.get(name) for name in COLUMNS]
        if any(value is not None for value in values):
            self._readings.append((uid, ts, received, *values))
        if mid is not None:
            self._readings_mids.append(mid)
        if self._seen_due.due(uid):
            self._seen[uid] = (uid, reading.battery_pct, reading.rssi_dbm)
        if self._oldest_reading is None:
            self._oldest_reading = self._clock()

    def _settle(self, uid, ts, received):
        """Return the time to store; a clock that is far off is an alarm."""
        if ts is None:
            return received
        skew = ts - received
        # What waited at the broker while the gateway was away is old, not wrong.
        slowest = SKEW_ALARM_SECONDS if self.settled else WAITED_MAX_SECONDS
        if not -slowest <= skew <= SKEW_ALARM_SECONDS:
            self._alarm(uid, "clock", {"skew_s": round(skew)})
        return ts if abs(skew) <= SKEW_MAX_SECONDS else received

    def _alarm(self, uid, name, payload):
        if self._alarm_due.due((uid, name)):
            received = self._wall()
            event_uid = f"{name}-{int(received)}"
            event = protocol.Event(event_uid, None, name, "warning", payload)
            self._urgent.append((None, uid, event, received, received))

    # Storing

    @property
    def waiting(self):
        """Tell whether something is to be stored or confirmed now."""
        return bool(self._urgent or self._done_mids or self._announced.waiting)

    def readings_due(self):
        """Return the seconds until the readings should be stored, None for never."""
        if self._oldest_reading is None:
            return None
        if len(self._readings) + len(self._readings_mids) >= TELEMETRY_ROWS:
            return 0.0
        return max(0.0, self._oldest_reading + TELEMETRY_SECONDS - self._clock())

    def store(self, database):
        """Commit answers, births, wills and events.

        :return: (mids to confirm, uids that were born)
        :raise psycopg2.OperationalError: the connection is lost; nothing is confirmed
        """
        batch = self._urgent
        born = []
        if batch:
            try:
                born = self._commit(database, batch)
            except ConnectionLost:
                raise
            except DatabaseError:
                born = self._commit_singly(database, batch)
        self._announced.store(database)
        mids = self._done_mids + [mid for mid, *_rest in batch if mid is not None]
        self._urgent, self._done_mids = [], []
        return mids, born

    def _commit_singly(self, database, batch):
        """Store a batch that holds one message the database refuses."""
        born = []
        for entry in batch:
            try:
                born += self._commit(database, [entry])
            except ConnectionLost:
                raise
            except DatabaseError as error:
                self.metrics.reject(entry[1], "database")
                _logger.warning("Message of %s refused: %s", entry[1], error.pgcode)
        return born

    def _commit(self, database, batch):
        statuses, answers, events = [], [], []
        for _mid, uid, parsed, ts, received in batch:
            if isinstance(parsed, protocol.Status):
                statuses.append((uid, parsed))
            elif isinstance(parsed, protocol.Ack):
                answers.append((uid, parsed, ts))
                if parsed.code == "retained":
                    events.append(
                        self._event_row(uid, f"retained-{parsed.id}", received)
                    )
            else:
                payload = json.dumps(parsed.payload)
                row = (uid, parsed.id, parsed.ev, parsed.sev, payload, ts, received)
                events.append(row)
        born, outcomes, unknown, stored = [], [], [], 0
        with database.transaction():
            if statuses:
                unknown, changes, born = presence.apply(database, statuses)
                events += self._change_rows(changes)
            if answers:
                outcomes = acks.apply(database, answers)
            if events:
                stored = len(database.values(EVENT_SQL, events))
            if stored or outcomes:
                database.notify_effects()
        self._count(outcomes, unknown, stored)
        return born

    def store_unheard(self, database, ids):
        """Commit that nobody heard some commands: their devices are gone.

        :return: states of the commands that are closed by it
        """
        with database.transaction():
            changes = presence.gone(database, ids)
            states = outbox.unheard(database, ids)
            if changes:
                database.values(EVENT_SQL, self._change_rows(changes))
            database.notify_effects()
        return states

    def _change_rows(self, changes):
        now = self._wall()
        return [
            self._event_row(uid, f"{state}-{boot}-{int(now)}", now, state)
            for _id, uid, state, boot in changes
        ]

    @staticmethod
    def _event_row(uid, event_uid, received, name="retained"):
        return (uid, event_uid, name, None, "{}", received, received)

    def _count(self, outcomes, unknown, stored):
        for outcome, seconds in outcomes:
            self.metrics.count("acks_total", outcome=outcome)
            if seconds is not None:
                self.metrics.observe("answer_seconds", seconds)
        for uid in unknown:
            self.metrics.reject(uid, "unknown_device")
        if stored:
            self.metrics.count("events_total", stored)

    def _copy(self, database, rows):
        """Bring readings to their table, the fastest way there is."""
        unknown = {row[0] for row in rows} - self._ids.keys()
        if unknown:
            self._ids.update(database.query(IDS_SQL, (sorted(unknown),)))
        lines = []
        for uid, ts, received, *values in rows:
            device_id = self._ids.get(uid)
            if device_id is None:
                self.metrics.reject(uid, "unknown_device")
                continue
            fields = [str(device_id), _instant(ts), _instant(received)]
            fields += ["\\N" if value is None else str(value) for value in values]
            lines.append("\t".join(fields))
        columns = ("device_id", "ts", "received_at", *COLUMNS)
        database.copy(TELEMETRY_TABLE, columns, lines)

    def store_readings(self, database):
        """Commit the readings that wait.

        :return: mids to confirm
        :raise psycopg2.OperationalError: the connection is lost; nothing is confirmed
        """
        rows, seen, mids = self._readings, self._seen, self._readings_mids
        try:
            with database.transaction(durable=False):
                if rows:
                    self._copy(database, rows)
                if seen:
                    database.values(SEEN_SQL, list(seen.values()))
            self.metrics.count("telemetry_total", len(rows))
        except ConnectionLost:
            raise
        except DatabaseError as error:
            # Parsing lets nothing through that a column cannot hold.
            _logger.error("%s readings refused: %s", len(rows), error.pgcode)
        self._readings, self._readings_mids, self._seen = [], [], {}
        self._oldest_reading = None
        return mids
