"""Advice: each rests on a figure, says it, and leads to where it is followed."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.tests import BaseCase, Form, tagged

from odoo.addons.teahouse_billing.tests.money_common import MoneyCommon

from ..engine.advice import full_hours, short_of_hands, weak_hours
from .common import MarketingCommon


class TestAdviceEngine(BaseCase):
    def test_full_hours(self):
        shares = [0.1] * 14 + [0.8, 0.9, 0.85] + [0.2] * 3 + [0.95] + [0.1] * 3
        run = full_hours(shares)
        # One full hour alone, at eight in the evening, is chance.
        self.assertEqual((run.start, run.stop), (14, 17))
        self.assertAlmostEqual(run.taken, 0.85)
        self.assertIsNone(full_hours([0.6] * 24))

    def test_weak_hours_are_of_the_day_and_below_the_others(self):
        shares = [0.0] * 9 + [0.05] * 4 + [0.5] * 11
        run = weak_hours(shares)
        self.assertEqual((run.start, run.stop), (9, 13))
        self.assertIsNone(weak_hours([0.3] * 24), "no hour is worse than another")
        self.assertIsNone(weak_hours([0.0] * 14 + [0.02] * 10), "nobody comes yet")

    def test_hands_are_missing(self):
        calm, busy = (10, 0), (20, 8)
        short = short_of_hands(21, [calm] * 20 + [busy] * 4)
        self.assertEqual((short.late, short.cleanings), (32, 80))
        self.assertIsNone(short_of_hands(21, [calm] * 20 + [(20, 2)] * 4))
        self.assertIsNone(short_of_hands(11, [calm] * 20 + [busy] * 2))
        beyond = short_of_hands(30, [calm] * 20)
        self.assertEqual((beyond.most, beyond.cleanings), (10, 0))
        self.assertIsNone(short_of_hands(12, [calm] * 20))
        self.assertIsNone(short_of_hands(5, []))
        self.assertIsNone(short_of_hands(3, [(1, 1)] * 9))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-31 20:00:00")
class TestAdvice(MarketingCommon, MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advice = cls.env["teahouse.insight.advice"]
        cls.today = date(2026, 4, 1)
        hours = []
        for number in range(1, 43):
            day = cls.today - timedelta(number)
            weekend = day.isoweekday() > 5
            for room in cls.room | cls.room_2:
                for hour in range(9, 23):
                    # Weekends are full from two to six; mornings of workdays are weak.
                    full = weekend and 14 <= hour < 18
                    weak = not weekend and hour < 13
                    minutes = 60 if full else 0 if weak else 20
                    hours.append(
                        {
                            "company_id": cls.company.id,
                            "store_id": cls.store.id,
                            "room_id": room.id,
                            "local_day": day,
                            "local_hour": hour,
                            "used_minutes": minutes,
                            "orders": 1,
                            "revenue": 0,
                        }
                    )
        cls.env["teahouse.insight.hour"].create(hours)

    def found(self, kind):
        mine = [("store_id", "=", self.store.id), ("kind", "=", kind)]
        return self.advice.search(mine)

    def clean(self, late):
        """Let ten rooms be cleaned on each of ten days, some of them late."""
        tasks = []
        for number in range(1, 11):
            day = datetime.combine(self.today - timedelta(number), datetime.min.time())
            for place in range(10):
                due = day + timedelta(hours=1, minutes=place)
                wait = timedelta(hours=3 if place < late else 0, minutes=20)
                tasks.append(
                    {
                        "room_id": self.room.id,
                        "due_at": due,
                        "state": "finished",
                        "finished_at": due + wait,
                    }
                )
        self.env["teahouse.cleaning.task"].create(tasks)

    def expect(self, stays):
        days = self.env["teahouse.forecast"]
        days.search([("store_id", "=", self.store.id)]).unlink()
        day = self.today + timedelta(2)
        days.create({"store_id": self.store.id, "local_day": day, "expected": stays})

    def test_prices_and_coupons_by_the_hours(self):
        self.advice._advise(self.store)
        price, coupon = self.found("price"), self.found("coupon")
        self.assertEqual(
            (price.days, price.hour_start, price.hour_stop), ("weekend", 14, 18)
        )
        self.assertEqual(price.taken, 1)
        self.assertIn("100 %", price.reason)
        self.assertIn("14:00 to 18:00", price.title)
        self.assertEqual(
            (coupon.days, coupon.hour_start, coupon.hour_stop), ("work", 9, 13)
        )
        action = price.with_user(self.user_manager).action_act()
        self.assertEqual(action["res_model"], "teahouse.tariff")
        action = coupon.with_user(self.user_owner).action_act()
        program = self.env["loyalty.program"].with_context(**action["context"])
        program = program.with_user(self.user_owner)
        program = Form(program, view=action["views"][0][0]).save()
        self.assertTrue(program.teahouse_coupon)
        self.assertEqual(program.coupon_store_ids, self.store)
        self.assertEqual((program.hour_from, program.hour_to), (9, 13))
        self.assertEqual((program.day_type, program.coupon_value), ("workday", 20))
        # A manager makes no coupons, and is led to those there are.
        action = coupon.with_user(self.user_manager).action_act()
        self.assertEqual(action["res_model"], "loyalty.program")
        self.assertNotIn("default_hour_from", action["context"])

    def test_more_cleaners_where_they_came_late(self):
        self.clean(late=4)
        self.expect(10)
        self.advice._advise(self.store)
        advice = self.found("cleaning")
        self.assertEqual(advice.day, self.today + timedelta(2))
        self.assertEqual((advice.late, advice.cleanings), (40, 100))
        self.assertIn("40 of 100", advice.reason)
        action = advice.with_user(self.user_manager).action_act()
        self.assertEqual(action["res_model"], "teahouse.cleaning.task")
        self.expect(3)
        self.env["teahouse.cleaning.task"].search([]).finished_at = False
        self.env["teahouse.cleaning.task"].search([]).state = "cancelled"
        self.advice._advise(self.store)
        self.assertFalse(self.found("cleaning"))

    def test_more_cleaners_where_a_day_is_beyond_all_others(self):
        self.clean(late=0)
        self.expect(12)
        self.advice._advise(self.store)
        self.assertFalse(self.found("cleaning"))
        self.expect(20)
        self.advice._advise(self.store)
        self.assertEqual(self.found("cleaning").most, 10)
        self.assertIn("20 stays", self.found("cleaning").reason)

    def test_put_aside_stays_so_and_the_screens_show_the_rest(self):
        self.advice._advise(self.store)
        insight = self.env["teahouse.insight"].with_user(self.user_manager)
        shown = insight.load(self.store.id)["advice"]
        self.assertEqual([one["kind"] for one in shown], ["price", "coupon"])
        today = self.env["teahouse.today"].with_user(self.user_manager)
        tiles = {tile["key"]: tile for tile in today.load()["tiles"]}
        self.assertEqual(tiles["advice"]["value"], "2")
        self.assertEqual(tiles["advice"]["items"][0]["text"], shown[0]["reason"])
        self.found("price").with_user(self.user_manager).action_put_aside()
        self.advice._advise(self.store)
        self.assertEqual(len(self.found("price")), 1)
        shown = insight.load(self.store.id)["advice"]
        self.assertEqual([one["kind"] for one in shown], ["coupon"])
        with freeze_time("2026-05-02 20:00:00"):
            shown = insight.load(self.store.id)["advice"]
            self.assertEqual(len(shown), 2)
            # What no longer holds goes.
            self.env["teahouse.insight.hour"].search([]).unlink()
            self.advice._advise(self.store)
        self.assertFalse(self.found("price") | self.found("coupon"))

    def test_a_store_that_is_new_gets_no_advice_on_hours(self):
        recent = self.today - timedelta(20)
        old = self.env["teahouse.insight.hour"].search([("local_day", "<", recent)])
        old.unlink()
        self.advice._advise(self.store)
        self.assertFalse(self.found("price") | self.found("coupon"))

    def test_who_gets_advice(self):
        self.advice._advise(self.store)
        self.advice.create({"store_id": self.other_store.id, "kind": "price"})
        mine = self.advice.with_user(self.user_manager).search([])
        self.assertEqual(mine.store_id, self.store)
        for role in ("staff", "cleaner", "technician", "accountant", "portal"):
            user = getattr(self, f"user_{role}")
            self.assertFalse(self.advice.with_user(user).has_access("read"), role)
        insight = self.env["teahouse.insight"].with_user(self.user_accountant)
        self.assertEqual(insight.load()["advice"], [])
