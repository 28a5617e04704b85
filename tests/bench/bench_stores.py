"""Nearest stores with a free room, among millions of bookings.

The search of ``/stores`` against the bare statement, in one run and by turns. Both see
the same database, which is dropped afterwards. Sizes come from
``BENCH_STORES`` (numbers of stores, ``1000,5000``) and ``BENCH_DAYS`` (of bookings).
"""

import os
import random
import time
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from many_bookings import wall_down
from own_database import own_database, server

from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import config

STORES = [int(n) for n in os.environ.get("BENCH_STORES", "1000,5000").split(",")]
DAYS = int(os.environ.get("BENCH_DAYS", "40"))
ROOMS = 8
ROUNDS = 60
HOURS = (1, 2, 4)
DATABASE = "teahouse_bench_stores"
FIRST = datetime(2031, 3, 1)

# Candidates in a box that grows until it holds enough, nearest first, one probe each
# until there are twenty.
BARE = """
SELECT s.id FROM (
    SELECT id FROM teahouse_store s
     WHERE s.active AND s.state = 'open'
       AND s.latitude BETWEEN %(lat)s - %(reach)s AND %(lat)s + %(reach)s
       AND s.longitude BETWEEN %(lng)s - %(reach)s AND %(lng)s + %(reach)s
     ORDER BY (s.latitude - %(lat)s) ^ 2
            + ((s.longitude - %(lng)s) * cos(radians(%(lat)s))) ^ 2
    OFFSET 0) s
 WHERE (SELECT count(DISTINCT b.room_id) FROM teahouse_booking b
         WHERE b.store_id = s.id
           AND b.start < %(until)s AND b.start > %(since)s - interval '96 hours'
           AND b.blocked_until > %(since)s
           AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')) < %(rooms)s
 LIMIT 20
"""


def bench_nearest_with_a_free_room(report):
    """The floor: the bare statement that the design's figures were measured with."""
    with own_database(DATABASE, "teahouse_booking"):
        middles = {}
        for stores in STORES:
            seed(stores)
            for hours in HOURS:
                ours, bare = measure(hours)
                report(f"bare SQL, {stores} stores, {hours} h", bare)
                report(f"search, {stores} stores, {hours} h", ours, bare)
                middles[stores, hours] = sorted(ours)[len(ours) // 2]
        for hours in HOURS:
            ratio = middles[STORES[-1], hours] / middles[STORES[0], hours]
            print(f"{STORES[-1]} stores to {STORES[0]}, {hours} h: {ratio:.2f} times")


def seed(stores):
    """Fill up to a number of stores, all with rooms and bookings."""
    # pytest-odoo turned the tests of a registry that is being loaded on.
    with patch.dict(config.options, {"test_enable": False}):
        registry = Registry(DATABASE)
    with registry.cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        model = env["teahouse.store"].with_context(active_test=False)
        pattern = model.search([("code", "=", "BENCH")])
        if not pattern:
            cr.execute("UPDATE teahouse_store SET active = false")
            pattern = model.create({"name": "Bench", "code": "BENCH", "active": False})
            env["teahouse.room"].create({"name": "R", "store_id": pattern.id})
        room = env["teahouse.room"].search([("store_id", "=", pattern.id)])
        env.flush_all()
        known = stores_of(cr)
        cr.execute("SELECT setseed(0.42)")
        clone(
            cr,
            "teahouse_store",
            pattern.id,
            stores - known,
            {
                "code": f"'B' || ({known} + n)",
                "active": "true",
                "encryption_uid": "md5(random()::text)",
                "latitude": "29 + 2 * random()",
                "longitude": "119 + 2 * random()",
            },
        )
        cr.execute(
            "CREATE TEMP TABLE fresh AS "
            "SELECT id FROM teahouse_store s WHERE code ~ '^B[0-9]' AND NOT EXISTS"
            " (SELECT 1 FROM teahouse_room r WHERE r.store_id = s.id)"
        )
        columns = other_columns(cr, "teahouse_room", {"id", "store_id"})
        cr.execute(
            f"INSERT INTO teahouse_room (store_id, {columns})"
            f" SELECT f.id, {columns} FROM fresh f, generate_series(1, {ROOMS}),"
            f" (SELECT * FROM teahouse_room WHERE id = {room.id}) r"
        )
        # Every three hours a stay of two, two times of three.
        with wall_down(cr):
            cr.execute(
                """INSERT INTO teahouse_booking (
                          room_id, store_id, company_id, people, ref, kind, source,
                          state, start, "end", blocked_from, blocked_until)
                   SELECT r.id, r.store_id, %s, 2, 'bench-' || r.id || '-' || n,
                          'timed', 'h5', 'confirmed', at, at + interval '2 h', at,
                          at + interval '130 min'
                     FROM teahouse_room r JOIN fresh f ON f.id = r.store_id,
                          generate_series(0, %s) n,
                          LATERAL (SELECT %s + n * interval '3 h'
                                             + (r.id %% 6) * interval '30 min' AS at) t
                    WHERE abs(hashint4(r.id * 1000 + n)) %% 3 > 0""",
                (pattern.company_id.id, DAYS * 8 - 1, FIRST),
            )
        cr.execute("DROP TABLE fresh")
    server("VACUUM ANALYZE", DATABASE)


def stores_of(cr):
    cr.execute("SELECT count(*) FROM teahouse_store WHERE code ~ '^B[0-9]'")
    return cr.fetchone()[0]


def clone(cr, table, row_id, times, values):
    """Insert copies of a row, some of whose columns are expressions over ``n``."""
    columns = other_columns(cr, table, {"id", *values})
    cr.execute(
        f"INSERT INTO {table} ({', '.join(values)}, {columns})"
        f" SELECT {', '.join(values.values())}, {columns}"
        f" FROM generate_series(1, {times}) n,"
        f" (SELECT * FROM {table} WHERE id = {row_id}) t"
    )


def other_columns(cr, table, without):
    """Return the columns of a table but for some, for a statement."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        (table,),
    )
    return ", ".join(f'"{name}"' for (name,) in cr.fetchall() if name not in without)


def measure(hours):
    """Return the seconds that the search and the bare statement took, by turns."""
    chance = random.Random(hours)
    ours, bare = [], []
    with Registry(DATABASE).cursor() as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        for number in range(-5, ROUNDS):
            query = window(chance, hours)
            began = time.perf_counter()
            found = env["teahouse.store"]._search_rows(query, 20)
            middle = time.perf_counter()
            floor = search_bare(cr, query)
            ended = time.perf_counter()
            assert len(found) == 20 and len(floor) == 20
            if number >= 0:
                ours.append(middle - began)
                bare.append(ended - middle)
    return ours, bare


def window(chance, hours):
    """Return a query of a customer somewhere, for some time on some day."""
    utc = "+00:00"
    since = FIRST + timedelta(
        days=chance.randrange(4, max(5, DAYS - 2)), minutes=30 * chance.randrange(48)
    )
    until = since + timedelta(hours=hours)
    return SimpleNamespace(
        lat=29 + 2 * chance.random(),
        lng=119 + 2 * chance.random(),
        free_from=datetime.fromisoformat(since.isoformat() + utc),
        free_to=datetime.fromisoformat(until.isoformat() + utc),
        **dict.fromkeys(("radius_km", "q", "capacity", "facility", "sort")),
    )


def search_bare(cr, query):
    """Return 20 stores, looking further as long as there are fewer."""
    values = {
        "lat": query.lat,
        "lng": query.lng,
        "since": query.free_from.replace(tzinfo=None),
        "until": query.free_to.replace(tzinfo=None),
        "rooms": ROOMS,
        "reach": 0.2,
    }
    while True:
        cr.execute(BARE, values)
        rows = cr.fetchall()
        if len(rows) == 20 or values["reach"] > 90:
            return rows
        values["reach"] *= 2
