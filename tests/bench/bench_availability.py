"""What is free, among 5.5 million bookings: against bare SQL, and over HTTP.

``BENCH_STORES`` (1000) and ``BENCH_DAYS`` (90) say how many stores of 8 rooms, and for
how many days they are booked.
"""

import os
import random
import time
from datetime import timedelta
from urllib.parse import urlencode

from many_bookings import FIRST, PAST, seed
from own_database import own_database, served, server

STORES = int(os.environ.get("BENCH_STORES", "1000"))
DAYS = int(os.environ.get("BENCH_DAYS", "90"))
ROUNDS = 300
CLIENTS = (1, 8)
PREFIX = "/teahouse/api/v1"
DATABASE = "teahouse_bench_bookings"

# The same answer from PostgreSQL alone: holds that ran out, cleaning and closed times
# are in it.
BARE = """
SELECT r.id, tsmultirange(tsrange(%(since)s, %(until)s)) - coalesce((
         SELECT range_agg(tsrange(b.blocked_from - r.turnover_minutes
                                  * interval '1 min', b.blocked_until))
           FROM teahouse_booking b
          WHERE b.room_id = r.id
            AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')
            AND tsrange(b.blocked_from, b.blocked_until)
                && tsrange(%(since)s, %(until)s + r.turnover_minutes
                                                  * interval '1 min')
            AND (b.state <> 'hold' OR b.hold_expires_at > now() AT TIME ZONE 'UTC')
       ), '{}') - coalesce((
         SELECT range_agg(tsrange(c.start, c."end")) FROM teahouse_closing c
          WHERE c.store_id = r.store_id AND c.active
            AND (c.room_id IS NULL OR c.room_id = r.id)
            AND c.start < %(until)s AND c."end" > %(since)s), '{}')
  FROM teahouse_room r WHERE r.id = ANY(%(rooms)s)
"""
# Only the bookings' part of it, by the index on (room, start).
LEAST = """
SELECT r.id, tsmultirange(tsrange(%(since)s, %(until)s)) - coalesce((
         SELECT range_agg(tsrange(b.blocked_from, b.blocked_until))
           FROM teahouse_booking b
          WHERE b.room_id = r.id
            AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')
            AND b.start > %(since)s - interval '26 h' AND b.start < %(until)s
            AND b.blocked_until > %(since)s), '{}')
  FROM teahouse_room r WHERE r.id = ANY(%(rooms)s)
"""


def bench_availability(report):
    """The floor: the bare statement, and a signed-in route with one query."""
    with own_database(DATABASE, "teahouse_booking") as database:
        with database.env() as env:
            stores = seed(env, STORES, DAYS)
        server("VACUUM ANALYZE teahouse_booking", DATABASE)
        with database.env() as env:
            env.cr.execute("SELECT count(*) FROM teahouse_booking")
            print(f"\n{env.cr.fetchone()[0]:,} bookings of {len(stores)} stores")
            for title, whole, days in (
                ("room-day", False, 1),
                ("store-day", True, 1),
                ("store-week", True, 7),
            ):
                ours, bare, least = model_level(env, stores, whole, days)
                report(f"bare SQL, {title}, bookings only", least)
                report(f"bare SQL, {title}, the same answer", bare)
                report(f"free intervals, {title}", ours, bare)
            rooms = env["teahouse.room"].search([("store_id", "in", stores[:200])]).ids
            params = env["ir.config_parameter"].sudo()
            params.set_param("teahouse_base.api_limit_read_address", "0")
        with served(database) as web:
            over_http(web, stores, rooms)


def model_level(env, stores, whole, days):
    """Return the seconds that the model and the bare statement took, by turns."""
    chance = random.Random(days)
    ours, bare, least = [], [], []
    rooms_of = env["teahouse.room"].search([("store_id", "in", stores)])
    rooms_of = {
        store.id: rooms.ids for store, rooms in rooms_of.grouped("store_id").items()
    }
    for number in range(-20, ROUNDS):
        ids = rooms_of[chance.choice(stores)]
        ids = ids if whole else [chance.choice(ids)]
        since = FIRST + timedelta(days=chance.randrange(4, max(5, DAYS - 8)))
        until = since + timedelta(days=days)
        values = {"since": since, "until": until, "rooms": ids}
        rooms = env["teahouse.room"].browse(ids)
        # As at the begin of a request: nothing is in the caches. Who comes second finds
        # the pages warm, so they take turns.
        env.invalidate_all()
        steps = [
            lambda r=rooms, s=since, u=until: list(r._free_intervals(s, u)),
            lambda v=values: fetch(env.cr, BARE, v),
            lambda v=values: fetch(env.cr, LEAST, v),
        ]
        seconds = [0] * 3
        for step in chance.sample(range(3), 3):
            begun = time.perf_counter()
            found = steps[step]()
            seconds[step] = time.perf_counter() - begun
            assert len(found) == len(ids)
        if number >= 0:
            ours.append(seconds[0])
            bare.append(seconds[1])
            least.append(seconds[2])
    return ours, bare, least


def fetch(cr, statement, values):
    cr.execute(statement, values)
    return cr.fetchall()


def over_http(web, stores, rooms):
    """Print the rates of the routes, and of the floor in the same minute."""
    chance = random.Random(7)

    def window(days):
        since = FIRST + timedelta(days=chance.randrange(PAST + 1, PAST + 28))
        until = since + timedelta(days=days)
        return urlencode(
            {"from": f"{since.isoformat()}+00:00", "to": f"{until.isoformat()}+00:00"}
        )

    def get(path):
        return ("GET", path, None, None, 200)

    def room_day():
        return f"{PREFIX}/rooms/{chance.choice(rooms)}/availability?{window(1)}"

    def store_day():
        return f"{PREFIX}/stores/{chance.choice(stores)}/availability?{window(1)}"

    for clients in CLIENTS:
        floor = None
        for title, path in (
            ("signed-in route, one query", lambda: "/bench/one"),
            ("availability of a room-day", room_day),
            ("availability of a store-day", store_day),
        ):
            web.measure([get(path()) for _i in range(30)], clients)
            _seconds, rate = web.measure([get(path()) for _i in range(600)], clients)
            floor = floor or rate
            part = f"{rate / floor:.2f} of the floor"
            print(f"{title}, {clients} clients: {rate:.0f}/s, {part}")
