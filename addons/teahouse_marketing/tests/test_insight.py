"""The figures of the dashboard equal a count of every stay, whatever happened."""

import io
import random
from collections import Counter
from datetime import datetime, timedelta

import openpyxl
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.teahouse_billing.tests.money_common import MoneyCommon

from ..models.teahouse_insight_fact import SUMS
from .common import MarketingCommon

HOUR = timedelta(hours=1)


def counted(bookings):
    """Count minute by minute, by nothing that the product counts with."""
    cells = {}
    for booking in bookings:
        held = booking.state in ("confirmed", "in_use", "completed")
        if booking.state in ("hold", "expired"):
            continue
        zone = booking.store_id._local

        def cell(room, instant, zone=zone):
            local = zone(instant)
            return cells.setdefault((room, local.date(), local.hour), Counter())

        stop = booking.end
        if booking.state == "completed" and booking.ended_at:
            stop = max(booking.start, booking.ended_at)
        first = cell(booking.room_id, booking.start)
        first["orders"] += held
        first["cancelled"] += booking.state == "cancelled"
        first["no_shows"] += booking.state == "no_show"
        minutes = int((stop - booking.start).total_seconds() / 60)
        first["stay_minutes"] += minutes if held else 0
        for minute in range(minutes if held else 0):
            instant = booking.start + timedelta(minutes=minute)
            cell(booking.room_id, instant)["used_minutes"] += 1
        for line in booking.charge_line_ids:
            if line.state == "open" and line.kind != "deposit":
                instant = line.start or booking.start
                cell(line.room_id, instant)["revenue"] += line.amount
    return {
        key: tuple(round(sums[name], 2) for name in SUMS)
        for key, sums in cells.items()
        if any(sums.values())
    }


@tagged("post_install", "-at_install")
class TestInsight(MarketingCommon, MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Its clock is 45 minutes off the hour, and changes twice a year.
        cls.other_store.tz = "Pacific/Chatham"
        cls.facts = cls.env["teahouse.insight.fact"]
        cls.rooms = cls.room | cls.room_2 | cls.other_room

    def stored(self):
        rows = self.env["teahouse.insight.hour"].search(
            [("room_id", "in", self.rooms.ids)]
        )
        return {
            (row.room_id, row.local_day, row.local_hour): tuple(
                round(row[name], 2) for name in SUMS
            )
            for row in rows
            if any(row[name] for name in SUMS)
        }

    def bookings(self):
        return self.env["teahouse.booking"].search([("room_id", "in", self.rooms.ids)])

    def stay(self, start, state="completed", hours=2, amount=76.0, **values):
        booking = self.make_booking(start=start, hours=hours, amount=amount, **values)
        booking.write({"state": state, "ended_at": booking.end})
        return booking

    def test_equal_a_full_recount_after_random_changes(self):
        chance = random.Random(7)
        self.facts._refresh(everything=True)
        start = {room: datetime(2026, 3, 27, 9, 20) for room in self.rooms}
        for _round in range(6):
            for room in self.rooms:
                for _stay in range(3):
                    start[room] += chance.randint(30, 900) * timedelta(minutes=1)
                    booking = self.make_booking(
                        start=start[room], hours=chance.randint(1, 30), room=room
                    )
                    start[room] = booking.blocked_until
            for booking in self.bookings():
                change = chance.random()
                if change < 0.5:
                    ended = booking.end + chance.randint(-50, 0) * timedelta(minutes=1)
                    state = chance.choice(
                        ["confirmed", "completed", "cancelled", "no_show", "expired"]
                    )
                    # What gave the room back may meet another stay by now.
                    if booking.state in ("hold", "confirmed", "completed"):
                        booking.write({"state": state, "ended_at": ended})
                elif change < 0.7 and booking.state != "hold":
                    # A late refund.
                    self.charge(booking, -chance.randint(1, 40), "adjustment")
                elif change < 0.8:
                    booking.charge_line_ids[:1].state = "void"
                elif change < 0.9:
                    booking.member_id = self.member_2
            self.facts._refresh()
            self.assertEqual(self.stored(), counted(self.bookings()))
        before = self.stored()
        self.facts._refresh(everything=True)
        self.assertEqual(self.stored(), before)

    def test_members_first_last_and_worth(self):
        self.stay(datetime(2026, 3, 1, 17, 0))
        late = self.stay(datetime(2026, 3, 9, 2, 0), amount=50)
        self.facts._refresh()
        members = self.env["teahouse.insight.member"]
        mine = [("member_id", "=", self.member.id)]
        figures = members.search(mine)
        # 17:00 UTC is the next day in Shanghai.
        self.assertEqual(str(figures.first_day), "2026-03-02")
        self.assertEqual(str(figures.last_day), "2026-03-09")
        self.assertEqual((figures.orders, figures.revenue), (2, 126))
        late.member_id = self.member_2
        self.facts._refresh()
        figures = members.search(mine)
        self.assertEqual((figures.orders, figures.revenue), (1, 76))

    def test_another_clock_moves_the_past(self):
        self.stay(datetime(2026, 3, 1, 17, 0))
        self.facts._refresh()
        self.store.tz = "Europe/Berlin"
        self.facts._refresh()
        self.assertEqual(self.stored(), counted(self.bookings()))

    @freeze_time("2026-03-10 04:00:00")
    def test_dashboard_compares_with_the_days_before(self):
        self.stay(datetime(2026, 3, 9, 2, 0))
        self.stay(datetime(2026, 3, 1, 2, 0), amount=50)
        self.stay(datetime(2026, 3, 8, 2, 0), "cancelled", amount=0)
        self.facts._refresh()
        load = self.env["teahouse.insight"].with_user(self.user_owner).load
        found = load(self.store.id, 7)
        self.assertEqual(found["now"]["orders"], 1)
        self.assertEqual(found["now"]["revenue"], 76)
        self.assertEqual(found["now"]["cancelled"], 1)
        self.assertEqual(found["before"]["revenue"], 50)
        # Two rooms are offered around the clock for seven days.
        self.assertAlmostEqual(found["now"]["occupancy"], 100 * 2 / 336)
        self.assertAlmostEqual(found["now"]["per_hour"], 76 / 336)
        self.assertAlmostEqual(found["now"]["turnover"], 1 / 14)
        self.assertEqual(found["now"]["average_stay"], 2)
        # Monday from ten to twelve, one room of two.
        self.assertEqual(found["heat"][0][9:13], [0, 50, 50, 0])
        self.assertEqual([day["orders"] for day in found["series"]][-1], 1)
        self.assertEqual(found["rooms"][0]["name"], "Bamboo")
        self.assertEqual(found["members"]["week"], 1)

    @freeze_time("2026-03-10 04:00:00")
    def test_stores_beside_each_other_and_as_a_workbook(self):
        self.other_store.name = "=Hillside"
        self.stay(datetime(2026, 3, 9, 2, 0))
        self.stay(datetime(2026, 3, 1, 2, 0), room=self.other_room, amount=50)
        self.stay(datetime(2026, 3, 8, 2, 0), room=self.other_room, amount=20)
        self.facts._refresh()
        insight = self.env["teahouse.insight"]
        found = insight.with_user(self.user_owner).load(None, 7)["compared"]
        rows = {row["id"]: row for row in found}
        mine, other = rows[self.store.id], rows[self.other_store.id]
        self.assertEqual((mine["now"]["revenue"], mine["before"]["revenue"]), (76, 0))
        self.assertEqual(
            (other["now"]["revenue"], other["before"]["revenue"]), (20, 50)
        )
        self.assertAlmostEqual(other["now"]["per_hour"], 20 / 168)
        self.assertAlmostEqual(mine["now"]["turnover"], 1 / 14)
        # One store of a manager is compared with nothing.
        manager = insight.with_user(self.user_manager)
        self.assertEqual(manager.load(None, 7)["compared"], [])
        for user, names in (
            (self.user_owner, {"Riverside", "=Hillside"}),
            (self.user_manager, {"Riverside"}),
        ):
            content, name = insight.with_user(user)._xlsx(None, 7)
            self.assertTrue(name.endswith(".xlsx"))
            book = openpyxl.load_workbook(io.BytesIO(content))
            self.assertEqual(len(book.worksheets), 5)
            cells = [cell for row in book.worksheets[0].rows for cell in row]
            shown = {cell.value for cell in cells if cell.data_type == "s"}
            self.assertEqual(shown & {"Riverside", "=Hillside"}, names)
            self.assertNotIn("f", {cell.data_type for cell in cells})
        with self.assertRaises(AccessError), self.cr.savepoint():
            insight.with_user(self.user_staff)._xlsx()

    def test_each_sees_the_figures_of_own_stores(self):
        self.stay(datetime(2026, 3, 9, 2, 0))
        self.stay(datetime(2026, 3, 9, 2, 0), room=self.other_room)
        self.facts._refresh()
        hours = self.env["teahouse.insight.hour"]
        mine = hours.with_user(self.user_manager).search([])
        self.assertEqual(mine.store_id, self.store)
        manager = self.env["teahouse.insight"].with_user(self.user_manager)
        found = manager.load(self.other_store.id, 365)
        self.assertEqual([one["id"] for one in found["stores"]], [self.store.id])
        self.assertIsNone(found["members"])
        self.assertIn(
            self.other_store,
            hours.with_user(self.user_accountant).search([]).store_id,
        )
        for role in ("staff", "cleaner", "technician", "portal"):
            user = getattr(self, f"user_{role}")
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.env["teahouse.insight"].with_user(user).load()
