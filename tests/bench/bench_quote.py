"""What a quote costs: the engine alone, and the route against one that does nothing."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.teahouse_billing import engine

ZONE = ZoneInfo("Asia/Shanghai")
ROUNDS = 400
START = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def tariffs(several):
    """Return ten bands, five packages and two sessions."""
    days = ("workday", "weekend")
    bands = [
        engine.Band(60 * hour, 60 * hour + 300, 28 + hour, engine.Days(day))
        for hour in (0, 5, 10, 15)
        for day in days
    ]
    bands += [engine.Band(1200, 1440, 58), engine.Band(0, 0, 31)]
    packages = [
        engine.Package(
            f"{minutes} min",
            minutes,
            minutes // 2,
            480 + minutes,
            1200,
            several_per_stay=several,
            ident=minutes,
        )
        for minutes in (120, 180, 240, 300, 360)
    ]
    sessions = [
        engine.Session("Afternoon", 780, 1080, 110, several_per_stay=several, ident=1),
        engine.Session("Night", 1320, 480, 168, several_per_stay=several, ident=2),
    ]
    hourly = engine.Hourly("Hours", tuple(bands))
    return engine.Tariffs(hourly, (*packages, *sessions))


@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
def bench_engine(report, several):
    """The offers of a stay of 24 hours with ten bands; a millisecond is the limit."""
    known = tariffs(several)
    end = START + timedelta(hours=24)
    calendar = engine.Calendar({})
    seconds = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        found = engine.offers(known, START, end, zone=ZONE, day_type=calendar)
        seconds.append(time.perf_counter() - begun)
    assert found
    report(f"engine, 24 h, 10 bands, several={several}", seconds)


def bench_route(stack, report):
    """A quote of 24 hours against a member's route that reads next to nothing.

    Three times that is the limit.
    """
    api = stack.member()
    body = stack.slot(days=20, hour=11, hours=24)
    for _round in range(5):
        api.post("/quotes", body)
        api.get("/auth/sessions")
    floor, seconds = [], []
    for _round in range(60):
        floor.append(api.send("GET", "/auth/sessions").seconds)
        answer = api.send("POST", "/quotes", body)
        assert answer.status == 200, answer.body
        seconds.append(answer.seconds)
    report("GET /auth/sessions", floor)
    report("POST /quotes, 24 h", seconds, floor)
