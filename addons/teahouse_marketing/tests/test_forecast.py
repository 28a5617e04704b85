"""Forecast: seasonal, aware of holidays, never worse than naive without saying so."""

import random
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.teahouse_billing.tests.money_common import MoneyCommon

from ..engine.forecast import WEEK, forecast, naive
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
        tiles = self.env["teahouse.today"].with_user(self.user_manager).load()["tiles"]
        tile = next(one for one in tiles if one["key"] == "forecast")
        self.assertEqual((tile["value"], len(tile["items"])), ("1", 7))
        self.assertEqual(tile["items"][0]["title"], "04-01")
        tiles = self.env["teahouse.today"].with_user(self.user_staff).load()["tiles"]
        self.assertNotIn("forecast", [one["key"] for one in tiles])
