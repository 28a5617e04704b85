from urllib.parse import parse_qsl, urlsplit

from odoo.tests import BaseCase
from odoo.tools import mute_logger

from ..tools.alipay_client import (
    AlipayClient,
    BadSignature,
    GatewayRejected,
    GatewayUnknown,
)
from .fake_alipay import APP_ID, FakeAlipay, key_pair

LOGGER = "odoo.addons.payment_alipay.tools.alipay_client"


class TestClient(BaseCase):
    def setUp(self):
        super().setUp()
        self.fake = FakeAlipay().start()
        self.addCleanup(self.fake.stop)
        self.client = self._client()

    def _client(self, application="application", alipay="alipay"):
        return AlipayClient(
            url=self.fake.url,
            app_id=APP_ID,
            private_key=key_pair(application)[0],
            alipay_key=key_pair(alipay)[0].public_key(),
        )

    def _precreate(self, client=None):
        content = {"out_trade_no": "BK1", "total_amount": "1.00", "subject": "茶 & 点"}
        return (client or self.client).call("alipay.trade.precreate", content)

    def test_request_is_signed_and_its_answer_verified(self):
        self.assertIn("qr_code", self._precreate())

    def test_request_of_somebody_else_is_refused(self):
        with self.assertRaises(GatewayRejected) as caught:
            self._precreate(self._client(application="stranger"))
        self.assertEqual(caught.exception.code, "isv.invalid-signature")

    @mute_logger(LOGGER)
    def test_faults_leave_the_outcome_unknown(self):
        for fault in ("drop", "process_then_drop", "badsig", "500"):
            self.fake.faults = [fault]
            with self.assertRaises(GatewayUnknown, msg=fault):
                self._precreate()
        with self.assertRaises(GatewayUnknown):
            self._precreate(self._client(alipay="stranger"))
        self.fake.faults = ["delay"]
        self.assertIn("qr_code", self._precreate())

    @mute_logger(LOGGER)
    def test_refusal_must_be_signed_as_well(self):
        text = (
            '{"alipay_trade_refund_response":{"code":"40004",'
            '"sub_code":"ACQ.TRADE_NOT_EXIST"},"sign":"QUJD"}'
        )
        for content in (text, text.replace(',"sign":"QUJD"', ""), "[]", "<html>", "{}"):
            with self.assertRaises(GatewayUnknown, msg=content):
                self.client._read("alipay.trade.refund", content)

    def test_clock_is_that_of_beijing(self):
        url = self.client.page_url("alipay.trade.page.pay", {})
        timestamp = dict(parse_qsl(urlsplit(url).query))["timestamp"]

        self.assertRegex(timestamp, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")

    def test_notification_is_genuine_or_refused(self):
        self.fake.pay("BK1", "1.00")
        body = self.fake.notification("BK1", passback_params="")
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        self.assertEqual(self.client.check(pairs)["out_trade_no"], "BK1")

        changed = [(k, "9.00" if k == "total_amount" else v) for k, v in pairs]
        without = [pair for pair in pairs if pair[0] != "sign"]
        old = [(k, "RSA" if k == "sign_type" else v) for k, v in pairs]
        forged = self.fake.notification("BK1", key="stranger").decode()
        for bad in (
            changed,
            without,
            old,
            [*pairs, ("total_amount", "9.00")],
            [*pairs, ("extra", "1")],
            parse_qsl(forged),
            [],
        ):
            with self.assertRaises(BadSignature, msg=bad):
                self.client.check(bad)
        self.assertEqual(self.fake.calls, [])
