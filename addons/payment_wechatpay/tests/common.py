from unittest.mock import patch

from odoo.tools import config

from odoo.addons.payment.tests.common import PaymentCommon

from ..const import URL_OPTION
from .fake_wechatpay import (
    API_V3_KEY,
    APPID,
    MCHID,
    MP_APPID,
    PLATFORM_SERIAL,
    SERIAL,
    FakeWechatpay,
    key_pair,
)


class WechatpayCommon(PaymentCommon):
    """A configured provider, and a stand-in of WeChat Pay that it talks to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls._prepare_provider(
            "wechatpay",
            update_values={
                "wechatpay_mchid": MCHID,
                "wechatpay_app_id": APPID,
                "wechatpay_mp_app_id": MP_APPID,
                "wechatpay_serial": SERIAL,
                "wechatpay_private_key": key_pair("merchant")[1],
                "wechatpay_api_v3_key": API_V3_KEY,
                "wechatpay_platform_serial": PLATFORM_SERIAL,
                "wechatpay_platform_key": key_pair("platform")[2],
            },
        )
        cls.payment_method = cls.env.ref("payment.payment_method_wechat_pay")
        cls.payment_method_id = cls.payment_method.id
        cls.currency = cls._enable_currency("CNY")
        cls.amount = 108.8
        cls.cron = cls.env.ref("payment_wechatpay.cron_sync")
        cls.sequence = 0

    def setUp(self):
        super().setUp()
        self.fake = FakeWechatpay().start()
        self.addCleanup(self.fake.stop)
        self.startPatcher(patch.dict(config.options, {URL_OPTION: self.fake.url}))

    def _new_tx(self, scene="native", create=True, **values):
        """Return a new payment, by default with an order at the stand-in."""
        type(self).sequence += 1
        values.setdefault("reference", f"BKTEST{self.sequence:04d}")
        tx = self._create_transaction("direct", **values)
        if create:
            self._pay_params(tx, scene)
        return tx

    def _pay_params(self, tx, scene="native", openid="o-payer"):
        payer = {"openid": openid} if openid else {}
        tx = tx.with_context(payment_scene=scene, payment_payer=payer)
        return tx._get_processing_values()["pay_params"]

    def _paid_tx(self, **values):
        tx = self._new_tx(**values)
        self.fake.pay(tx.reference)
        tx._wechatpay_sync()
        self.assertEqual(tx.state, "done")
        return tx

    def _receive(self, message):
        headers, body = message
        return self.provider._wechatpay_receive(self.provider.id, headers, body)
