"""Odoo shell script: in each of the demo's stores something goes on at this very hour.

A room in use, one that waits to be cleaned, guests who come soon, and one who is about
to pay. Booked, paid and used by the models, as in the story before; what is there
already is left as it is.
"""

import random
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.sql_db import BaseCursor

from odoo.addons.teahouse_base.api.schema import for_modules
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_booking.api.schemas import BookingCreate

#: What goes on -> (when it starts, in half hours from the present one; half hours)
SCENES = {
    "to_clean": (-3, 3),
    "in_use": (-1, 5),
    "confirmed": (2, 4),
    "hold": (6, 4),
}
HALF_HOUR = timedelta(minutes=30)

now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
quiet = env(context={**env.context, "tracking_disable": True, "lang": "zh_CN"})  # noqa: F821
schema = for_modules(BookingCreate, env.registry._init_modules)  # noqa: F821
bookings = quiet["teahouse.booking"]
stores = quiet["teahouse.store"].search([("state", "=", "open")])
members = quiet["teahouse.member"].search([("state", "=", "approved")], order="id")
money = "payment.transaction" in quiet and hasattr(bookings, "_pay")
chance = random.Random(f"{now:%F %H}")
made = dict.fromkeys(SCENES, 0)


def there(store, scene):
    """Tell whether a store has this already."""
    mine = [("store_id", "=", store.id)]
    if scene == "to_clean":
        waiting = [("state", "in", ("waiting", "accepted", "started"))]
        return quiet["teahouse.cleaning.task"].search_count(mine + waiting, limit=1)
    mine += [("state", "=", scene), ("end", ">", now)]
    if scene == "hold":
        mine.append(("hold_expires_at", ">", now))
    mine.append(("start", "<", now + timedelta(hours=6)))
    return bookings.search_count(mine, limit=1)


def play(clock, room, scene):
    """Let a guest do what leads to the scene."""
    first, length = SCENES[scene]
    begun = now.replace(minute=now.minute // 30 * 30, second=0)
    start = begun + first * HALF_HOUR
    end = start + length * HALF_HOUR
    member = chance.choice(members)
    clock(now if scene == "hold" else min(now, start) - timedelta(minutes=40))
    wanted = schema(
        room_id=room.id,
        start=start.replace(tzinfo=UTC).isoformat(),
        end=end.replace(tzinfo=UTC).isoformat(),
        people=chance.randint(1, room.capacity),
        source="mini_program",
    )
    ref = bookings.with_user(member.user_id)._api_create(wanted)["ref"]
    booking = bookings.search([("ref", "=", ref)])
    if scene == "hold":
        return booking
    if money and booking.amount_due:
        booking._pay("demo", "page")
    if scene != "confirmed":
        clock(start + timedelta(minutes=4))
        booking._check_in("door")
    if scene == "to_clean":
        # Guests left on time, or a moment ago: nothing is due for staying on.
        clock(min(end, now - timedelta(minutes=6)))
        booking._checkout("guest")
    clock(now)
    return booking


played = bookings.browse()
switches = stores if "use_devices" in stores else stores.browse()
switches = switches.filtered("use_devices")
switches.use_devices = False
with freeze_time(now, tick=False) as frozen:

    def clock(at):
        frozen.move_to(at)

    with patch.object(BaseCursor, "now", lambda _cursor: datetime.now()):
        for store in stores:
            for scene in SCENES:
                clock(now)
                if there(store, scene):
                    continue
                for room in store.room_ids.filtered(lambda one: one.state == "open"):
                    try:
                        with quiet.cr.savepoint():
                            played += play(clock, room, scene)
                    except TeahouseError as error:
                        if error.code not in ("slot_taken", "outside_window"):
                            raise
                        continue
                    made[scene] += 1
                    break
switches.use_devices = True
if switches:
    inside = played.filtered(lambda one: one.state in ("confirmed", "in_use"))
    inside._grant_access()
    inside._replan()
quiet.cr.commit()
result(made)  # noqa: F821
