"""One-time codes and counters. Names point to the security checklist."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import api, fields
from odoo.modules.registry import Registry
from odoo.tests import tagged

from ..models.teahouse_throttle import MOST_CURSORS
from .common import PASSWORD, TeahouseCommon
from .test_login import PHONE, LoginCommon


@tagged("post_install", "-at_install")
class TestCodes(LoginCommon):
    def test_checklist_15_six_digits_five_minutes_single_use(self):
        code = self.issue()
        self.assertRegex(code, r"^\d{6}$")
        self.assertTrue(self.otp._verify(PHONE, "login", code))
        self.assertFalse(self.otp._verify(PHONE, "login", code))
        with self.later(minutes=2):
            code = self.issue()
        with self.later(minutes=8):
            self.assertFalse(self.otp._verify(PHONE, "login", code))

    def test_checklist_15_codes_differ(self):
        codes = set()
        for number in range(8):
            codes.add(self.issue(f"1391111000{number}"))
        self.assertGreater(len(codes), 6)

    def test_checklist_16_only_a_keyed_hash_is_stored(self):
        code = self.issue()
        row = self.env["teahouse.otp"].sudo().search([], limit=1)
        self.assertNotIn(code, row.code_hash)
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(o)::text FROM teahouse_otp o")
        stored = str(self.env.cr.fetchall())
        self.assertNotIn(PHONE, stored)

    def test_checklist_16_bound_to_phone_and_purpose(self):
        code = self.issue()
        self.assertFalse(self.otp._verify("13911113333", "login", code))
        self.assertFalse(self.otp._verify(PHONE, "bind", code))
        self.assertTrue(self.otp._verify(PHONE, "login", code))

    def test_checklist_17_five_wrong_tries_void_it(self):
        code = self.issue()
        wrong = "000000" if code != "000000" else "000001"
        for _try in range(5):
            self.assertFalse(self.otp._verify(PHONE, "login", wrong))
        self.assertFalse(self.otp._verify(PHONE, "login", code))

    def test_checklist_17_the_fifth_try_may_be_right(self):
        code = self.issue()
        wrong = "000000" if code != "000000" else "000001"
        for _try in range(4):
            self.otp._verify(PHONE, "login", wrong)
        self.assertTrue(self.otp._verify(PHONE, "login", code))

    def test_checklist_17_odd_input(self):
        self.issue()
        for code in ("", None, "12345", "１２３４５６", "123456\x00", "0" * 400):
            self.assertFalse(self.otp._verify(PHONE, "login", code))

    def test_checklist_18_one_a_minute(self):
        self.issue()
        with self.assert_code("rate_limited") as refused:
            self.issue()
        self.assertTrue(0 < refused.error.retry_after <= 60)
        with self.later(seconds=61):
            self.issue()

    def test_checklist_18_five_an_hour_ten_a_day(self):
        start = fields.Datetime.now()
        for minute in (0, 2, 4, 6, 8):
            with freeze_time(start + timedelta(minutes=minute)):
                self.issue()
        with freeze_time(start + timedelta(minutes=30)):
            with self.assert_code("rate_limited") as refused:
                self.issue()
            self.assertEqual(refused.error.retry_after, 1800)
        for minute in (60, 62, 64, 66, 68):
            with freeze_time(start + timedelta(minutes=minute, seconds=1)):
                self.issue()
        with (
            freeze_time(start + timedelta(hours=20)),
            self.assert_code("rate_limited"),
        ):
            self.issue()
        with freeze_time(start + timedelta(hours=24, seconds=1)):
            self.issue()

    def test_checklist_18_purposes_share_the_limit(self):
        self.issue()
        with self.assert_code("rate_limited"):
            self.issue(purpose="bind")

    def test_checklist_19_per_address(self):
        for number in range(10):
            self.issue(f"1391111100{number}", ip="192.0.2.7")
        with self.assert_code("rate_limited"):
            self.issue("13911112000", ip="192.0.2.7")
        self.issue("13911112001", ip="192.0.2.8")

    def test_checklist_19_global_cap(self):
        # What a running server counted today stands in the same table.
        sent = self.env["teahouse.throttle"].search_count([("kind", "=", "sms all")])
        self.env["ir.config_parameter"].set_param("teahouse_base.sms_per_day", sent + 1)
        self.issue("13911113001")
        with self.assert_code("rate_limited"):
            self.issue("13911113002")

    def test_checklist_21_code_in_no_log_and_no_readable_column(self):
        with self.assertLogs("odoo.addons.teahouse_base", "DEBUG") as logs:
            code = self.issue()
            self.otp._verify(PHONE, "login", "999999")
            logging.getLogger("odoo.addons.teahouse_base").debug("end")
        self.assertNotIn(code, str(logs.output))
        self.assertFalse(self.env["sms.sms"].search([("number", "like", "1391111")]))
        row = self.env["teahouse.notification"].search([], limit=1, order="id desc")
        self.assertNotIn(code, row.body)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(n)::text FROM teahouse_notification n WHERE id = %s",
            [row.id],
        )
        self.assertNotIn(code, self.env.cr.fetchone()[0])

    def test_checklist_22_login_code_sets_no_password(self):
        code = self.issue()
        with self.assert_code("invalid_request"):
            self.members._set_password_by_code(PHONE, code, PASSWORD)
        with self.later(minutes=2):
            code = self.issue(purpose="password")
            with self.assert_code("unauthenticated"):
                self.members._login_sms(PHONE, code)

    def test_newer_code_voids_the_older(self):
        old = self.issue()
        with self.later(minutes=2):
            new = self.issue()
            if old != new:
                self.assertFalse(self.otp._verify(PHONE, "login", old))
            self.assertTrue(self.otp._verify(PHONE, "login", new))


@tagged("post_install", "-at_install")
class TestCounters(LoginCommon):
    def test_windows_slide(self):
        throttle = self.env["teahouse.throttle"]
        start = fields.Datetime.now()
        limits = ((60, 2),)
        for second, expected in ((0, 0), (50, 0), (55, 5), (61, 0), (62, 48)):
            with freeze_time(start + timedelta(seconds=second)):
                wait = throttle._hit("test", "key", limits)
                self.assertEqual(wait, expected, second)
        with freeze_time(start + timedelta(seconds=62)):
            self.assertEqual(throttle._blocked("test", "key", limits), 48)
            self.assertEqual(throttle._blocked("test", "other", limits), 0)

    def test_limits_are_settings(self):
        throttle = self.env["teahouse.throttle"]
        params = self.env["ir.config_parameter"]
        for text, expected in (
            ("60:3, 3600:9", ((60, 3), (3600, 9))),
            ("", ((60, 1),)),
            ("many", ((60, 1),)),
        ):
            params.set_param("teahouse_base.test_limits", text)
            limits = throttle._limits("teahouse_base.test_limits", ((60, 1),))
            self.assertEqual(limits, expected)
        params.set_param("teahouse_base.sms_limits_phone", "60:2")
        self.issue()
        self.issue()
        with self.assert_code("rate_limited"):
            self.issue()
        self.assertEqual(throttle._hit("test", "none at all", ((60, 0),)), 60)

    def test_old_rows_go(self):
        throttle = self.env["teahouse.throttle"]
        throttle._hit("test", "old", ((60, 2),))
        with self.later(days=3):
            throttle._gc_old()
        self.assertFalse(throttle.search_count([("kind", "=", "test")]))


@tagged("post_install", "-at_install")
class TestCountersForReal(TeahouseCommon):
    """Without the shared test cursor: real transactions side by side."""

    def tearDown(self):
        with self.env.registry.cursor() as cr:
            cr.execute("DELETE FROM teahouse_throttle WHERE kind = 'race'")
        super().tearDown()

    def test_checklist_11_counters_survive_a_rollback(self):
        throttle = self.env["teahouse.throttle"]
        with self.assertRaises(RuntimeError), self.env.cr.savepoint():
            throttle._hit("race", "rollback", ((60, 1),))
            raise RuntimeError("The request fails.")
        self.assertGreater(throttle._hit("race", "rollback", ((60, 1),)), 0)

    def test_parallel_hits_do_not_pass_the_limit(self):
        registry = Registry(self.env.cr.dbname)

        def hit(_number):
            with registry.cursor() as cr:
                env = api.Environment(cr, 1, {})
                return env["teahouse.throttle"]._hit("race", "parallel", ((600, 5),))

        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            waits = list(pool.map(hit, range(24)))
        self.assertEqual(waits.count(0), 5)
        self.assertLess(time.monotonic() - began, 20)


@tagged("post_install", "-at_install")
class TestManyLogins(TeahouseCommon):
    def test_fifty_at_once_hold_few_connections(self):
        """Each counts on a second connection: the pool must outlast a rush."""
        held, most = [], []
        gate = threading.Barrier(50)

        class Cursor:
            def __enter__(self):
                held.append(1)
                most.append(len(held))
                return self

            def __exit__(self, *_error):
                time.sleep(0.005)
                held.pop()

            def execute(self, *_statement):
                time.sleep(0.001)

            commit = rollback = execute

        throttle = self.env["teahouse.throttle"]

        def count(number):
            gate.wait()
            with throttle._serialised(f"rush {number}"):
                time.sleep(0.001)

        with (
            patch.object(type(self.registry), "cursor", lambda *_args, **_kw: Cursor()),
            ThreadPoolExecutor(50) as pool,
        ):
            list(pool.map(count, range(50)))
        self.assertEqual(len(most), 50)
        self.assertLessEqual(max(most), MOST_CURSORS)
