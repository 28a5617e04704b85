from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso, to_utc_naive

from ..const import BLOCKING_STATES, MAX_BLOCKED, USUAL_BLOCKED
from ..engine.intervals import covers, intersect

#: Longest window that one look may ask for.
MAX_WINDOW_DAYS = 35


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    def _unblocked(self, since, until, closings=True):
        """Return when stays could lie in these rooms, between two instants.

        One statement, however many rooms. A stay needs its cleaning time before the
        next one, so every booking counts from that much earlier. Holds that ran out
        do not count, even if their job is late. Opening hours are not looked at.

        :param since: naive UTC
        :param until: naive UTC
        :param bool closings: closed times are in the way, too
        :return: {room id: [(start, end)]} in order of time, naive UTC
        :rtype: dict
        """
        rows = self._unblocked_rows(since, until, closings)
        return {row[0]: [tuple(pair) for pair in row[1] or []] for row in rows}

    def _unblocked_rows(self, since, until, closings=True):
        """Return the same as rows: room id, pairs, store id, always open.

        The last two spare a look at the store for each room.
        """
        self.env["teahouse.booking"].flush_model()
        self.env["teahouse.closing"].flush_model()
        self.flush_model(["turnover_minutes", "store_id"])
        self.env["teahouse.store"].flush_model(["open_24h"])
        # `start` is bounded on both sides, so that the index on (room, start) finds
        # the few rows that can reach into the window. Stays that are longer than usual
        # have an index of their own.
        met = SQL(
            """b.blocked_until > %s AND b.state IN %s
               AND (b.state <> 'hold' OR b.hold_expires_at > %s)""",
            since,
            BLOCKING_STATES,
            fields.Datetime.now(),
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT r.id,
                       (SELECT array_agg(ARRAY[lower(f.span), upper(f.span)]
                                         ORDER BY f.span)
                          FROM unnest(tsmultirange(tsrange(%(since)s, %(until)s))
                                      - coalesce(t.busy, '{}')) AS f(span)),
                       s.id, s.open_24h
                  FROM teahouse_room r
                  JOIN teahouse_store s ON s.id = r.store_id
                  LEFT JOIN LATERAL (
                    SELECT range_agg(taken.span) AS busy
                      FROM (
                        SELECT tsrange(b.blocked_from
                                       - r.turnover_minutes * interval '1 min',
                                       b.blocked_until)
                          FROM teahouse_booking b
                         WHERE b.room_id = r.id AND %(met)s
                           AND b.start > %(since)s - %(usual)s
                           AND b.start < %(until)s
                                         + r.turnover_minutes * interval '1 min'
                         UNION ALL
                        SELECT tsrange(b.blocked_from
                                       - r.turnover_minutes * interval '1 min',
                                       b.blocked_until)
                          FROM teahouse_booking b
                         WHERE b.room_id = r.id AND %(met)s
                           AND b.store_id = r.store_id
                           AND b.blocked_until > b.start + %(usual)s
                           AND b.start > %(since)s - %(longest)s
                           AND b.start <= %(since)s - %(usual)s
                         UNION ALL
                        SELECT tsrange(c.start, c."end")
                          FROM teahouse_closing c
                         WHERE %(closings)s AND c.store_id = r.store_id
                           AND (c.room_id IS NULL OR c.room_id = r.id)
                           AND c.active AND c.start < %(until)s AND c."end" > %(since)s
                      ) AS taken(span)
                  ) t ON true
                 WHERE r.id = ANY(%(rooms)s)
                """,
                since=since,
                until=until,
                rooms=self.ids,
                met=met,
                usual=SQL("%s::interval", USUAL_BLOCKED),
                longest=SQL("%s::interval", MAX_BLOCKED),
                closings=closings,
            )
        )

    def _free_intervals(self, since, until):
        """Return in which intervals stays may lie, between two instants.

        Cleaning times have been taken off already, and so have the hours in which the
        stores are closed.

        :param since: naive UTC
        :param until: naive UTC
        :return: {room id: [(start, end)]} in order of time, naive UTC
        :rtype: dict
        """
        free, opened = {}, {}
        for room_id, pairs, store_id, always in self._unblocked_rows(since, until):
            spans = [tuple(pair) for pair in pairs or []]
            if not always:
                if store_id not in opened:
                    store_sudo = self.env["teahouse.store"].sudo().browse(store_id)
                    opened[store_id] = store_sudo._open_intervals(since, until)
                spans = intersect(spans, opened[store_id])
            free[room_id] = spans
        return free

    def _check_open_for(self, start, end):
        """Refuse a window in which the room is closed.

        :raise TeahouseError: outside_window
        """
        self.ensure_one()
        room_sudo = self.sudo()
        in_the_way = [
            ("store_id", "=", room_sudo.store_id.id),
            ("room_id", "in", (False, self.id)),
            ("start", "<", end),
            ("end", ">", start),
        ]
        closed = self.env["teahouse.closing"].sudo().search_count(in_the_way, limit=1)
        opened = room_sudo.store_id._open_intervals(start, end)
        if closed or not covers(opened, start, end):
            raise TeahouseError(
                "outside_window", self.env._("The room is closed at that time.")
            )

    @api.model
    def _api_window(self, since, until, field="to"):
        """Return an asked window as naive UTC, cut to the minute.

        :param since: aware
        :param until: aware
        :param str field: named in the refusal
        :raise TeahouseError: invalid_request
        """
        since = to_utc_naive(since).replace(second=0, microsecond=0)
        until = to_utc_naive(until).replace(second=0, microsecond=0)
        if not since < until <= since + timedelta(days=MAX_WINDOW_DAYS):
            message = self.env._(
                "Ask for a window of at most %s days.", MAX_WINDOW_DAYS
            )
            raise TeahouseError(
                "invalid_request", message, [{"field": field, "message": message}]
            )
        return since, until

    def _api_availability(self, query):
        """Return the free intervals of a room for customers."""
        self.ensure_one()
        since, until = self._api_window(query.from_, query.to)
        return self._availability_values(self._free_intervals(since, until)[self.id])

    def _availability_values(self, free):
        """Return free intervals for customers, with what may be booked in them.

        What has passed, what is too short and what lies beyond the horizon is left
        out; each interval says how long a stay may be that begins at its start.

        :param free: [(start, end)], naive UTC
        """
        self.ensure_one()
        room_sudo = self.sudo()
        zone = room_sudo.store_id._zone()
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        horizon_days = self._horizon_days()
        horizon = now + timedelta(days=horizon_days)
        bookable = room_sudo.state == room_sudo.store_id.state == "open"
        items = []
        for start, end in free if bookable else []:
            start = max(start, now)
            longest = int((end - start).total_seconds() // 60)
            if longest < room_sudo.min_minutes or start > horizon:
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
            "free": items,
            "slot_minutes": room_sudo.slot_minutes,
            "min_minutes": room_sudo.min_minutes,
            "max_minutes": room_sudo.max_minutes,
            "lead_minutes": room_sudo.lead_minutes,
            "horizon_days": horizon_days,
            "turnover_minutes": room_sudo.turnover_minutes,
            "timezone": room_sudo.store_id.tz,
        }
