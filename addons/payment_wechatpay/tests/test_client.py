import time
from unittest.mock import patch

from odoo.tests import BaseCase
from odoo.tools import mute_logger

from ..tools.wechatpay_client import (
    BadSignature,
    GatewayRejected,
    GatewayUnknown,
    WechatpayClient,
)
from ..tools.wechatpay_crypto import lines, verify
from .fake_wechatpay import (
    APPID,
    MCHID,
    PLATFORM_SERIAL,
    SERIAL,
    FakeWechatpay,
    key_pair,
)

LOGGER = "odoo.addons.payment_wechatpay.tools.wechatpay_client"


class TestClient(BaseCase):
    def setUp(self):
        super().setUp()
        self.fake = FakeWechatpay().start()
        self.addCleanup(self.fake.stop)
        self.client = self._client()

    def _client(self, merchant="merchant", serial=SERIAL):
        return WechatpayClient(
            base_url=self.fake.url,
            mchid=MCHID,
            serial=serial,
            private_key=key_pair(merchant)[0],
            platform_keys={PLATFORM_SERIAL: key_pair("platform")[0].public_key()},
        )

    def _order(self, number="BK000001"):
        body = {
            "appid": APPID,
            "mchid": MCHID,
            "description": "清和茶室",
            "out_trade_no": number,
            "notify_url": "https://example.com/notify",
            "amount": {"total": 100, "currency": "CNY"},
        }
        return self.client.call("POST", "/v3/pay/transactions/native", body)

    def test_order_is_signed_and_its_answer_verified(self):
        self.assertIn("code_url", self._order())

    def test_request_of_somebody_else_is_refused(self):
        for client in (self._client(merchant="stranger"), self._client(serial="0")):
            with self.assertRaises(GatewayRejected) as caught:
                client.call("GET", "/v3/pay/transactions/out-trade-no/BK1?mchid=1")
            self.assertEqual(caught.exception.code, "SIGN_ERROR")

    @mute_logger(LOGGER)
    def test_faults_leave_the_outcome_unknown(self):
        for fault in ("drop", "process_then_drop", "badsig", "500"):
            self.fake.faults = [fault]
            with self.assertRaises(GatewayUnknown, msg=fault):
                self._order()
        # Processed or not, the same request brings the order again.
        self.fake.faults = ["delay"]
        self.assertIn("code_url", self._order())

    @mute_logger(LOGGER)
    def test_silent_gateway_is_given_up(self):
        self.client.timeout = 0.05
        self.fake.faults = ["delay"]
        with patch("odoo.tests.common.BaseCase._request_handler", _send):
            with self.assertRaises(GatewayUnknown):
                self._order()

    def test_pay_params_are_signed_for_the_app(self):
        params = self.client.pay_params(APPID, "wx123")

        self.assertEqual(params["package"], "prepay_id=wx123")
        text = lines(APPID, params["timeStamp"], params["nonceStr"], params["package"])
        public = key_pair("merchant")[0].public_key()
        self.assertTrue(verify(public, text.encode(), params["paySign"]))

    def test_message_is_genuine_or_refused(self):
        content = '{"id":"茶"}'.encode()
        good = self.fake.signature(content)
        self.client.check(good, content)

        late, early = time.time() - 301, time.time() + 301
        bad = (
            {},
            self.fake.signature(content, at=late),
            self.fake.signature(content, at=early),
            self.fake.signature(content + b" "),
            {**good, "Wechatpay-Serial": "PUB_KEY_ID_0000000002"},
            {**good, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/x"},
            {**good, "Wechatpay-Signature": ""},
            {**good, "Wechatpay-Nonce": "other"},
            {**good, "Wechatpay-Timestamp": "now"},
            {**good, "Wechatpay-Timestamp": "-1"},
            {**good, "Wechatpay-Timestamp": "9" * 40},
        )
        for headers in bad:
            with self.assertRaises(BadSignature, msg=headers):
                self.client.check(headers, content)
        # A forged message makes nobody ask the gateway for keys.
        self.assertEqual(self.fake.calls, [])


def _send(session, request, **kwargs):
    from odoo.tests.common import _super_send

    return _super_send(session, request, **kwargs)
