"""Creating a hold whole, against a bare create of the ORM.

Whole: with participant, PIN, trace, the times at which it becomes due, and over HTTP
with token, idempotency key and rate limit.
"""

import random
import time
import uuid
from datetime import UTC, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from many_bookings import TODAY, seed
from own_database import own_database, served

ROUNDS = 150
CLIENTS = (1, 8)
DATABASE = "teahouse_bench_holds"
STEP = timedelta(hours=3)


def bench_hold(report):
    """The floor: a row of a model with a name, by itself and by a signed-in route."""
    with own_database(DATABASE, "teahouse_booking") as database:
        with database.env() as env:
            stores = seed(env, 5, 0)
            rooms = env["teahouse.room"].search([("store_id", "in", stores)]).ids
            members = [
                env["teahouse.member"]._enrol(f"138{number:08d}", name="Bench")
                for number in range(8)
            ]
            tokens = [env["teahouse.session"]._open(one)[1] for one in members]
            params = env["ir.config_parameter"].sudo()
            for scope in ("address", "member"):
                params.set_param(f"teahouse_base.api_limit_write_{scope}", "0")
            users = [member.user_id.id for member in members]
            slots = free_slots(rooms)
        with database.env() as env:
            with unpaid(env):
                ours, bare = model_level(env, users[0], slots)
            report("bare create", bare)
            report("hold whole", ours, bare)
        with served(database) as web:
            over_http(web, tokens, slots)


def unpaid(env):
    """Let bookings wait for a payment, as the server of the benchmark does.

    Without prices a hold would be confirmed at once: that is another step.
    """
    kind = type(env["teahouse.booking"])
    return patch.object(kind, "_confirm_requirements", lambda self: ["payment"])


def free_slots(rooms):
    """Yield (room, start) that nobody has, in no order."""
    found = [
        (room, TODAY + timedelta(days=2) + number * STEP)
        for room in rooms
        for number in range(8 * 26)
    ]
    random.Random(5).shuffle(found)
    return iter(found)


def model_level(env, user, slots):
    """Return the seconds that holds and bare rows took, by turns."""
    ours, bare = [], []
    for number in range(-10, ROUNDS):
        room, start = next(slots)
        body = SimpleNamespace(
            room_id=room,
            start=aware(start),
            end=aware(start + timedelta(hours=2)),
            people=2,
            note=None,
            source="h5",
        )
        env.flush_all()
        env.invalidate_all()
        begun = time.perf_counter()
        env(user=user)["teahouse.booking"]._api_create(body)
        env.flush_all()
        middle = time.perf_counter()
        env["res.partner.category"].create({"name": str(uuid.uuid4())})
        env.flush_all()
        ended = time.perf_counter()
        if number >= 0:
            ours.append(middle - begun)
            bare.append(ended - middle)
    env.cr.rollback()
    return ours, bare


def aware(instant):
    return instant.replace(tzinfo=UTC)


def over_http(web, tokens, slots):
    """Print what a hold takes over HTTP, and what the floor does."""
    bare = ("POST", "/bench/create", {}, None, 201)

    def hold(number):
        room, start = next(slots)
        end = start + timedelta(hours=2)
        body = {
            "room_id": room,
            "start": f"{start.isoformat()}+00:00",
            "end": f"{end.isoformat()}+00:00",
            "people": 2,
        }
        headers = {
            "Authorization": f"Bearer {tokens[number % len(tokens)]}",
            "Idempotency-Key": str(uuid.uuid4()),
            "Cookie": "",
        }
        return ("POST", "/teahouse/api/v1/bookings", body, headers, 201)

    for clients in CLIENTS:
        floor = None
        for title, requests in (
            ("bare create by a signed-in route", [bare] * 300),
            ("hold whole", [hold(number) for number in range(300)]),
        ):
            web.measure(requests[:20], clients)
            seconds, rate = web.measure(requests[20:], clients)
            middle = sorted(seconds)[len(seconds) // 2]
            floor = floor or middle
            print(
                f"{title}, {clients} clients: median {middle * 1000:.1f} ms,"
                f" {rate:.0f}/s; {middle / floor:.1f} times the floor"
            )
