"""Odoo shell script: months of stays in one company's stores, as guests make them.

Each stay is booked, paid, used and settled by the models, at the time at which it would
have happened: invoices, points and reviews carry the dates of the story. Stores leave
doors and switches alone meanwhile, so that no device hears of the past. Companies share
no guests here: their stories can be told at the same time. One that was cut off goes
on where it was.
"""

import logging
import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.sql_db import BaseCursor

from odoo.addons.teahouse_base.api.schema import for_modules
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_booking.api.schemas import BookingCreate

HOURS = (10, 12, 13, 14, 14, 15, 15, 16, 18, 19, 19, 20, 20, 21, 22)
WORDS = (
    (5, "环境安静，茶具齐全，扫码进门很方便。"),
    (5, "和朋友聊了一下午，续单也快。"),
    (5, "晚上加班过来的，灯光和空调都自己开好了。"),
    (4, "房间干净，就是隔音可以再好一点。"),
    (4, "位置好找，价格公道。"),
    (3, "到的时候还没打扫完，等了几分钟。"),
)
REPLY = "谢谢您的反馈，期待再次光临。"
NOTES = (
    None,
    None,
    None,
    None,
    "请准备一次性杯子",
    "需要投影",
    "有老人，麻烦留一楼的房",
)

now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
companies = env["res.company"].search(  # noqa: F821
    [("id", "in", env["teahouse.store"].search([]).company_id.ids)],  # noqa: F821
    order="id",
)
turn = arguments["turn"]  # noqa: F821
chance = random.Random()
logging.getLogger("odoo").setLevel(logging.ERROR)
quiet = env(context={**env.context, "tracking_disable": True, "lang": "zh_CN"})  # noqa: F821
schema = for_modules(BookingCreate, env.registry._init_modules)  # noqa: F821
stores = quiet["teahouse.store"].search([("company_id", "=", companies[turn].id)])
members = quiet["teahouse.member"].search([("state", "=", "approved")], order="id")
members = members[turn :: len(companies)]
money = "payment.transaction" in quiet and hasattr(quiet["teahouse.booking"], "_pay")
made = {"completed": 0, "cancelled": 0, "no_show": 0, "confirmed": 0}


def wishes(days, count):
    """Return the stays of the story: (start, room, minutes), in the order of time.

    Later days have more guests, since the chain grows; some have booked for the days
    to come.
    """
    found = []
    rooms = list(stores.room_ids.filtered(lambda room: room.state == "open"))
    weights = [2 if room.capacity <= 6 else 1 for room in rooms]
    while len(found) < count:
        back = days * (1 - chance.random() ** 0.7)
        if chance.random() < 0.04:
            back = -chance.randint(0, 4)
        day = (now - timedelta(days=back)).date()
        if day.weekday() < 5 and chance.random() < 0.35:
            continue
        room = chance.choices(rooms, weights)[0]
        zone = room.store_id._zone()
        hour, minute = chance.choice(HOURS), chance.choice((0, 30))
        start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        minutes = chance.choice((60, 90, 120, 120, 120, 180, 180, 240))
        found.append((start, room.id, minutes))
    return sorted(found)


def instant(aware):
    return aware.astimezone(UTC).replace(tzinfo=None)


def play(clock, start, room_id, minutes):
    """Let one guest book, pay, come, leave and say how it was; or not come."""
    room = quiet["teahouse.room"].browse(room_id)
    member = chance.choice(members)
    end = start + timedelta(minutes=minutes)
    ahead = chance.choice((0.5, 1, 2, 5, 24, 30, 50))
    clock(min(instant(start) - timedelta(hours=ahead), now))
    wanted = schema(
        room_id=room_id,
        start=start.isoformat(),
        end=end.isoformat(),
        people=chance.randint(1, room.capacity),
        note=chance.choice(NOTES),
        source=chance.choice(("mini_program", "mini_program", "h5")),
    )
    guests = quiet["teahouse.booking"].with_user(member.user_id)
    ref = guests._api_create(wanted)["ref"]
    booking = quiet["teahouse.booking"].search([("ref", "=", ref)])
    if money and booking.amount_due:
        booking._pay("demo", "page")
    if booking.state != "confirmed":
        return booking
    luck = chance.random()
    if luck < 0.06 and ahead > 1:
        clock(min(instant(start) - timedelta(hours=ahead / 2), now))
        booking._cancel("customer", "临时有事")
    elif instant(end) > now:
        # Still to come, or going on: the present takes it from here.
        return booking
    elif 0.06 <= luck < 0.10:
        clock(instant(start) + timedelta(minutes=70))
        booking._mark_no_show()
    else:
        clock(instant(start) + timedelta(minutes=chance.randint(0, 12)))
        booking._check_in("door")
        early = chance.choice((0, 0, 0, 5, 10, 25))
        clock(instant(end) - timedelta(minutes=early))
        booking._checkout("guest")
        booking.cleaning_task_ids.action_finish()
        if luck > 0.7:
            review(clock, booking)
    return booking


def review(clock, booking):
    """Let the guest say how it was, and sometimes the store answer."""
    clock(min(quiet.cr.now() + timedelta(hours=chance.randint(1, 20)), now))
    score, words = chance.choice(WORDS)
    quiet["teahouse.review"].create(
        {
            "booking_id": booking.id,
            "environment": score,
            "service": chance.choice((score, 5)),
            "facilities": score,
            "body": words,
            "reply": REPLY if score < 5 or chance.random() < 0.3 else False,
        }
    )


told = quiet["teahouse.booking"].search_count(
    [("store_id", "in", stores.ids), ("confirmed_at", "!=", False)]
)
# What goes on after a cut tells something else: the first times are taken.
chance.seed(f"{turn} {told} {now:%F}")
count = max(arguments["count"] - told, 0)  # noqa: F821
story = wishes(arguments["days"], count) if count else []  # noqa: F821
# All of the demo's stores have devices, also those that a cut-off run left without.
switches = stores if "use_devices" in stores else stores.browse()
switches.use_devices = False
with freeze_time(now, tick=False) as frozen:

    def clock(at):
        frozen.move_to(at)

    with patch.object(BaseCursor, "now", lambda _cursor: datetime.now()):
        for number, wish in enumerate(story):
            try:
                with quiet.cr.savepoint():
                    state = play(clock, *wish).state
            except TeahouseError as error:
                if error.code not in ("slot_taken", "outside_window"):
                    raise
                continue
            made[state] = made.get(state, 0) + 1
            if number % 50 == 0:
                quiet.cr.commit()
                quiet.invalidate_all()
switches.use_devices = True
# From here on it is the present: who has booked gets in, who sits there has light.
ahead = quiet["teahouse.booking"].search(
    [("state", "=", "confirmed"), ("store_id", "in", stores.ids)]
)
if switches:
    ahead._grant_access()
    ahead._replan()
for booking in ahead.filtered(lambda one: one.start <= now < one.end):
    booking._check_in("door")
quiet.cr.commit()
result(made)  # noqa: F821
