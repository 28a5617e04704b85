import secrets
from concurrent.futures import ThreadPoolExecutor

import requests

from odoo.tests import HttpCase, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME
from odoo.tools import mute_logger

from .common import WechatpayCommon

OURS = "odoo.addons.payment_wechatpay.models.payment_provider"
CORE = "odoo.addons.payment.models.payment_transaction"


@tagged("post_install", "-at_install")
class TestNotificationHttp(WechatpayCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.tx = self._new_tx()
        self.fake.pay(self.tx.reference)
        self.calls = len(self.fake.calls)
        self.event = secrets.token_hex(8)

    def _post(self, message, provider=None):
        headers, body = message
        provider_id = (provider or self.provider).id
        self.env.flush_all()
        url = f"/payment/wechatpay/notify/{provider_id}"
        response = self.url_open(url, data=body, headers=headers, method="POST")
        self.tx.invalidate_recordset()
        return response.status_code

    def _message(self, **changes):
        return self.fake.payment_notification(self.tx.reference, **changes)

    def _claims(self):
        return self.env["payment.wechatpay.notification"].search(
            [("transaction_id", "=", self.tx.id)]
        )

    def test_notification_confirms_the_payment_and_starts_the_books(self):
        cron = self.env.ref("payment.cron_post_process_payment_tx")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", cron.id)])

        self.assertEqual(self._post(self._message()), 204)

        self.assertEqual(self.tx.state, "done")
        after = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertGreater(after, before)
        self.assertEqual(len(self.fake.calls), self.calls)

    def test_event_is_taken_once(self):
        for _delivery in range(3):
            self.assertEqual(
                self._post(self._message(event_id=f"E1-{self.event}")), 204
            )
        self.assertEqual(len(self._claims()), 1)

        # Another event about the same payment changes nothing either.
        self.assertEqual(self._post(self._message(event_id=f"E2-{self.event}")), 204)
        self.assertEqual(self.tx.state, "done")

    def test_parallel_deliveries_are_all_accepted(self):
        message = self._message(event_id=f"E1-{self.event}")
        self.env.flush_all()
        headers, body = message
        url = f"{self.base_url()}/payment/wechatpay/notify/{self.provider.id}"

        cookies = {TEST_CURSOR_COOKIE_NAME: self.canonical_tag}

        def deliver(_number):
            return requests.post(
                url, data=body, headers=headers, cookies=cookies, timeout=20
            ).status_code

        with (
            self.allow_requests(all_requests=True),
            ThreadPoolExecutor(8) as pool,
        ):
            statuses = list(pool.map(deliver, range(24)))

        self.assertEqual(set(statuses), {204})
        self.tx.invalidate_recordset()
        self.assertEqual((self.tx.state, len(self._claims())), ("done", 1))

    @mute_logger(OURS, CORE)
    def test_forged_notification_changes_and_asks_nothing(self):
        headers, body = self._message()
        stale = self.fake.signature(body, at=1_700_000_000)
        foreign = {**headers, "Wechatpay-Serial": "ABCDEF"}
        probe = {**headers, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/abc"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        forged = (
            (headers, body.replace(b"SUCCESS", b"REFUND!")),
            ({**headers, **stale}, body),
            (foreign, body),
            (probe, body),
            ({**headers, **form}, body),
            ({"Content-Type": "application/json"}, body),
        )
        for message in forged:
            self.assertEqual(self._post(message), 401)
        self.assertEqual(self._post((headers, b"x" * 70000)), 413)

        self.assertEqual((self.tx.state, len(self._claims())), ("draft", 0))
        self.assertEqual(len(self.fake.calls), self.calls)

    @mute_logger(OURS, CORE)
    def test_signed_notification_of_others_is_refused(self):
        trade = self.fake.trade(self.fake.orders[self.tx.reference])
        key = "f" * 32
        messages = (
            self._message(mchid="1900000002"),
            self._message(appid="wx-somebody"),
            self.fake.notification("TRANSACTION.SUCCESS", trade, key=key),
            self.fake.notification("TRANSACTION.SUCCESS", {}),
        )
        for message in messages:
            self.assertEqual(self._post(message), 400)
        self.assertEqual((self.tx.state, len(self._claims())), ("draft", 0))

    @mute_logger(CORE)
    def test_unknown_order_is_to_be_tried_again(self):
        self.assertEqual(self._post(self._message(out_trade_no="BK999999")), 404)

        other = self.provider.copy({"state": "disabled"})
        self.assertEqual(self._post(self._message(), provider=other), 404)
        self.assertEqual(self._post(self._message(), self.dummy_provider), 404)
        self.assertEqual(self.tx.state, "draft")

    @mute_logger(CORE)
    def test_refund_notification_may_come_too_early(self):
        self.assertEqual(self._post(self._message()), 204)
        self.fake.refund_state = "PROCESSING"
        refund = self.tx._refund(10)
        refund._wechatpay_sync()
        reference = refund.reference
        message = self.fake.refund_notification(reference, event_id=f"R1-{self.event}")
        refund.reference = "NOTYET"
        self.assertEqual(self._post(message), 404)

        refund.reference = reference
        self.assertEqual(self._post(message), 204)

        refund.invalidate_recordset()
        self.assertEqual(refund.state, "done")
