import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools.voucher_api import check_signature, signature
from .common import StayCommon
from .fake_platform import FakePlatform


@tagged("post_install", "-at_install")
class TestVouchers(StayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._teahouse_setup_balance()
        cls.platform = FakePlatform("s3cret")
        cls.addClassCleanup(cls.platform.close)
        cls.account = cls.env["teahouse.voucher.account"].create(
            {
                "name": "Shop",
                "platform": "meituan",
                "shop_number": "77",
                "app_key": "key",
                "url": cls.platform.url,
                "secret_new": "s3cret",
            }
        )
        cls.product = cls.env["teahouse.voucher.product"].create(
            {
                "name": "Four hours of tea",
                "account_id": cls.account.id,
                "number": "P1",
                "tariff_id": cls.make_package().id,
            }
        )

    def setUp(self):
        super().setUp()
        # The stand-in listens on the loopback interface.
        self._request_patch = patch(
            "odoo.addons.teahouse_marketing.tools.voucher_api.requests.post",
            self._post,
        )
        self._request_patch.start()
        self.addCleanup(self._request_patch.stop)
        self.platform.codes.clear()
        self.platform.seen.clear()
        self.platform.faults.clear()
        self.platform.done.clear()
        self.platform.too_late = False
        self.platform.sell("MT12345678")

    @staticmethod
    def _post(url, data, headers, timeout):
        import http.client
        import json
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
        connection.request("POST", parts.path, data, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return type(
            "Response",
            (),
            {"status_code": answer.status, "json": lambda self: json.loads(text)},
        )()

    def redeem(self, code="MT12345678", status=201, start="14:00", **values):
        body = {
            "platform": "meituan",
            "code": code,
            "room_id": self.room.id,
            "start": self.aware(start).isoformat(),
            **values,
        }
        return self.call("POST", "/vouchers/redeem", body, status)

    def voucher(self):
        return self.env["teahouse.voucher"].search([], limit=1)

    def run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("teahouse_marketing.cron_vouchers").method_direct_trigger()
        self.env.invalidate_all()

    def due_from_platforms(self):
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.company.teahouse_voucher_account_id.id)]
        )
        return self.currency.round(sum(lines.mapped("balance")))

    def test_voucher_becomes_a_paid_stay(self):
        answer = self.redeem()

        self.assertEqual((answer["state"], answer["source"]), ("confirmed", "platform"))
        self.assertEqual(
            (answer["amount_total"], answer["amount_due"]), ("88.00", "0.00")
        )
        booking = self.record(answer)
        self.assertEqual(booking.end - booking.start, timedelta(hours=4))
        voucher = self.voucher()
        self.assertEqual((voucher.state, voucher.fee), ("verified", 8))
        self.assertEqual(voucher.code_masked, "MT****5678")
        self.assertEqual(self.due_from_platforms(), 88)
        self.finish(booking)
        self.assertEqual(self.receivable(booking), 0)

        again = self.redeem()
        self.assertEqual(again["ref"], answer["ref"])
        verbs = [verb for verb, _values in self.platform.seen]
        self.assertEqual(verbs, ["prepare", "verify"])

    def test_code_is_not_stored_in_clear(self):
        self.redeem()
        self.env.flush_all()
        self.env.cr.execute("SELECT row_to_json(v)::text FROM teahouse_voucher v")
        self.assertNotIn("MT12345678", str(self.env.cr.fetchall()))

    def test_refusals_keep_no_room(self):
        self.platform.sell("MT00000002", product="P9")
        self.platform.sell("MT00000003")
        self.platform.codes["MT00000003"]["state"] = "used"
        for code, status in (
            ("MT99999999", 402),
            ("MT00000002", 422),
            ("MT00000003", 402),
        ):
            with self.subTest(code):
                self.redeem(code, status)
        self.redeem(status=404, platform="douyin")
        self.product.store_ids = self.other_store
        self.redeem(status=422)
        self.assertFalse(
            self.env["teahouse.booking"].search([("room_id", "=", self.room.id)])
        )

    def test_used_between_prepare_and_verify(self):
        real = FakePlatform._prepare

        def prepare(platform, values):
            answer = real(platform, values)
            platform.codes[values["code"]]["state"] = "used"
            return answer

        with patch.object(FakePlatform, "_prepare", prepare):
            answer = self.redeem(status=402)
        self.assertEqual(answer["code"], "payment_failed")
        booking = self.env["teahouse.booking"].search([("room_id", "=", self.room.id)])
        self.assertEqual(booking.state, "expired")
        self.assertEqual(self.voucher().state, "failed")

    def test_lost_answer_is_asked_for_again(self):
        self.platform.faults = [None, "drop"]
        answer = self.redeem()
        self.assertEqual(answer["state"], "hold")
        self.assertEqual(self.voucher().state, "prepared")

        self.run_job()

        self.assertEqual(self.record(answer).state, "confirmed")
        verify = [v for verb, v in self.platform.seen if verb == "verify"]
        self.assertEqual(len({values["request_id"] for values in verify}), 1)
        self.assertEqual(len(self.voucher().transaction_id), 1)

    def test_cancelled_in_time_it_goes_back_to_the_platform(self):
        booking = self.record(self.redeem())
        booking._cancel("store", "Repair")
        self.assertEqual(self.voucher().state, "reversing")

        self.run_job()

        self.assertEqual(self.voucher().state, "reversed")
        self.assertEqual(self.platform.codes["MT12345678"]["state"], "sold")
        self.assertEqual(booking.amount_paid, 0)
        self.assertEqual(self.due_from_platforms(), 0)

    def test_beyond_the_limit_staff_see_the_surplus(self):
        booking = self.record(self.redeem())
        self.voucher().reverse_until = fields.Datetime.now() - timedelta(minutes=1)
        booking._cancel("store", "Repair")
        self.run_job()
        self.assertEqual(self.voucher().state, "verified")
        self.assertEqual(booking.amount_surplus, 88)

    def test_settlement_list_books_the_commission(self):
        self.redeem()
        voucher = self.voucher()
        with self.assertRaises(UserError):
            voucher.with_user(self.user_manager).action_mark_settled()
        voucher.with_user(self.user_accountant).action_mark_settled()
        voucher.with_user(self.user_accountant).action_mark_settled()
        self.assertTrue(voucher.settled_on)
        self.assertEqual(self.due_from_platforms(), 80)

    def test_signature_covers_everything(self):
        now = 1000
        headers = {"X-Timestamp": "1000", "X-Nonce": "n"}
        headers["X-Signature"] = signature("k", "/p", "1000", "n", b"body")
        self.assertTrue(check_signature("k", "/p", headers, b"body", now))
        self.assertFalse(check_signature("k", "/p", headers, b"bodY", now))
        self.assertFalse(check_signature("k", "/q", headers, b"body", now))
        self.assertFalse(check_signature("x", "/p", headers, b"body", now))
        self.assertFalse(check_signature("k", "/p", headers, b"body", now + 301))
        self.account.secret_new = "other"
        self.redeem(status=402)

    def test_who_sees_what(self):
        self.redeem()
        voucher = self.voucher()
        voucher.with_user(self.user_staff).read(["code_masked"])
        for user in (self.user_cleaner, self.user_technician, self.member.user_id):
            with self.subTest(user.login), self.assertRaises(AccessError):
                voucher.with_user(user).read(["code_masked"])
        with self.assertRaises(AccessError):
            voucher.with_user(self.user_owner).read(["code"])
        with self.assertRaises(AccessError):
            self.account.with_user(self.user_staff).read(["app_key"])
        self.assertEqual(self.account.with_user(self.user_owner).secret_new, "*" * 8)
        self.assertTrue(re.fullmatch(r"\*+", self.account.secret_new))
