import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import requests

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.teahouse_base.api import limits

from . import api_probe
from .common import API_PREFIX
from .test_api_frame import ApiFrameCommon


class LimitsMixin:
    def set_limit(self, name, value):
        self.env["ir.config_parameter"].set_param(
            f"teahouse_base.api_limit_{name}", str(value)
        )


@tagged("post_install", "-at_install")
class TestLimits(LimitsMixin, ApiFrameCommon):
    def setUp(self):
        super().setUp()
        # All in one minute, whatever the clock says.
        self.startPatcher(
            patch(
                "odoo.addons.teahouse_base.models.api_limit.window_now",
                return_value=(29_000_000, 42),
            )
        )
        limits.reads.__init__()
        # Other tests may have left counters behind with transactions of their own.
        self.env.cr.execute("DELETE FROM teahouse_api_limit")

    def assert_limited(self, response):
        self.assert_problem(response, 429, "rate_limited")
        self.assertEqual(response.headers["Retry-After"], "42")

    def test_changes_are_limited_by_address(self):
        self.set_limit("write_address", 2)
        for _index in range(2):
            self.assertEqual(self.api("POST", "/probe/bare").status_code, 200)
        self.assert_limited(self.api("POST", "/probe/bare"))

    def test_changes_are_limited_by_member(self):
        self.set_limit("write_member", 1)
        headers = {"Idempotency-Key": "a"}
        calls = [
            self.api(
                "POST", "/probe/pay", {"number": 1}, member=member, headers=headers
            )
            for member in (self.member, self.member_2, self.member)
        ]
        self.assertEqual([call.status_code for call in calls], [200, 200, 429])

    def test_looks_are_limited_without_writing(self):
        self.set_limit("read_address", 3)
        codes = [self.api("GET", "/probe/who").status_code for _index in range(4)]
        self.assertEqual(codes, [200, 200, 200, 429])
        self.assertFalse(self.env["teahouse.api.limit"].search([]))

    def test_zero_is_no_limit(self):
        self.set_limit("write_address", 0)
        for _index in range(3):
            self.assertEqual(self.api("POST", "/probe/bare").status_code, 200)
        self.assertFalse(self.env["teahouse.api.limit"].search([]))

    def test_nonsense_in_the_setting_means_the_default(self):
        self.set_limit("write_address", "many")
        self.assertEqual(self.env["teahouse.api.limit"]._limit("write_address"), 1200)

    def test_addresses_are_not_readable(self):
        self.api("POST", "/probe/bare")
        self.env.cr.execute("SELECT key FROM teahouse_api_limit")
        for (key,) in self.env.cr.fetchall():
            self.assertNotIn("127.0.0.1", key)

    def test_a_new_minute_begins_at_one(self):
        self.set_limit("write_address", 1)
        codes = []
        for minute in (29_000_000, 29_000_000, 29_000_001):
            with patch(
                "odoo.addons.teahouse_base.models.api_limit.window_now",
                return_value=(minute, 60),
            ):
                codes.append(self.api("POST", "/probe/bare").status_code)
        self.assertEqual(codes, [200, 429, 200])

    def test_refused_requests_count(self):
        self.set_limit("write_address", 2)
        codes = [
            self.api("POST", "/probe/fail?kind=user").status_code for _index in range(3)
        ]
        self.assertEqual(codes, [422, 422, 429])

    def test_a_replayed_request_counts_once(self):
        api_probe.failed_before.clear()
        self.set_limit("write_address", 1)
        with (
            patch("odoo.service.model.random.uniform", return_value=0),
            mute_logger("odoo.service.model"),
        ):
            response = self.api("POST", "/probe/fail?kind=once")
        self.assertEqual(response.json(), {"done": True})


@tagged("post_install", "-at_install")
class TestMemoryCounter(ApiFrameCommon):
    def test_counts_within_the_minute(self):
        counter = limits.MemoryCounter()
        with patch.object(limits.time, "time", return_value=6_000_000):
            self.assertEqual([counter.hit("a"), counter.hit("a")], [1, 2])
            self.assertEqual(counter.hit("b"), 1)
        with patch.object(limits.time, "time", return_value=6_000_060):
            self.assertEqual(counter.hit("a"), 1)

    def test_window_tells_the_seconds_left(self):
        with patch.object(limits.time, "time", return_value=120 * 60 + 18.5):
            self.assertEqual(limits.window_now(), (120, 41))
        self.assertLess(abs(limits.window_now()[0] - time.time() // 60), 2)


@tagged("post_install", "-at_install")
class TestSecurity11FailureCountersSurvive(LimitsMixin, HttpCase):
    """Security checklist 11: what was refused and rolled back was counted."""

    registry_test_mode = False

    def test_security_11_refused_requests_count(self):
        self.env.registry.clear_cache("routing")
        model = self.env["teahouse.api.limit"]
        key = model._key("address", "write", "127.0.0.1")
        before = self._hits(key)
        for _index in range(3):
            answer = requests.post(
                f"{self.base_url()}{API_PREFIX}/probe/fail?kind=user", timeout=30
            )
            self.assertEqual(answer.status_code, 422)

        # Unless a new minute began in between, which starts at one.
        self.assertIn(self._hits(key) - before, (3, 1 - before, 2 - before, 3 - before))

    def _hits(self, key):
        with self.env.registry.cursor() as cr:
            cr.execute(
                "SELECT hits FROM teahouse_api_limit WHERE key = %s AND minute = %s",
                (key, limits.window_now()[0]),
            )
            row = cr.fetchone()
            return row[0] if row else 0


@tagged("post_install", "-at_install")
class TestManyAtOnce(HttpCase):
    """Fifty at once: a second connection each would exhaust the pool."""

    registry_test_mode = False

    def test_fifty_changes_at_once_are_all_answered(self):
        self.env.registry.clear_cache("routing")
        url = f"{self.base_url()}{API_PREFIX}/probe/bare"

        def call(_index):
            return requests.post(url, json={}, timeout=30).status_code

        with ThreadPoolExecutor(50) as pool:
            codes = list(pool.map(call, range(50)))

        self.assertEqual(set(codes), {200})
