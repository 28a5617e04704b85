from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import MAX_BLOCKED


class TeahouseStore(models.Model):
    """Search for stores that have a room free."""

    _inherit = "teahouse.store"

    def _api_availability(self, query):
        """Return the free intervals of all rooms of the store, by one statement."""
        self.ensure_one()
        rooms_sudo = self.sudo().room_ids
        since, until = rooms_sudo._api_window(query.from_, query.to)
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
        free = self._rooms_free_sql(since, until, query.capacity or 0)
        parts.columns["rooms_free"] = free
        parts.where += [self._open_sql(since, until), SQL("%s > 0", free)]
        return parts

    def _rooms_free_sql(self, since, until, capacity):
        """Return the SQL of how many rooms of store ``s`` are free in a window.

        What stands in the way is collected once a store, by the index on (store,
        start); arrays keep the planner from joining all bookings there are instead.
        """
        self.env["teahouse.booking"].flush_model()
        self.env["teahouse.closing"].flush_model()
        return SQL(
            """
            (SELECT count(*) FROM teahouse_room fr
              WHERE fr.store_id = s.id AND s.state = 'open'
                AND fr.active AND fr.state = 'open' AND fr.capacity >= %(capacity)s
                AND fr.id <> ALL (ARRAY(
                    SELECT b.room_id
                      FROM teahouse_booking b JOIN teahouse_room br ON br.id = b.room_id
                     WHERE b.store_id = s.id
                       AND b.start > %(since)s - %(longest)s::interval
                       AND b.start < %(until)s + interval '1 day'
                       AND b.blocked_until > %(since)s
                       AND b.blocked_from < %(until)s
                                            + br.turnover_minutes * interval '1 min'
                       AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')
                       AND (b.state <> 'hold' OR b.hold_expires_at > %(now)s)))
                AND fr.id <> ALL (ARRAY(
                    SELECT cr.id
                      FROM teahouse_closing c
                      JOIN teahouse_room cr ON cr.store_id = c.store_id
                                           AND cr.id = coalesce(c.room_id, cr.id)
                     WHERE c.store_id = s.id AND c.active
                       AND c.start < %(until)s AND c."end" > %(since)s)))
            """,
            since=since,
            until=until,
            capacity=capacity,
            longest=MAX_BLOCKED,
            now=fields.Datetime.now(),
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
