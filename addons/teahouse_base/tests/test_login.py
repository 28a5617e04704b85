"""Registration, codes and passwords. Names point to the security checklist."""

import json
import logging
import time
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..exceptions import TeahouseError
from .common import PASSWORD, TeahouseCommon

PHONE = "13911112222"


class LoginCommon(TeahouseCommon):
    def setUp(self):
        super().setUp()
        # Counters write in transactions of their own.
        self.registry_enter_test_mode()
        self.otp = self.env["teahouse.otp"].with_user(self.user_public)
        self.members = self.env["teahouse.member"].with_user(self.user_public)

    def issue(self, phone=PHONE, purpose="login", **kwargs):
        """Ask for a code and return it, as the SMS has it."""
        self.otp._issue(phone, purpose, **kwargs)
        row = self.env["teahouse.notification"].search([], limit=1, order="id desc")
        return json.loads(row.sudo().params)["code"]

    def later(self, **kwargs):
        return freeze_time(fields.Datetime.now() + timedelta(**kwargs))


@tagged("post_install", "-at_install")
class TestRegistration(LoginCommon):
    def test_opaque_login(self):
        member = self.members._enrol(PHONE, name="Lu", password=PASSWORD)
        self.assertTrue(member.user_id.login.startswith("m-"))
        self.assertNotIn(PHONE[-4:], member.user_id.login)
        self.assertTrue(member.user_id._is_portal())
        self.assertFalse(member.user_id._is_internal())
        self.assertEqual(member.state, "approved")
        self.assertEqual(member._api_values()["phone"], "139****2222")

    def test_checklist_27_no_number_in_the_database(self):
        """A dump of the database does not show a member's phone."""
        self.members._enrol(PHONE, password=PASSWORD)
        self.issue()
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(
            """SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'public'
                  AND data_type IN ('character varying', 'text', 'jsonb')
                  AND (table_name LIKE 'teahouse%%' OR table_name IN
                       ('res_partner', 'res_users', 'mail_message', 'sms_sms',
                        'mail_tracking_value', 'ir_attachment', 'mail_mail'))"""
        )
        for table, column in cr.fetchall():
            cr.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE %s',
                [f"%{PHONE}%"],
            )
            self.assertEqual(cr.fetchone()[0], 0, f"{table}.{column}")

    def test_one_member_per_phone(self):
        self.members._enrol(PHONE)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.members._enrol("+86 " + PHONE)
            self.env.flush_all()
        self.assertTrue(self.members._find_by_phone("139 1111 2222"))

    def test_review_by_hand(self):
        self.env["ir.config_parameter"].set_param(
            "teahouse_base.member_review", "manual"
        )
        member = self.members._enrol(PHONE)
        self.assertEqual(member.state, "pending")
        with self.assert_code("forbidden"):
            member._check_can_book(self.store)
        member.with_user(self.user_staff).action_approve()
        member._check_can_book(self.store)
        notices = self.env["teahouse.notification"].search(
            [("member_id", "=", member.id)]
        )
        self.assertEqual(set(notices.mapped("channel")), {"inbox", "sms"})

    def test_foreign_and_malformed_numbers(self):
        for phone in ("+14155550100", "12345", ""):
            with self.assert_code("invalid_request"):
                self.members._enrol(phone)
            with self.assert_code("invalid_request"):
                self.otp._issue(phone, "login")

    def test_consent_is_kept(self):
        member, is_new = self.members._login_sms(
            PHONE, self.issue(), consent_version="2026-01"
        )
        self.assertTrue(is_new)
        self.assertEqual(member.consent_version, "2026-01")
        self.assertTrue(member.consent_at)

    def test_counter_registration(self):
        wizard = self.env["teahouse.member.register"].with_user(self.user_staff)
        action = wizard.create(
            {"phone": PHONE, "name": "Walk-in", "consent": True}
        ).action_register()
        member = self.env["teahouse.member"].browse(action["res_id"])
        self.assertEqual(member.name, "Walk-in")
        again = wizard.create({"phone": "139-1111-2222"}).action_register()
        self.assertEqual(again["res_id"], member.id)
        self.assertFalse(wizard.search([("phone", "like", "1111")]))


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
class TestPasswords(LoginCommon):
    def setUp(self):
        super().setUp()
        self.lu = self.members._enrol(PHONE, name="Lu", password=PASSWORD)

    def test_login(self):
        self.assertEqual(self.members._login_password("+86" + PHONE, PASSWORD), self.lu)

    def test_checklist_7_poor_passwords(self):
        for password in ("short", "x" * 65, "password1", PHONE):
            with self.assert_code("invalid_request") as refused:
                self.members._set_password_by_code(PHONE, "000000", password)
            self.assertEqual(refused.error.errors[0]["field"], "password")

    def test_checklist_8_unknown_phone_costs_the_same(self):
        """Password hashing happens for phones that nobody has, too."""
        context = self.env.user._crypt_context()
        hashed, verified = [], []
        hash_one, verify_one = context.hash, context.verify_and_update

        def hash_spy(password, *args, **kwargs):
            hashed.append(password)
            return hash_one(password, *args, **kwargs)

        def verify_spy(*args, **kwargs):
            verified.append(args)
            return verify_one(*args, **kwargs)

        with (
            patch.object(type(context), "hash", side_effect=hash_spy),
            patch.object(type(context), "verify_and_update", side_effect=verify_spy),
        ):
            for phone in (PHONE, "13999990000"):
                with self.assert_code("unauthenticated"):
                    self.members._login_password(phone, "wrong-password")
        self.assertEqual((len(hashed), len(verified)), (1, 1))

    def test_checklist_9_same_answer(self):
        answers = set()
        for phone in (PHONE, "13999990000", "not a phone"):
            with self.assertRaises(TeahouseError) as refused:
                self.members._login_password(phone, "wrong-password")
            answers.add((refused.exception.code, str(refused.exception)))
        self.assertEqual(len(answers), 1)
        self.assertIsNone(self.otp._issue(PHONE, "password"))
        self.assertIsNone(self.otp._issue("13999990000", "password"))

    def test_checklist_10_login_limits_in_the_database(self):
        for _try in range(10):
            with self.assert_code("unauthenticated"):
                self.members._login_password(PHONE, "wrong-password")
        with self.assert_code("rate_limited") as refused:
            self.members._login_password(PHONE, PASSWORD)
        self.assertGreater(refused.error.retry_after, 0)
        with self.later(minutes=16):
            self.members._login_password(PHONE, PASSWORD)

    def test_success_is_not_counted(self):
        for _try in range(12):
            self.members._login_password(PHONE, PASSWORD)

    def test_checklist_23_reset_ends_sessions_and_tells(self):
        token = self.make_token(self.lu)
        sessions = self.env["teahouse.session"]
        self.assertTrue(sessions._resolve(token))
        code = self.issue(purpose="password")
        result = self.members._set_password_by_code(PHONE, code, "Camellia-8-new")
        self.assertIsNone(result)
        self.assertFalse(sessions._resolve(token))
        with self.assert_code("unauthenticated"):
            self.members._login_password(PHONE, PASSWORD)
        self.members._login_password(PHONE, "Camellia-8-new")
        notices = self.env["teahouse.notification"].search(
            [("member_id", "=", self.lu.id), ("template_code", "=", "password_changed")]
        )
        self.assertEqual(set(notices.mapped("channel")), {"inbox", "sms"})

    def test_new_phone_registers_with_a_password(self):
        code = self.issue("13922223333", "password")
        self.members._set_password_by_code("13922223333", code, "Camellia-8-new")
        self.assertTrue(self.members._login_password("13922223333", "Camellia-8-new"))

    def test_checklist_14_phone_change(self):
        new = "13955556666"
        code = self.issue(new, "bind")
        with self.assert_code("unauthenticated"):
            self.lu._change_phone(new, code, password="wrong-password")
        with self.assert_code("unauthenticated"):
            self.lu._change_phone(new, code)
        self.lu._change_phone(new, code, password=PASSWORD)
        self.assertEqual(self.members._find_by_phone(new), self.lu)
        self.assertFalse(self.members._find_by_phone(PHONE))
        told = self.env["teahouse.notification"].search(
            [("template_code", "=", "phone_changed")], limit=1
        )
        self.assertEqual(told.sudo().phone, "+86" + PHONE)
        self.assertIn("139****6666", told.body)

    def test_phone_of_somebody_else(self):
        other = self.member.sudo().phone
        code = self.issue(other, "bind")
        with self.assert_code("invalid_request"):
            self.lu._change_phone(other, code, password=PASSWORD)


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
        from concurrent.futures import ThreadPoolExecutor

        from odoo import api
        from odoo.modules.registry import Registry

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
