import threading
from datetime import timedelta
from unittest.mock import patch

import requests
from freezegun import freeze_time

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import HttpCase, tagged

from . import api_probe
from .common import API_PREFIX
from .test_api_frame import ApiFrameCommon

KEY = "5f0c1c2e-8f0b-4a53-9d3e-2f6f6a1f7a10"


@tagged("post_install", "-at_install")
class TestIdempotency(ApiFrameCommon):
    def pay(self, number=1, key=KEY, member=None, path="/probe/pay", **values):
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.api(
            "POST",
            path,
            {"number": number, **values},
            member=member or self.member,
            headers=headers,
        )

    def rows(self):
        return self.env["teahouse.api.idempotency"].search([])

    def test_same_key_and_body_give_the_first_answer(self):
        first = self.pay()
        second = self.pay()

        self.assertEqual(first.status_code, 200)
        self.assertEqual(second.status_code, 200)
        self.assertEqual(first.json(), second.json())
        self.assertEqual(second.headers["Idempotent-Replayed"], "true")
        self.assertEqual(len(self.rows()), 1)
        partners = self.env["res.partner"].search([("name", "=", "probe 1")])
        self.assertEqual(len(partners), 1)

    def test_spelling_of_the_body_does_not_count(self):
        first = self.raw(b'{"number": 1, "text": "a"}', **{"Idempotency-Key": KEY})
        second = self.raw(
            b'{ "text":"\\u0061","number":1 }', **{"Idempotency-Key": KEY}
        )

        self.assertEqual(first.status_code, 201)
        self.assertEqual(second.status_code, 201)
        self.assertEqual(first.json(), second.json())

    def test_key_of_a_request_that_was_cut_off_is_executed_again(self):
        first = self.pay()
        self.rows().sudo().write({"status": 0, "answer": False})

        second = self.pay()
        third = self.pay()

        self.assertNotEqual(first.json()["effect"], second.json()["effect"])
        self.assertNotIn("Idempotent-Replayed", second.headers)
        self.assertEqual(second.json(), third.json())
        self.assertEqual(third.headers["Idempotent-Replayed"], "true")
        self.assert_problem(self.pay(number=2), 422, "idempotency_mismatch")

    def test_other_body_or_route_is_a_mismatch(self):
        self.pay()

        self.assert_problem(self.pay(number=2), 422, "idempotency_mismatch")
        elsewhere = self.pay(path="/probe/echo")
        self.assert_problem(elsewhere, 422, "idempotency_mismatch")

    def test_keys_of_members_are_apart(self):
        first = self.pay()
        other = self.pay(number=2, member=self.member_2)

        self.assertEqual(other.status_code, 200)
        self.assertNotEqual(first.json(), other.json())

    def test_key_is_required_where_declared(self):
        self.assert_problem(
            self.pay(key=None), 422, "invalid_request", "Idempotency-Key"
        )
        self.assertEqual(self.pay(key=None, path="/probe/echo").status_code, 201)

    def test_malformed_key_is_refused(self):
        for key in ("", "a" * 65, "a b", "é".encode()):
            with self.subTest(key=key):
                response = self.pay(key=key)
                self.assert_problem(response, 422, "invalid_request", "Idempotency-Key")
        self.assertEqual(self.pay(key="k" * 64).status_code, 200)

    def test_a_refusal_is_not_kept(self):
        failed = self.pay(text="fail")
        self.assert_problem(failed, 402, "payment_failed")
        self.assertFalse(self.rows())

        self.assertEqual(self.pay().status_code, 200)

    def test_answers_are_not_readable_in_the_database(self):
        self.pay(text="cha")
        self.env.flush_all()
        self.env.cr.execute("SELECT answer FROM teahouse_api_idempotency")
        (answer,) = self.env.cr.fetchone()
        self.assertNotIn("cha", answer)

    def test_key_is_forgotten_after_a_day(self):
        first = self.pay()
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            row = self.rows()
            self.assertEqual(len(row), 1)
            model = self.env["teahouse.api.idempotency"]
            _row, created = model._insert(row.scope, KEY, "another fingerprint")
            self.assertTrue(created)
            model._gc_old()
            self.assertEqual(len(self.rows()), 1)
        with freeze_time(fields.Datetime.now() + timedelta(hours=50)):
            self.env["teahouse.api.idempotency"]._gc_old()
            self.assertFalse(self.rows())
        self.assertTrue(first.ok)


@tagged("post_install", "-at_install")
class TestIdempotencyRace(HttpCase):
    """Against the server with transactions of their own, as in production."""

    registry_test_mode = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.registry.clear_cache("routing")
        with cls.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            member = env["teahouse.member"]._enrol("13977770001", name="Race")
            _session, cls.token = env["teahouse.session"]._open(member)
            ids = (member.id, member.user_id.id, member.partner_id.id)
        cls.addClassCleanup(cls._forget, *ids)

    @classmethod
    def _forget(cls, member_id, user_id, partner_id):
        with cls.env.registry.cursor() as cr:
            for table, column, value in (
                ("teahouse_api_idempotency", "scope", f"member {member_id}"),
                ("teahouse_session", "member_id", member_id),
                ("teahouse_member", "id", member_id),
                ("res_users", "id", user_id),
                ("mail_message", "res_id", -1),
                ("res_partner", "name", "probe 71"),
                ("res_partner", "id", partner_id),
            ):
                cr.execute(f"DELETE FROM {table} WHERE {column} = %s", (value,))

    def test_of_two_at_once_one_is_executed_and_both_hear_it(self):
        answers = []
        # The first is still at work when the others come.
        slow = patch.object(
            api_probe.ProbeController, "_echo", side_effect=self._slow_echo
        )

        def call():
            answers.append(
                requests.post(
                    f"{self.base_url()}{API_PREFIX}/probe/pay",
                    json={"number": 71},
                    headers={
                        "Authorization": f"Bearer {self.token}",
                        "Idempotency-Key": KEY,
                    },
                    timeout=30,
                )
            )

        with slow:
            threads = [threading.Thread(target=call) for _index in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        self.assertEqual([answer.status_code for answer in answers], [200] * 4)
        self.assertEqual(len({answer.text for answer in answers}), 1)
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM res_partner WHERE name = 'probe 71'")
            self.assertEqual(cr.fetchone(), (1,))

    @staticmethod
    def _slow_echo(body):
        threading.Event().wait(0.3)
        return {"number": body.number, "effect": next(api_probe.effects)}
