import re
from collections import namedtuple
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

from ..const import BLOCKING_STATES
from ..engine.intervals import covers, intersect

#: Longest window that one look may ask for.
MAX_WINDOW_DAYS = 35

RoomRow = namedtuple(
    "RoomRow",
    """room_id spans store_id open_24h tz bookable name slot_minutes min_minutes
    max_minutes lead_minutes horizon_days turnover_minutes""",
)

_bounds = re.compile(r'"([^"]+)"').findall


def _spans(text):
    """Return the (start, end) pairs of a multirange as PostgreSQL writes it.

    The driver knows arrays of instants, but reads them ten times as slowly.
    """
    bounds = [datetime.fromisoformat(bound) for bound in _bounds(text)]
    return list(zip(bounds[::2], bounds[1::2], strict=True))


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
        rows = self._rows(since, until, SQL("r.id = ANY(%s)", self.ids), closings)
        return {row.room_id: row.spans for row in rows}

    @api.model
    def _rows(self, since, until, which, closings=True):
        """Return what there is to be known of rooms, by one statement.

        With what a look at what is free needs of room and store besides: whoever uses
        the fields themselves has two more statements.

        :param SQL which: condition on the room ``r`` and its store ``s``
        :rtype: list[RoomRow]
        """
        for model in ("booking", "closing", "store", "room"):
            self.env[f"teahouse.{model}"].flush_model()
        # The wall's own index finds what meets the window.
        found = self.env.execute_query(
            SQL(
                """
                SELECT r.id,
                       (tsmultirange(tsrange(%(since)s, %(until)s))
                        - coalesce((
                            SELECT range_agg(tsrange(
                                     b.blocked_from
                                     - r.turnover_minutes * interval '1 min',
                                     b.blocked_until))
                              FROM teahouse_booking b
                             WHERE b.room_id = r.id AND b.state IN %(blocking)s
                               AND tsrange(b.blocked_from, b.blocked_until)
                                   && tsrange(%(since)s, %(until)s
                                        + r.turnover_minutes * interval '1 min')
                               AND (b.state <> 'hold' OR b.hold_expires_at > %(now)s)
                          ), '{}')
                        - coalesce((
                            SELECT range_agg(tsrange(c.start, c."end"))
                              FROM teahouse_closing c
                             WHERE %(closings)s AND c.store_id = r.store_id
                               AND (c.room_id IS NULL OR c.room_id = r.id)
                               AND c.active
                               AND c.start < %(until)s AND c."end" > %(since)s
                          ), '{}'))::text,
                       s.id, s.open_24h, s.tz,
                       r.state = 'open' AND s.state = 'open', r.name,
                       r.slot_minutes, r.min_minutes, r.max_minutes,
                       r.lead_minutes, r.horizon_days, r.turnover_minutes
                  FROM teahouse_room r
                  JOIN teahouse_store s ON s.id = r.store_id
                 WHERE %(which)s
                 ORDER BY r.store_id, r.sequence, r.id
                """,
                since=since,
                until=until,
                which=which,
                closings=closings,
                blocking=BLOCKING_STATES,
                now=fields.Datetime.now(),
            )
        )
        return [RoomRow(row[0], _spans(row[1]), *row[2:]) for row in found]

    def _free_intervals(self, since, until):
        """Return in which intervals stays may lie, between two instants.

        Cleaning times have been taken off already, and so have the hours in which the
        stores are closed.

        :param since: naive UTC
        :param until: naive UTC
        :return: {room id: [(start, end)]} in order of time, naive UTC
        :rtype: dict
        """
        rows = self._open_rows(since, until, SQL("r.id = ANY(%s)", self.ids))
        return {row.room_id: row.spans for row in rows}

    @api.model
    def _open_rows(self, since, until, which):
        """Return the same as :meth:`_rows`, less the hours in which stores are closed.

        :rtype: list[RoomRow]
        """
        rows, opened = self._rows(since, until, which), {}
        for index, row in enumerate(rows):
            if row.open_24h:
                continue
            if row.store_id not in opened:
                store_sudo = self.env["teahouse.store"].sudo().browse(row.store_id)
                opened[row.store_id] = store_sudo._open_intervals(since, until)
            spans = intersect(row.spans, opened[row.store_id])
            rows[index] = row._replace(spans=spans)
        return rows

    def _check_open_for(self, start, end):
        """Refuse a window in which the room is closed.

        :raise TeahouseError: outside_window
        """
        self.ensure_one()
        room_sudo = self.sudo()
        self.env["teahouse.closing"].flush_model()
        closed = self.env.execute_query(
            SQL(
                """SELECT EXISTS (
                     SELECT 1 FROM teahouse_closing
                      WHERE active AND store_id = %s
                        AND (room_id IS NULL OR room_id = %s)
                        AND start < %s AND "end" > %s)""",
                room_sudo.store_id.id,
                self.id,
                end,
                start,
            )
        )[0][0]
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
