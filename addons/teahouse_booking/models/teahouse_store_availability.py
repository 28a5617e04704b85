from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import BLOCKING_STATES, MAX_BLOCKED, USUAL_BLOCKED


class TeahouseStore(models.Model):
    """Search for stores that have a room free."""

    _inherit = "teahouse.store"

    def _search_parts(self, query):
        """Add the rating, and the number of rooms that are free in a window."""
        parts = super()._search_parts(query)
        parts.orders["rating"] = SQL(
            "s.review_score DESC, s.review_count DESC, s.sequence, s.id"
        )
        if not query.free_from and not query.free_to:
            return parts
        if not (query.free_from and query.free_to):
            missing = "free_to" if query.free_from else "free_from"
            message = self.env._("Both ends of the window are needed.")
            raise TeahouseError(
                "invalid_request", message, [{"field": missing, "message": message}]
            )
        since, until = self.env["teahouse.room"]._api_window(
            query.free_from, query.free_to, field="free_to"
        )
        parts.joins.append(self._rooms_free_sql(since, until, query.capacity or 0))
        parts.columns["rooms_free"] = SQL("free.n")
        parts.where += [self._open_sql(since, until), SQL("free.n > 0")]
        return parts

    def _rooms_free_sql(self, since, until, capacity):
        """Return the join ``free`` that counts the free rooms of store ``s``.

        ``OFFSET 0`` keeps the planner from joining all bookings there are instead of
        looking at those of one store after the other.
        """
        self.env["teahouse.closing"].flush_model()
        return SQL(
            """
            CROSS JOIN LATERAL (
                SELECT count(*) AS n
                  FROM teahouse_room fr
                 WHERE fr.store_id = s.id AND s.state = 'open'
                   AND fr.active AND fr.state = 'open' AND fr.capacity >= %(capacity)s
                   AND NOT EXISTS (
                       SELECT 1 FROM (%(stays)s OFFSET 0) AS b
                        WHERE b.room_id = fr.id
                          AND b.blocked_from < %(until)s
                                               + fr.turnover_minutes * interval '1 min')
                   AND NOT EXISTS (
                       SELECT 1 FROM teahouse_closing c
                        WHERE c.store_id = s.id AND c.active
                          AND (c.room_id IS NULL OR c.room_id = fr.id)
                          AND c.start < %(until)s AND c."end" > %(since)s)
                OFFSET 0) AS free
            """,
            since=since,
            until=until,
            capacity=capacity,
            stays=self._stays_sql(since, until),
        )

    def _stays_sql(self, since, until):
        """Return the SQL of the stays of store ``s`` that may reach into a window.

        Nearly all stays are short, so that a look at the last day finds them; the
        few that are longer have an index of their own. None that begins after the
        longest cleaning in the store counts.
        """
        self.env["teahouse.booking"].flush_model()
        met = SQL(
            """b.store_id = s.id AND b.blocked_until > %s AND b.state IN %s
               AND (b.state <> 'hold' OR b.hold_expires_at > %s)""",
            since,
            BLOCKING_STATES,
            fields.Datetime.now(),
        )
        return SQL(
            """
            SELECT b.room_id, b.blocked_from FROM teahouse_booking b
             WHERE %(met)s AND b.start > %(since)s - %(usual)s
               AND b.start < %(until)s + interval '1 min' * (
                       SELECT max(t.turnover_minutes) FROM teahouse_room t
                        WHERE t.store_id = s.id)
             UNION ALL
            SELECT b.room_id, b.blocked_from FROM teahouse_booking b
             WHERE %(met)s AND b.blocked_until > b.start + %(usual)s
               AND b.start > %(since)s - %(longest)s
               AND b.start <= %(since)s - %(usual)s
            """,
            met=met,
            since=since,
            until=until,
            usual=SQL("%s::interval", USUAL_BLOCKED),
            longest=SQL("%s::interval", MAX_BLOCKED),
        )

    def _open_sql(self, since, until):
        """Return the SQL of whether store ``s`` is open in the whole of a window.

        Opening hours are on the store's clock; PostgreSQL knows the same zones.
        """
        return SQL(
            """
            (s.open_24h OR EXISTS (
                SELECT 1 FROM (
                    SELECT range_agg(tsrange(
                             timezone('UTC', timezone(s.tz, d.day + o.hour_from
                                                            * interval '1 hour')),
                             timezone('UTC', timezone(s.tz, d.day + (o.hour_to
                               + CASE WHEN o.hour_to <= o.hour_from THEN 24 ELSE 0 END)
                                                            * interval '1 hour'))
                           )) AS spans
                      FROM teahouse_store_opening o
                      JOIN generate_series(
                             date_trunc('day', %(since)s::timestamp) - interval '2 d',
                             date_trunc('day', %(until)s::timestamp) + interval '1 d',
                             interval '1 d') AS d(day)
                        ON o.weekday::int = extract(isodow FROM d.day)::int - 1
                     WHERE o.store_id = s.id
                ) AS hours
                WHERE hours.spans @> tsrange(%(since)s, %(until)s)))
            """,
            since=since,
            until=until,
        )

    def _api_search_values(self, row):
        return {**super()._api_search_values(row), "rooms_free": row.get("rooms_free")}
