"""Search for stores: one statement, nearest first, open to upper addons."""

from dataclasses import dataclass, field
from math import cos, radians, sin

from odoo import api, models
from odoo.tools import SQL

from ..api import decode_cursor, encode_cursor, page
from ..engine.geo import EARTH_RADIUS_M

# The place of a store on a sphere of radius 1. The index of teahouse_store_point
# is on the same expression, and serves "nearest first" without looking at all.
POINT = SQL(
    "cube(ARRAY["
    "cos(radians(coalesce(s.latitude, 0)::float8))"
    " * cos(radians(coalesce(s.longitude, 0)::float8)),"
    " cos(radians(coalesce(s.latitude, 0)::float8))"
    " * sin(radians(coalesce(s.longitude, 0)::float8)),"
    " sin(radians(coalesce(s.latitude, 0)::float8))])"
)

# Stores to look at for each one that is wanted, at first.
CANDIDATES = 4


@dataclass
class StoreSearch:
    """Pieces of the search statement; the table of stores is named ``s``.

    :param dict columns: further columns, by the name under which they come back
    :param list joins: JOIN clauses
    :param list near: conditions on the store's own row, cheap to look at; they are
        met before anything is probed
    :param list where: further conditions, all must hold
    :param dict orders: ORDER BY by the name of the sort
    """

    columns: dict = field(default_factory=dict)
    joins: list = field(default_factory=list)
    near: list = field(default_factory=list)
    where: list = field(default_factory=list)
    orders: dict = field(default_factory=dict)


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    @api.model
    def _search_parts(self, query):
        """Return the pieces of the search statement. Upper addons add to them.

        :param query: an object with lat, lng, radius_km, q, capacity, facility, sort
        :rtype: StoreSearch
        """
        parts = StoreSearch(orders={"name": SQL("s.name, s.id")})
        parts.near += [SQL("s.active"), SQL("s.state IN ('open', 'paused')")]
        here = self._search_here(query)
        if here:
            apart = SQL("(%s <-> %s)", POINT, here)
            parts.columns["distance_m"] = SQL(
                """CASE WHEN s.latitude <> 0 OR s.longitude <> 0
                   THEN 2 * %s * asin(least(1.0, %s / 2)) END""",
                EARTH_RADIUS_M,
                apart,
            )
            # Nothing after it: a second key would keep the index from being used.
            parts.orders["distance"] = apart
            if query.radius_km:
                # The chord under an arc of that length.
                chord = 2 * sin(min(query.radius_km * 1000 / EARTH_RADIUS_M / 2, 1.57))
                parts.near += [
                    SQL("%s <@ cube_enlarge(%s, %s, 3)", POINT, here, chord),
                    SQL("%s <= %s", apart, chord),
                    SQL("(s.latitude <> 0 OR s.longitude <> 0)"),
                ]
        if query.q:
            pattern = "%" + _escape_like(query.q.strip()) + "%"
            parts.where.append(
                SQL(
                    "concat_ws(' ', s.name, s.code, s.city, s.street, s.street2)"
                    " ILIKE %s",
                    pattern,
                )
            )
        if query.capacity:
            parts.where.append(
                self._search_room(SQL("r.capacity >= %s", query.capacity))
            )
        for code in filter(None, (query.facility or "").split(",")):
            parts.where.append(self._search_facility(code.strip()))
        return parts

    @api.model
    def _search_here(self, query):
        """Return the SQL of the place where the customer is, None if unknown."""
        if query.lat is None or query.lng is None:
            return None
        lat, lng = radians(query.lat), radians(query.lng)
        point = [cos(lat) * cos(lng), cos(lat) * sin(lng), sin(lat)]
        return SQL("cube(%s::float8[])", point)

    @api.model
    def _search_room(self, condition):
        """Return the condition that a bookable room ``r`` of the store fits."""
        return SQL(
            """EXISTS (SELECT 1 FROM teahouse_room r WHERE r.store_id = s.id
                          AND r.active AND r.state = 'open' AND %s)""",
            condition,
        )

    @api.model
    def _search_facility(self, code):
        """Return the condition that the store, or a room of it, has a facility."""
        facility = SQL("(SELECT id FROM teahouse_facility WHERE code = %s)", code)
        in_room = self._search_room(
            SQL(
                """EXISTS (SELECT 1 FROM teahouse_facility_teahouse_room_rel fr
                            WHERE fr.teahouse_room_id = r.id
                              AND fr.teahouse_facility_id = %s)""",
                facility,
            )
        )
        return SQL(
            """(EXISTS (SELECT 1 FROM teahouse_facility_teahouse_store_rel fs
                         WHERE fs.teahouse_store_id = s.id
                           AND fs.teahouse_facility_id = %s) OR %s)""",
            facility,
            in_room,
        )

    @api.model
    def _search_rows(self, query, limit, offset=0):
        """Run the search.

        By distance the nearest stores are looked at first, and further ones only as
        long as too few of them will do: nobody probes all stores of the country.

        :return: one dict a store with id and the columns of the parts
        :rtype: list
        """
        parts = self._search_parts(query)
        self.env["teahouse.room"].flush_model()
        self.flush_model()
        sort = query.sort or "distance"
        order = parts.orders.get(sort, SQL("s.sequence, s.id"))
        # What upper addons ask of each store shows in columns of theirs.
        probed = parts.columns.keys() - {"distance_m"}
        if sort != "distance" or sort not in parts.orders or not probed:
            return self._search_run(parts, SQL("teahouse_store"), order, limit, offset)
        candidates = CANDIDATES * (limit + offset)
        while True:
            rows = self._search_run(
                parts,
                SQL(
                    """(SELECT s.*, %s AS search_order FROM teahouse_store s
                         WHERE %s ORDER BY search_order LIMIT %s)""",
                    order,
                    SQL(" AND ").join(parts.near),
                    candidates,
                ),
                # By the column, which comes sorted: probing ends with the last wanted.
                SQL("s.search_order"),
                limit,
                offset,
            )
            if len(rows) == limit or candidates >= self._search_most():
                return rows
            candidates *= 4

    @api.model
    def _search_most(self):
        """Return how many stores there are at most to look at."""
        return self.env.execute_query(SQL("SELECT count(*) FROM teahouse_store"))[0][0]

    @api.model
    def _search_run(self, parts, stores, order, limit, offset):
        """Run the statement on a table of stores, or the candidates among them."""
        names = list(parts.columns)
        columns = [SQL("s.id")]
        columns += [
            SQL("%s AS %s", parts.columns[name], SQL.identifier(name)) for name in names
        ]
        rows = self.env.execute_query(
            SQL(
                """SELECT %(columns)s FROM %(stores)s s %(joins)s
                    WHERE %(where)s ORDER BY %(order)s
                    LIMIT %(limit)s OFFSET %(offset)s""",
                columns=SQL(", ").join(columns),
                stores=stores,
                joins=SQL(" ").join(parts.joins),
                where=SQL(" AND ").join([*parts.near, *parts.where]),
                order=order,
                limit=limit,
                offset=offset,
            )
        )
        return [dict(zip(["id", *names], row, strict=True)) for row in rows]

    @api.model
    def _api_search(self, query):
        """Return a page of stores for customers, nearest first.

        :param query: an object with lat, lng (WGS-84), radius_km, q, capacity,
            facility (codes, comma separated), sort, limit, cursor, and what upper
            addons add
        """
        place = decode_cursor(self.env, query.cursor, int)
        offset = max(place[0], 0) if place else 0
        rows = self._search_rows(query, query.limit + 1, offset)
        shown = rows[: query.limit]
        stores_sudo = self.sudo().browse([row["id"] for row in shown])
        items = [
            store_sudo._api_search_values(row)
            for store_sudo, row in zip(stores_sudo, shown, strict=True)
        ]
        more = len(rows) > query.limit
        return page(items, encode_cursor(offset + query.limit) if more else None)

    def _api_search_values(self, row):
        """Return a store found. Upper addons add what their columns say.

        :param dict row: the columns of :meth:`_search_parts` for this store
        """
        distance = row.get("distance_m")
        return {
            **self._api_values(),
            "distance_m": None if distance is None else round(distance),
        }


def _escape_like(text):
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
