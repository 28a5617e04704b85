from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso, to_aware, to_utc_naive

from ..const import MAX_STAY_HOURS
from ..engine.intervals import subtract
from ..engine.rules import weekly_windows

#: Longest window that one look may ask for.
MAX_WINDOW_DAYS = 35

# What stands in the way of a new booking in a window, for many rooms at once. A hold
# that ran out does not, even if its job is late. `b.start` is bounded from below, so
# that the index on (room, start) finds the few rows that can reach into the window.
TAKEN = """
    SELECT b.room_id, tsrange(b.start, b.blocked_until) AS span
      FROM teahouse_booking b
     WHERE b.room_id = ANY(%(rooms)s)
       AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')
       AND b.start < %(until)s AND b.start > %(since)s - interval '%(stay)s hours'
       AND b.blocked_until > %(since)s
       AND (b.state <> 'hold' OR b.hold_expires_at > %(now)s)
    UNION ALL
    SELECT r.id, tsrange(c.start, c."end")
      FROM teahouse_closing c
      JOIN teahouse_room r
        ON r.store_id = c.store_id AND (c.room_id IS NULL OR c.room_id = r.id)
     WHERE r.id = ANY(%(rooms)s) AND c.active
       AND c.start < %(until)s AND c."end" > %(since)s
"""


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    def _taken_sql(self, since, until):
        """Return the statement that lists what is taken: (room_id, span)."""
        return SQL(
            TAKEN.replace("%(stay)s", str(MAX_STAY_HOURS)),
            rooms=self.ids,
            since=since,
            until=until,
            now=fields.Datetime.now(),
        )

    def _unblocked(self, since, until):
        """Return when nothing stands in these rooms, between two instants.

        One statement, however many rooms. Opening hours are not looked at.

        :return: {room id: [(start, end)]} in order of time, naive UTC
        :rtype: dict
        """
        self.env["teahouse.booking"].flush_model()
        self.env["teahouse.closing"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id,
                          (SELECT array_agg(ARRAY[lower(f.span), upper(f.span)]
                                            ORDER BY f.span)
                             FROM unnest(tsmultirange(tsrange(%(since)s, %(until)s))
                                         - coalesce(t.busy, '{}')) AS f(span))
                     FROM unnest(%(rooms)s) AS r(id)
                     LEFT JOIN (SELECT room_id, range_agg(span) AS busy
                                  FROM (%(taken)s) taken GROUP BY room_id) t
                       ON t.room_id = r.id""",
                since=since,
                until=until,
                rooms=self.ids,
                taken=self._taken_sql(since, until),
            )
        )
        return {
            room_id: [tuple(pair) for pair in pairs or []] for room_id, pairs in rows
        }

    def _free_intervals(self, since, until):
        """Return in which intervals stays may lie, between two instants (naive UTC).

        The cleaning time after a stay has been taken off already, and so have the
        hours in which the store is closed.

        :return: {room id: [(start, end)]} in order of time, naive UTC
        :rtype: dict
        """
        rooms_sudo = self.sudo()
        slack = max(rooms_sudo.mapped("turnover_minutes"), default=0)
        unblocked = self._unblocked(since, until + timedelta(minutes=slack))
        free = {}
        for room in rooms_sudo:
            turnover = timedelta(minutes=room.turnover_minutes)
            spans = [
                (start, min(end - turnover, until))
                for start, end in unblocked.get(room.id, [])
                if start < min(end - turnover, until)
            ]
            free[room.id] = room.store_id._within_opening(spans, since, until)
        return free

    def _check_open_for(self, start, end):
        """Refuse a window in which the room is closed.

        :raise TeahouseError: outside_window
        """
        self.ensure_one()
        room_sudo = self.sudo()
        self.env["teahouse.closing"].flush_model()
        closed = (
            self.env["teahouse.closing"]
            .sudo()
            .search(
                [
                    ("store_id", "=", room_sudo.store_id.id),
                    ("room_id", "in", (False, self.id)),
                    ("start", "<", end),
                    ("end", ">", start),
                ],
                limit=1,
            )
        )
        within = room_sudo.store_id._within_opening([(start, end)], start, end)
        if closed or within != [(start, end)]:
            raise TeahouseError(
                "outside_window", self.env._("The room is closed at that time.")
            )

    @api.model
    def _api_window(self, query):
        """Return the asked window as naive UTC, cut to the minute.

        :raise TeahouseError: invalid_request
        """
        since = to_utc_naive(query.from_).replace(second=0, microsecond=0)
        until = to_utc_naive(query.to).replace(second=0, microsecond=0)
        if not since < until <= since + timedelta(days=MAX_WINDOW_DAYS):
            message = self.env._(
                "Ask for a window of at most %(days)s days.", days=MAX_WINDOW_DAYS
            )
            raise TeahouseError(
                "invalid_request", message, [{"field": "to", "message": message}]
            )
        return since, until

    def _api_availability(self, query):
        """Return the free intervals of a room for customers.

        Each interval says how long a stay may be that begins at its start.
        """
        self.ensure_one()
        since, until = self._api_window(query)
        return self._availability_values(self._free_intervals(since, until)[self.id])

    def _availability_values(self, free):
        self.ensure_one()
        room_sudo = self.sudo()
        zone = room_sudo.store_id._zone()
        this_minute = fields.Datetime.now().replace(second=0)
        items = []
        for start, end in free:
            start = max(start, this_minute)
            longest = int((end - start).total_seconds() // 60)
            if longest < room_sudo.min_minutes:
                continue
            items.append(
                {
                    "start": iso(start, zone),
                    "end": iso(end, zone),
                    "max_minutes": min(longest, room_sudo.max_minutes),
                }
            )
        return {
            "room_id": room_sudo.id,
            "free": items if room_sudo.state == "open" else [],
            "slot_minutes": room_sudo.slot_minutes,
            "min_minutes": room_sudo.min_minutes,
            "max_minutes": room_sudo.max_minutes,
            "lead_minutes": room_sudo.lead_minutes,
            "horizon_days": self._horizon_days(),
            "turnover_minutes": room_sudo.turnover_minutes,
            "timezone": room_sudo.store_id.tz,
        }


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    def _within_opening(self, intervals, since, until):
        """Return what of some intervals (naive UTC) lies in the opening hours."""
        self.ensure_one()
        if self.open_24h:
            return intervals
        zone = self._zone()
        windows = weekly_windows(
            self._opening_minutes(),
            to_aware(since, zone),
            to_aware(until, zone),
            zone,
        )
        opened = [
            (
                start.astimezone(UTC).replace(tzinfo=None),
                end.astimezone(UTC).replace(tzinfo=None),
            )
            for start, end in windows
        ]
        closed = subtract([(since, until)], opened)
        return subtract(intervals, closed)

    def _opening_minutes(self):
        """Return the opening hours as (weekday, from minute, to minute)."""
        return [
            (
                int(line.weekday),
                round(line.hour_from * 60),
                round(line.hour_to * 60),
            )
            for line in self.opening_ids
        ]

    def _api_availability(self, query):
        """Return the free intervals of all rooms of the store, by one statement."""
        self.ensure_one()
        rooms_sudo = self.sudo().room_ids
        since, until = rooms_sudo._api_window(query)
        free = rooms_sudo._free_intervals(since, until)
        return {
            "rooms": [
                {
                    "name": room_sudo.name,
                    **room_sudo._availability_values(free[room_sudo.id]),
                }
                for room_sudo in rooms_sudo
            ]
        }

    def _search_parts(self, query):
        """Count the rooms free in a window, by one probe a store."""
        parts = super()._search_parts(query)
        if not (query.free_from and query.free_to):
            return parts
        since, until = self.env["teahouse.room"]._api_window(
            _Window(query.free_from, query.free_to)
        )
        parts.columns["rooms_free"] = free = self._rooms_free_sql(since, until)
        parts.where.append(SQL("%s > 0", free))
        return parts

    def _rooms_free_sql(self, since, until):
        """Return the SQL of how many rooms of store ``s`` are free in a window."""
        self.env["teahouse.booking"].flush_model()
        self.env["teahouse.closing"].flush_model()
        now = fields.Datetime.now()
        return SQL(
            """(SELECT count(*) FROM teahouse_room r
                 WHERE r.store_id = s.id AND r.active AND r.state = 'open'
                   AND NOT EXISTS (
                       SELECT 1 FROM teahouse_booking b
                        WHERE b.room_id = r.id
                          AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')
                          AND b.start < %(until)s + r.turnover_minutes
                                        * interval '1 minute'
                          AND b.start > %(since)s - interval '72 hours'
                          AND b.blocked_until > %(since)s
                          AND (b.state <> 'hold' OR b.hold_expires_at > %(now)s))
                   AND NOT EXISTS (
                       SELECT 1 FROM teahouse_closing c
                        WHERE c.store_id = s.id AND c.active
                          AND (c.room_id IS NULL OR c.room_id = r.id)
                          AND c.start < %(until)s AND c."end" > %(since)s))""",
            since=since,
            until=until,
            now=now,
        )

    def _api_search_values(self, row):
        values = super()._api_search_values(row)
        if "rooms_free" in row:
            values["rooms_free"] = row["rooms_free"]
        return values


class _Window:
    """A window as :meth:`_api_window` takes it."""

    def __init__(self, from_, to):
        self.from_ = from_
        self.to = to
