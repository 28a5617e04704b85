"""Forecast: seasonal, aware of holidays, never worse than naive without saying so."""

import random
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged

from odoo.addons.teahouse_billing.tests.money_common import MoneyCommon

from ..engine.forecast import WEEK, forecast, naive
from ..engine.forecast_hours import HOURS, forecast_hours
from .common import MarketingCommon

WEEKS = 12


class TestForecastEngine(BaseCase):
    def test_a_week_that_repeats_is_foretold(self):
        week = [4, 5, 6, 7, 9, 20, 18]
        told = forecast(week * WEEKS, [None] * 84, [None] * 28)
        self.assertEqual(len(told.values), 28)
        for found, wanted in zip(told.values, week * 4, strict=True):
            self.assertAlmostEqual(found, wanted, delta=0.3)
        for low, value, high in zip(told.low, told.values, told.high, strict=True):
            self.assertTrue(0 <= low <= value <= high)

    def test_model_beats_naive_where_days_scatter(self):
        chance = random.Random(5)
        week = [20, 20, 22, 24, 30, 40, 36]
        history = [count + chance.gauss(0, 4) for count in week * WEEKS]
        told = forecast(history, [None] * 84, [None] * 7)
        self.assertEqual(told.method, "model")
        self.assertLess(told.error, told.naive_error)

    def test_worse_than_naive_is_said_and_naive_used(self):
        # Trade has trebled of late: the week before knows, a long memory does not.
        week = [10, 20, 30, 40, 50, 60, 70]
        history = week * 8 + [3 * count for count in week] * 4
        told = forecast(history, [None] * 84, [None] * 7)
        self.assertGreater(told.error, told.naive_error)
        self.assertEqual(told.method, "naive")
        self.assertEqual(told.values, tuple(history[-WEEK:]))

    def test_holidays_to_come_are_raised(self):
        week = [10] * WEEK
        special = [None] * 84
        history = week * WEEKS
        for place in (10, 31, 52):
            special[place], history[place] = "holiday", 30
        coming = [None, "holiday", None]
        told = forecast(history, special, coming)
        self.assertEqual(told.method, "model")
        self.assertGreater(told.values[1], told.values[0] * 1.5)

    def test_few_days_are_naive_and_untested(self):
        told = forecast([1, 2, 3, 4, 5, 6, 7], [None] * 7, [None] * 3)
        self.assertEqual((told.method, told.values), ("naive", (1, 2, 3)))
        self.assertIsNone(told.error)
        told = forecast([5], [None], [None] * 2)
        self.assertEqual(told.values, (0, 0))

    def test_naive_repeats_the_last_week(self):
        self.assertEqual(list(naive(range(10), 8)), [3, 4, 5, 6, 7, 8, 9, 3])

    def test_the_interval_holds_what_it_says(self):
        """Eight of ten outcomes, of weeks that nobody knew; and it says so itself."""
        chance = random.Random(11)
        week = [20, 20, 22, 24, 30, 40, 36]
        said, held = [], []
        for _store in range(6):
            counts = [chance.gauss(week[day % 7], 5) for day in range(203)]
            told = forecast(counts[:175], [None] * 175, [None] * 28)
            said.append(told.coverage)
            held += [
                low <= count <= high
                for low, count, high in zip(
                    told.low, counts[175:], told.high, strict=True
                )
            ]
        self.assertAlmostEqual(sum(held) / len(held), 0.8, delta=0.1)
        self.assertAlmostEqual(sum(said) / len(said), 0.8, delta=0.1)

    def test_the_interval_never_gets_narrower_further_away(self):
        chance = random.Random(2)
        level, history = 50.0, []
        for _day in range(140):
            level += chance.gauss(0, 3)
            history.append(max(level, 0))
        told = forecast(history, [None] * 140, [None] * 28)
        widths = [
            round(high - low, 2)
            for low, high in zip(told.low, told.high, strict=True)
            if low
        ]
        self.assertEqual(widths, sorted(widths))
        self.assertGreater(widths[-1], widths[0] * 1.3)


class TestForecastHours(BaseCase):
    def rows(self, chance, weeks=WEEKS):
        """Evenings are busy, Saturdays twice as much."""
        busy = [0] * 9 + [1] * 5 + [3] * 8 + [1] * 2
        return [
            [
                sum(
                    chance.random() < 0.5 for _ in range(n * (2 if day % 7 == 5 else 1))
                )
                for n in busy
            ]
            for day in range(7 * weeks)
        ]

    def test_hours_are_foretold_better_than_by_the_week_before(self):
        chance = random.Random(4)
        rows = self.rows(chance, WEEKS + 1)
        told = forecast_hours(rows[:84], [None] * 84, [None] * 7)
        self.assertEqual(len(told.values), 7 * HOURS)
        self.assertEqual(told.method, "model")
        self.assertLess(told.error, told.naive_error)
        saturday = told.values[5 * HOURS : 6 * HOURS]
        self.assertAlmostEqual(saturday[18], 3, delta=0.8)
        self.assertLess(saturday[3], 0.2)
        actual = [count for row in rows[84:] for count in row]
        held = [
            low <= count <= high
            for low, count, high in zip(told.low, actual, told.high, strict=True)
        ]
        self.assertGreater(sum(held) / len(held), 0.75)
        self.assertGreater(told.coverage, 0.75)

    def test_worse_than_the_week_before_is_said(self):
        day = [0] * 12 + [4] * 12
        other = day[::-1]
        rows = [day] * 7 * 8 + [other] * 7 * 4
        told = forecast_hours(rows, [None] * 84, [None] * 7)
        self.assertGreater(told.error, told.naive_error)
        self.assertEqual(told.method, "naive")
        self.assertEqual(told.values[:HOURS], tuple(map(float, other)))

    def test_few_days_are_not_tried(self):
        told = forecast_hours([[1] * HOURS] * 8, [None] * 8, [None])
        self.assertEqual((told.method, told.values), ("naive", (1.0,) * HOURS))
        self.assertIsNone(told.error)
        told = forecast_hours([[1] * HOURS], [None], [None])
        self.assertEqual(set(told.values), {0.0})


@tagged("post_install", "-at_install")
class TestForecast(MarketingCommon, MoneyCommon):
    @freeze_time("2026-03-31 20:00:00")
    def test_night_job_fills_the_days_and_today_shows_them(self):
        # It is April 1st in Shanghai.
        for number in range(42):
            start = datetime(2026, 2, 18, 2) + timedelta(number)
            booking = self.make_booking(start=start, amount=0)
            booking.write({"state": "completed", "ended_at": booking.end})
        forecasts = self.env["teahouse.forecast"]
        forecasts._cron_forecast()
        forecasts._cron_forecast()
        rows = forecasts.search([("store_id", "=", self.store.id)])
        self.assertEqual(len(rows), 28)
        self.assertEqual(str(rows[0].local_day), "2026-04-01")
        for row in rows:
            self.assertAlmostEqual(row.expected, 1, delta=0.1)
        self.assertTrue(rows[0].is_tested)
        self.assertGreaterEqual(rows[0].coverage, 0.8)
        hours = self.env["teahouse.forecast.hour"]
        hours = hours.search([("store_id", "=", self.store.id)])
        self.assertEqual(len(hours), 7 * 24)
        # Ten in the morning, in Shanghai.
        for row in hours:
            wanted = 1 if row.local_hour == 10 else 0
            self.assertAlmostEqual(row.expected, wanted, delta=0.15)
        insight = self.env["teahouse.insight"].with_user(self.user_manager)
        screen = insight.load_forecast(self.other_store.id)
        self.assertEqual(screen["store_id"], self.store.id)
        self.assertEqual([len(screen[key]) for key in ("past", "coming")], [28, 28])
        self.assertEqual(screen["past"][-1]["orders"], 1)
        self.assertEqual([day["day"] for day in screen["hours"]][0], "2026-04-01")
        self.assertEqual(screen["hours"][0]["weekday"], 2)
        self.assertEqual(screen["tried_hours"]["coverage"], hours[0].coverage)
        for role in ("staff", "cleaner", "technician", "portal"):
            user = getattr(self, f"user_{role}")
            with self.assertRaises(AccessError), self.cr.savepoint():
                insight.with_user(user).load_forecast()
        tiles = self.env["teahouse.today"].with_user(self.user_manager).load()["tiles"]
        tile = next(one for one in tiles if one["key"] == "forecast")
        self.assertEqual((tile["value"], len(tile["items"])), ("1", 7))
        self.assertEqual(tile["items"][0]["title"], "04-01")
        tiles = self.env["teahouse.today"].with_user(self.user_staff).load()["tiles"]
        self.assertNotIn("forecast", [one["key"] for one in tiles])
