"""Guests: active by day, week and month, cohorts, kinds as an audience."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.teahouse_billing.tests.money_common import MoneyCommon

from .common import MarketingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 04:00:00")
class TestInsightGuests(MarketingCommon, MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.facts = cls.env["teahouse.insight.fact"]
        cls.guests = cls.env["teahouse.insight"].with_user(cls.user_owner)

    def stay(self, day, member=None, amount=76.0, room=None):
        # Ten in the morning in Shanghai.
        start = datetime.combine(date.fromisoformat(day), datetime.min.time())
        start += timedelta(hours=2)
        booking = self.make_booking(
            start=start, amount=amount, member=member or self.member, room=room
        )
        booking.write({"state": "completed", "ended_at": booking.end})
        return booking

    def counted(self, series, until, days, store):
        """Count active members by nothing that the product counts with."""
        visits = self.env["teahouse.booking"].search([("store_id", "=", store.id)])
        days_of = [(v.member_id, v.store_id._local(v.start).date()) for v in visits]
        first = until - timedelta(days=days - 1)
        return len({member for member, day in days_of if first <= day <= until})

    def test_active_by_day_week_and_month(self):
        for day in ("2026-01-20", "2026-02-25", "2026-03-01", "2026-03-05"):
            self.stay(day)
        self.stay("2026-03-05", self.member_2, room=self.room_2)
        self.stay("2026-03-06", self.member_2)
        self.facts._refresh()
        found = self.guests.load_guests(self.store.id, 28)["active"]
        self.assertEqual(len(found), 28)
        self.assertEqual(found[-1]["day"], "2026-03-09")
        for point in found:
            until = date.fromisoformat(point["day"])
            wanted = [self.counted(found, until, n, self.store) for n in (1, 7, 30)]
            got = [point["of_day"], point["of_week"], point["of_month"]]
            self.assertEqual(got, wanted, point["day"])

    def test_cohorts_by_store_of_the_first_stay(self):
        self.stay("2026-01-05")
        self.stay("2026-01-20")
        self.stay("2026-03-02", room=self.other_room)
        self.stay("2026-01-31", self.member_2)
        self.facts._refresh()
        found = self.guests.load_guests(self.store.id, 28)["cohorts"]
        wanted = {"month": "2026-01-01", "size": 2, "shares": [100, 0, 50]}
        self.assertEqual(found, [wanted])
        self.assertFalse(self.guests.load_guests(self.other_store.id)["cohorts"])
        # A first stay that turns out to be of somebody else moves the cohort.
        early = self.env["teahouse.insight.visit"].search(
            [("member_id", "=", self.member.id)], order="local_day", limit=1
        )
        self.assertEqual(str(early.first_month), "2026-01-01")
        for booking in self.env["teahouse.booking"].search(
            [("member_id", "=", self.member.id), ("start", "<", "2026-02-01")]
        ):
            booking.member_id = self.member_2
        self.facts._refresh()
        found = self.guests.load_guests(self.other_store.id)["cohorts"]
        self.assertEqual(found, [{"month": "2026-03-01", "size": 1, "shares": [100]}])

    def test_kinds_are_an_audience(self):
        members = [self.make_member(name=f"Guest {n}") for n in range(8)]
        # Eight who came once long ago, one good one of then, one good one of now.
        for number, member in enumerate(members):
            self.stay(f"2025-06-{number + 1:02}", member, 40)
        for number in range(4):
            self.stay(f"2025-07-{number + 1:02}", self.member, 90)
            self.stay(f"2026-02-{number + 1:02}", self.member_2, 95)
        late = self.make_member(name="Late")
        self.stay("2026-03-01", late, 60)
        self.facts._refresh()
        figures = self.env["teahouse.insight.member"]
        kinds = {one.member_id: one.rfm for one in figures.search([])}
        self.assertEqual(kinds[self.member], "at_risk")
        self.assertEqual(kinds[self.member_2], "best")
        self.assertEqual(kinds[late], "new")
        self.assertEqual({kinds[member] for member in members}, {"asleep"})
        self.assertEqual(self.member.rfm, "at_risk")
        found = self.guests.load_guests()["kinds"]
        best = next(kind for kind in found if kind["kind"] == "best")
        self.assertEqual((best["members"], best["value"], best["stays"]), (1, 380, 4))
        manager = self.env["teahouse.insight.member"].with_user(self.user_manager)
        action = manager.action_make_segment("at_risk")
        segment = self.env["teahouse.segment"].browse(action["res_id"])
        self.assertEqual(segment.size, 1)
        again = manager.action_make_segment("at_risk")
        self.assertEqual(again["res_id"], segment.id)
        audience = self.env["teahouse.member"].search(segment._member_domain())
        self.assertEqual(audience, self.member)
        mine = self.env["teahouse.member"].with_user(self.user_manager)
        self.assertIn(self.member_2, mine.search([("rfm", "in", ["best", False])]))
        self.assertNotIn(late, mine.search([("rfm", "in", ["best", False])]))

    def test_away_for_long_is_not_recent_however_few_there_are(self):
        self.stay("2025-06-01")
        self.stay("2025-06-03")
        self.facts._refresh()
        mine = [("member_id", "=", self.member.id)]
        figures = self.env["teahouse.insight.member"].search(mine)
        self.assertLess(figures.recency, 3)
        self.assertEqual(figures.stay_value, 76)

    def test_where_and_when_a_guest_usually_comes(self):
        # Two Saturdays and a Monday, at ten in the morning.
        self.stay("2026-02-21", room=self.other_room)
        self.stay("2026-02-28", room=self.other_room)
        self.stay("2026-03-02")
        self.facts._refresh()
        mine = [("member_id", "=", self.member.id)]
        figures = self.env["teahouse.insight.member"].search(mine)
        self.assertEqual(figures.usual_store_id, self.other_store)
        self.assertEqual(
            (figures.usual_days, figures.usual_time), ("weekend", "morning")
        )

    def test_who_sees_guests(self):
        self.stay("2026-03-01")
        self.stay("2026-03-01", room=self.other_room)
        self.facts._refresh()
        visits = self.env["teahouse.insight.visit"]
        mine = visits.with_user(self.user_manager).search([])
        self.assertEqual(mine.store_id, self.store)
        insight = self.env["teahouse.insight"]
        self.assertIsNone(insight.with_user(self.user_manager).load_guests()["kinds"])
        for role in ("staff", "cleaner", "technician", "accountant", "portal"):
            user = getattr(self, f"user_{role}")
            with self.assertRaises(AccessError), self.cr.savepoint():
                insight.with_user(user).load_guests()
