import secrets
from concurrent.futures import ThreadPoolExecutor

import requests

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import AlipayCommon

OURS = "odoo.addons.payment_alipay.models.payment_provider"
CORE = "odoo.addons.payment.models.payment_transaction"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@tagged("post_install", "-at_install")
class TestNotificationHttp(AlipayCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.tx = self._new_tx()
        self.fake.pay(self.tx.reference)
        self.calls = len(self.fake.calls)
        self.event = secrets.token_hex(8)

    def _post(self, body, provider=None, headers=FORM):
        self.env.flush_all()
        url = f"/payment/alipay/notify/{(provider or self.provider).id}"
        response = self.url_open(url, data=body, headers=headers, method="POST")
        self.tx.invalidate_recordset()
        taken = response.status_code == 200
        self.assertEqual(response.text, "success" if taken else "fail")
        return response.status_code

    def _body(self, **changes):
        return self.fake.notification(self.tx.reference, **changes)

    def _claims(self):
        return self.env["payment.alipay.notification"].search(
            [("transaction_id", "=", self.tx.id)]
        )

    def test_notification_confirms_the_payment_and_starts_the_books(self):
        cron = self.env.ref("payment.cron_post_process_payment_tx")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", cron.id)])

        self.assertEqual(self._post(self._body()), 200)

        self.assertEqual(self.tx.state, "done")
        after = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertGreater(after, before)
        self.assertEqual(len(self.fake.calls), self.calls)

    def test_event_is_taken_once(self):
        for _delivery in range(3):
            self.assertEqual(self._post(self._body(notify_id=f"E1-{self.event}")), 200)
        self.assertEqual(len(self._claims()), 1)

        # Another event about the same payment changes nothing either.
        self.assertEqual(self._post(self._body(trade_status="TRADE_FINISHED")), 200)
        self.assertEqual(self.tx.state, "done")

    @mute_logger(CORE)
    def test_order_of_notifications_does_not_matter(self):
        self.assertEqual(self._post(self._body()), 200)
        for status in ("WAIT_BUYER_PAY", "TRADE_CLOSED"):
            self.assertEqual(self._post(self._body(trade_status=status)), 200)
            self.assertEqual(self.tx.state, "done", status)

    def test_parallel_deliveries_are_all_accepted(self):
        body = self._body(notify_id=f"E1-{self.event}")
        self.env.flush_all()
        url = f"{self.base_url()}/payment/alipay/notify/{self.provider.id}"

        def deliver(_number):
            return requests.post(url, data=body, headers=FORM, timeout=20).text

        with (
            self.allow_requests(all_requests=True),
            ThreadPoolExecutor(8) as pool,
        ):
            answers = list(pool.map(deliver, range(24)))

        self.assertEqual(set(answers), {"success"})
        self.tx.invalidate_recordset()
        self.assertEqual((self.tx.state, len(self._claims())), ("done", 1))

    @mute_logger(OURS, CORE)
    def test_forged_notification_changes_and_asks_nothing(self):
        body = self._body()
        for forged in (
            body.replace(b"108.8", b"100.0"),
            body.replace(b"sign=", b"sing="),
            body + b"&total_amount=1",
            self._body(key="stranger"),
            b"",
        ):
            self.assertEqual(self._post(forged), 401)
        json_type = {"Content-Type": "application/json"}
        self.assertEqual(self._post(b"{}", headers=json_type), 401)
        self.assertEqual(self._post(b"a=" + b"x" * 70000), 413)

        self.assertEqual((self.tx.state, len(self._claims())), ("draft", 0))
        self.assertEqual(len(self.fake.calls), self.calls)

    @mute_logger(OURS, CORE)
    def test_signed_notification_of_others_is_refused(self):
        for changes in (
            {"app_id": "2021000000000002"},
            {"seller_id": "2088000000000002"},
            {"notify_id": ""},
        ):
            self.assertEqual(self._post(self._body(**changes)), 400)
        self.assertEqual((self.tx.state, len(self._claims())), ("draft", 0))

    @mute_logger(CORE)
    def test_unknown_order_is_to_be_tried_again(self):
        self.assertEqual(self._post(self._body(out_trade_no="BK999999")), 404)

        other = self.provider.copy({"state": "disabled"})
        self.assertEqual(self._post(self._body(), provider=other), 404)
        self.assertEqual(self._post(self._body(), self.dummy_provider), 404)
        self.assertEqual(self.tx.state, "draft")
