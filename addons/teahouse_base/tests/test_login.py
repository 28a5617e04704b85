"""Registration, codes and passwords. Names point to the security checklist."""

import json
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
        with self.assert_code("invalid_request"):
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
