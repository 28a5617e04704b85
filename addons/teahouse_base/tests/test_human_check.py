"""What an address has to do that asked for too many codes."""

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..engine.proof import is_solved, leading_zeros, solve
from .common import TeahouseCommon, TeahouseHttpCommon

IP = "192.0.2.7"


class CheckCommon(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.params = cls.env["ir.config_parameter"]
        cls.params.set_param("teahouse_base.sms_per_address_hour", 1)
        cls.params.set_param("teahouse_base.sms_per_address_hour_checked", 2)
        cls.params.set_param("teahouse_base.human_check_bits", 6)
        cls.params.set_param("teahouse_base.human_check", "proof_of_work")
        cls.checks = cls.env["teahouse.human.check"]

    def solved(self, riddle=None):
        riddle = riddle or self.checks._api_create()
        answer = solve(riddle["token"], riddle["bits"])
        return SimpleNamespace(token=riddle["token"], answer=answer)


@tagged("post_install", "-at_install")
class TestHumanCheck(CheckCommon):
    def setUp(self):
        super().setUp()
        # Counters write in transactions of their own.
        self.registry_enter_test_mode()

    def issue(self, number, proof=None, ip=IP):
        codes = self.env["teahouse.otp"]
        codes._issue(f"1391200{number:04d}", "login", ip=ip, proof=proof)

    def test_zero_bits_are_counted(self):
        self.assertEqual(leading_zeros(b"\x00\x10"), 11)
        self.assertEqual(leading_zeros(b"\x80"), 0)
        self.assertEqual(leading_zeros(b"\x00\x00"), 16)
        self.assertTrue(is_solved("t", solve("t", 8), 8))

    def test_security_20_a_check_beyond_the_limit_of_an_address(self):
        self.issue(1)
        with self.assert_code("rate_limited") as refused:
            self.issue(2)
        self.assertEqual(refused.error.errors[0]["field"], "proof")
        self.assertGreater(refused.error.retry_after, 0)
        # The refusal has cost the phone nothing: the same number goes on at once.
        self.issue(2, self.solved())
        self.issue(3, self.solved())
        # The second limit is firm, and says so: there is nothing to solve.
        with self.assert_code("rate_limited") as refused:
            self.issue(4, self.solved())
        self.assertFalse(refused.error.errors)

    def test_security_20_no_check_leads_past_the_limit_of_a_phone(self):
        self.issue(1)
        with self.assert_code("rate_limited") as refused:
            self.issue(1, self.solved())
        self.assertFalse(refused.error.errors)

    def test_security_20_an_answer_is_good_once(self):
        self.issue(1)
        proof = self.solved()
        self.issue(2, proof)
        with self.assert_code("rate_limited"):
            self.issue(3, proof)

    def test_security_20_forged_stale_and_wrong_answers(self):
        proof = self.solved()
        kind, _bits, rest = proof.token.split(".", 2)
        easier = SimpleNamespace(token=f"{kind}.0.{rest}", answer="0")
        wrong = next(n for n in range(99) if not is_solved(proof.token, n, 6))
        for bad in (
            None,
            easier,
            SimpleNamespace(token="x", answer="0"),
            SimpleNamespace(token="...", answer="0"),
            SimpleNamespace(token=proof.token, answer=str(wrong)),
        ):
            self.assertFalse(self.checks._passed(bad), bad)
        with freeze_time(fields.Datetime.now() + timedelta(minutes=6)):
            self.assertFalse(self.checks._passed(proof))
        self.assertTrue(self.checks._passed(proof))

    def test_without_a_check_the_limit_is_firm(self):
        self.params.set_param("teahouse_base.human_check", "none")
        self.issue(1)
        with self.assert_code("rate_limited") as refused:
            self.issue(2)
        self.assertFalse(refused.error.errors)
        with self.assert_code("not_found"):
            self.checks._api_create()

    def test_another_kind_is_two_methods(self):
        methods = {
            "_make_riddle": lambda s: ("7", {}),
            "_solved_riddle": lambda s, facts, proof: proof.answer == facts,
        }
        for name, method in methods.items():
            patcher = patch.object(type(self.checks), name, method, create=True)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.params.set_param("teahouse_base.human_check", "riddle")
        token = self.checks._api_create()["token"]
        for answer, passes in (("8", False), ("7", True)):
            proof = SimpleNamespace(token=token, answer=answer)
            self.assertEqual(self.checks._passed(proof), passes)

    def test_security_19_owners_hear_of_the_global_cap(self):
        sent = self.env["teahouse.throttle"].search_count([("kind", "=", "sms all")])
        self.params.set_param("teahouse_base.sms_per_day", sent + 1)
        # A server that ran into its limit today has told its owners already.
        alarms = self.env["teahouse.throttle"].sudo()
        alarms.search([("kind", "=", "sms alarm")]).unlink()
        before = self.env["teahouse.notification"].search([], limit=1).id or 0
        self.issue(1, ip="192.0.2.8")
        for number in (2, 3):
            with self.assert_code("rate_limited"):
                self.issue(number, ip=f"192.0.2.{number}")
        self.env.cr.postrollback.run()
        self.env.invalidate_all()
        told = self.env["teahouse.notification"].search(
            [("id", ">", before), ("template_code", "=", "sms_cap")]
        )
        self.assertIn(self.user_owner, told.user_id)
        self.assertFalse(told.user_id & self.user_manager)
        self.assertEqual(
            len(told.filtered(lambda n: n.channel == "inbox")), len(told.user_id)
        )


@tagged("post_install", "-at_install")
class TestHumanCheckHttp(CheckCommon, TeahouseHttpCommon):
    def ask(self, number, **more):
        body = {"phone": f"1391300{number:04d}", "purpose": "login", **more}
        return self.api("POST", "/auth/sms-codes", body)

    def test_a_client_goes_on_with_a_solved_riddle(self):
        self.assertEqual(self.ask(1).status_code, 202)
        refused = self.ask(2)
        self.assertEqual(refused.status_code, 429)
        self.assertIn("Retry-After", refused.headers)
        self.assertEqual(refused.json()["code"], "rate_limited")
        self.assertEqual(refused.json()["errors"][0]["field"], "proof")
        riddle = self.api("POST", "/auth/challenges", {}).json()
        self.assertEqual((riddle["kind"], riddle["bits"]), ("proof_of_work", 6))
        answer = solve(riddle["token"], riddle["bits"])
        proof = {"token": riddle["token"], "answer": answer}
        self.assertEqual(self.ask(2, proof=proof).status_code, 202)
