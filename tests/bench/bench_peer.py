"""What is free in 20 rooms for 7 days, against OCA's resource_booking.

Both have 8,700 bookings in 30 days. The peer comes from PyPI, for this run only; where
it can not be had the benchmark says so and is skipped.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
import pytz
from many_bookings import TODAY, clone, seed
from own_database import own_database, server

import odoo.addons

PEER = (
    "odoo-addon-resource_booking==19.0.1.0.1.2",
    "odoo-addon-web_calendar_slot_duration==19.0.*",
)
BESIDES = ("cssselect",)
ROOMS, DAYS, BOOKINGS = 20, 30, 8700
STEP = timedelta(days=DAYS) / (BOOKINGS // ROOMS)
FIRST = TODAY + timedelta(days=1)
ROUNDS, PEER_ROUNDS = 60, 5
DATABASE = "teahouse_bench_peer"


def bench_peer(report):
    """The peer's own way to the answer: the slots of a booking of each room."""
    with tempfile.TemporaryDirectory() as folder:
        addons = fetch(Path(folder))
        with own_database(
            DATABASE, "teahouse_booking", "resource_booking", addons=[addons]
        ) as database:
            with database.env() as env:
                rooms = our_bookings(env)
                wishes = their_bookings(env)
            for table in ("teahouse_booking", "resource_booking", "calendar_event"):
                server(f"VACUUM ANALYZE {table}", DATABASE)
            with database.env() as env:
                ours = measure(env, ROUNDS, lambda: look(env, rooms))
                theirs = measure(env, PEER_ROUNDS, lambda: ask_peer(env, wishes))
            report("resource_booking, 20 rooms x 7 days", theirs)
            report("free intervals, 20 rooms x 7 days", ours)
            ratio = sorted(theirs)[len(theirs) // 2] / sorted(ours)[len(ours) // 2]
            print(f"{ratio:.0f} times as fast")


def fetch(folder):
    """Bring the peer here and return its folder of addons."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--pre"]
    libs = folder / "libs"
    for target, packages in ((folder, PEER), (libs, BESIDES)):
        done = subprocess.run(
            [*pip, "--target", target, *packages],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            why = done.stderr.strip()[-200:]
            pytest.skip(f"resource_booking can not be had: {why}")
    odoo.addons.__path__.append(str(folder / "odoo" / "addons"))
    # Processes of their own find it, too.
    sys.path.append(str(libs))
    paths = [str(libs), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return folder / "odoo" / "addons"


def our_bookings(env):
    """Fill a store with rooms and bookings; return the rooms' ids."""
    (store,) = seed(env, 1, 0, rooms=ROOMS)
    rooms = env["teahouse.room"].search([("store_id", "=", store)])
    env.cr.execute(
        """INSERT INTO teahouse_booking (room_id, store_id, company_id, people, ref,
                  kind, source, state, start, "end", blocked_from, blocked_until)
           SELECT r, %s, %s, 2, 'peer-' || r || '-' || n, 'timed', 'h5', 'confirmed',
                  at, at + interval '1 h', at, at + interval '75 min'
             FROM unnest(%s) r, generate_series(0, %s) n,
                  LATERAL (SELECT date_trunc('minute', %s + n * %s)) t(at)""",
        (
            store,
            rooms.company_id.id,
            rooms.ids,
            BOOKINGS // ROOMS - 1,
            FIRST,
            STEP,
        ),
    )
    assert env.cr.rowcount == BOOKINGS
    return rooms.ids


def their_bookings(env):
    """Fill the peer likewise; return the ids of a booking of each room to schedule."""
    calendar = env["resource.calendar"].create(
        {
            "name": "Always",
            "tz": "UTC",
            "attendance_ids": [
                (5, 0, 0),
                *(
                    (
                        0,
                        0,
                        {
                            "name": "All day",
                            "dayofweek": str(day),
                            "hour_from": 0,
                            "hour_to": 24,
                        },
                    )
                    for day in range(7)
                ),
            ],
        }
    )
    resources = env["resource.resource"].create(
        [
            {
                "name": f"Room {number}",
                "resource_type": "material",
                "calendar_id": calendar.id,
                "tz": "UTC",
            }
            for number in range(ROOMS)
        ]
    )
    combinations = env["resource.booking.combination"].create(
        [{"resource_ids": [(6, 0, resource.ids)]} for resource in resources]
    )
    kind = env["resource.booking.type"].create(
        {
            "name": "Room",
            "resource_calendar_id": calendar.id,
            "duration": 1,
            "slot_duration": 0.5,
            "combination_rel_ids": [
                (0, 0, {"combination_id": one.id}) for one in combinations
            ],
        }
    )
    guest = env["res.partner"].create({"name": "Guest"})
    common = {
        "type_id": kind.id,
        "partner_ids": [(6, 0, guest.ids)],
        "combination_auto_assign": False,
    }
    quiet = env["resource.booking"].with_context(
        no_mail_to_attendees=True, tracking_disable=True, mail_create_nolog=True
    )
    wishes = quiet.create(
        [
            # Between two stays there is room for half an hour.
            {**common, "combination_id": one.id, "duration": 0.5}
            for one in combinations
        ]
    )
    begin = FIRST + timedelta(hours=2)
    patterns = quiet.create(
        [
            {**common, "combination_id": one.id, "start": begin, "duration": 1}
            for one in combinations
        ]
    )
    env.flush_all()
    for pattern in patterns:
        events = clone(
            env.cr,
            "calendar_event",
            pattern.meeting_id.id,
            f"generate_series(1, {BOOKINGS // ROOMS - 1}) n",
            {
                "start": f"timestamp '{FIRST}' + n * interval '{STEP}'",
                "stop": f"timestamp '{FIRST}' + n * interval '{STEP}' + interval '1 h'",
                "access_token": "md5(random()::text)",
            },
        )
        clone(
            env.cr,
            "resource_booking",
            pattern.id,
            f"(SELECT id, start, stop FROM calendar_event WHERE id BETWEEN"
            f" {events[0]} AND {events[-1]}) e",
            {
                "meeting_id": "e.id",
                "start": "e.start",
                "stop": "e.stop",
                "access_token": "md5(random()::text)",
            },
        )
    env.cr.execute("SELECT count(*) FROM resource_booking WHERE meeting_id IS NOT NULL")
    assert env.cr.fetchone()[0] == BOOKINGS
    return wishes.ids


def look(env, rooms):
    since = FIRST + timedelta(days=7)
    found = (
        env["teahouse.room"]
        .browse(rooms)
        ._free_intervals(since, since + timedelta(days=7))
    )
    assert len(found) == ROOMS and all(found.values())


def ask_peer(env, wishes):
    since = pytz.utc.localize(FIRST + timedelta(days=7))
    for wish in env["resource.booking"].browse(wishes):
        assert wish._get_available_slots(since, since + timedelta(days=7))


def measure(env, rounds, step):
    """Return how long each round took, with nothing in the caches."""
    seconds = []
    for number in range(-1, rounds):
        env.invalidate_all()
        begun = time.perf_counter()
        step()
        if number >= 0:
            seconds.append(time.perf_counter() - begun)
    return seconds
