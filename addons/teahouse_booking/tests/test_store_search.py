"""The search for stores with a free room against the calendar of each room."""

import random
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time

from odoo.api import Environment
from odoo.tests import tagged
from odoo.tools import SQL

from .common import BookingCommon, utc

NOW = "2026-12-01 00:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestStoreSearch(BookingCommon):
    def query(self, start, end):
        names = ("radius_km", "q", "capacity", "facility", "sort")
        return SimpleNamespace(
            lat=30.2425,
            lng=120.1718,
            free_from=datetime.fromisoformat(f"{start}+00:00"),
            free_to=datetime.fromisoformat(f"{end}+00:00"),
            **dict.fromkeys(names),
        )

    def test_agrees_with_the_calendars(self):
        """Short stays, stays of days, any cleaning time: both must say the same."""
        chance = random.Random(7)
        stores = self.store | self.other_store
        rooms = stores.room_ids
        begin = utc("2026-12-02 00:00")
        for room in rooms:
            room.turnover_minutes = chance.choice((0, 15, 60, 600))
            room.max_minutes = 4320
        for _try in range(30):
            room = chance.choice(rooms)
            start = begin + timedelta(minutes=30 * chance.randrange(500))
            end = start + timedelta(minutes=30 * chance.choice((2, 4, 9, 50, 60, 140)))
            keep = end + timedelta(minutes=room.turnover_minutes)
            if self.free_in(room, start, keep):
                nobody = self.env["teahouse.member"]
                self.make_booking(start, end=end, room=room, member=nobody)
        seen = set()
        for _try in range(80):
            start = begin + timedelta(minutes=30 * chance.randrange(500))
            end = start + timedelta(minutes=30 * chance.choice((2, 4, 9, 100)))
            rows = self.env["teahouse.store"]._search_rows(self.query(start, end), 500)
            found = {row["id"]: row["rooms_free"] for row in rows}
            for store in stores:
                free = sum(self.free_in(room, start, end) for room in store.room_ids)
                self.assertEqual(found.get(store.id, 0), free, (start, end))
                seen.add(free)
        self.assertEqual(seen, {0, 1, 2})

    def free_in(self, room, start, end):
        free = room._free_intervals(start, end)[room.id]
        return (start, end) in free

    def test_probes_by_index(self):
        """No plan over all bookings, though these tables are small."""
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO teahouse_booking (room_id, store_id, company_id, people, ref,
                      kind, source, state, start, "end", blocked_from, blocked_until)
               SELECT r.id, r.store_id, r.company_id, 2, 'plan-' || r.id || '-' || n,
                      'timed', 'h5', 'confirmed', at, at + interval '2 h', at,
                      at + interval '2 h'
                 FROM teahouse_room r, generate_series(1, 1500) n,
                      LATERAL (SELECT timestamp '2028-01-01' + n * interval '3 h') t(at)
                WHERE r.id IN %s""",
            (tuple((self.store | self.other_store).room_ids.ids),),
        )
        self.env.cr.execute("ANALYZE teahouse_booking")
        asked = []
        execute = Environment.execute_query

        def keep(env, query):
            asked.append(query)
            return execute(env, query)

        query = self.query(utc("2026-12-02 10:00"), utc("2026-12-02 12:00"))
        with patch.object(Environment, "execute_query", keep):
            self.env["teahouse.store"]._search_rows(query, 1)
        self.assertEqual(len(asked), 1, "one statement")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_bitmapscan = off")
        self.env.cr.execute(SQL("EXPLAIN %s", asked[0]))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        for index in (
            "teahouse_store_point",
            "teahouse_booking_store_start",
            "teahouse_booking_store_start_long",
        ):
            self.assertRegex(plan, rf"Index (Only )?Scan using {index} on")
        self.assertNotIn("Seq Scan on teahouse_booking", plan)
