from unittest.mock import patch
from urllib.parse import parse_qsl

from odoo.tools import config

from odoo.addons.payment.tests.common import PaymentCommon

from ..const import URL_OPTION
from .fake_alipay import APP_ID, SELLER_ID, FakeAlipay, key_pair


class AlipayCommon(PaymentCommon):
    """A configured provider, and a stand-in of Alipay that it talks to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls._prepare_provider(
            "alipay",
            update_values={
                "alipay_app_id": APP_ID,
                "alipay_seller_id": SELLER_ID,
                "alipay_private_key": key_pair("application")[1],
                "alipay_public_key": key_pair("alipay")[2],
            },
        )
        cls.payment_method = cls.env.ref("payment.payment_method_alipay")
        cls.payment_method_id = cls.payment_method.id
        cls.currency = cls._enable_currency("CNY")
        cls.amount = 108.8
        cls.cron = cls.env.ref("payment_alipay.cron_sync")
        cls.sequence = 0

    def setUp(self):
        super().setUp()
        self.fake = FakeAlipay().start()
        self.addCleanup(self.fake.stop)
        self.startPatcher(patch.dict(config.options, {URL_OPTION: self.fake.url}))

    def _new_tx(self, scene="mini_program", create=True, **values):
        """Return a new payment, by default with an order at the stand-in."""
        type(self).sequence += 1
        values.setdefault("reference", f"BKTEST{self.sequence:04d}")
        tx = self._create_transaction("direct", **values)
        if create:
            self._pay_params(tx, scene)
        return tx

    def _pay_params(self, tx, scene="mini_program", buyer="2088222222222222"):
        payer = {"buyer_id": buyer} if buyer else {}
        tx = tx.with_context(payment_scene=scene, payment_payer=payer)
        return tx._get_processing_values()["pay_params"]

    def _paid_tx(self, **values):
        tx = self._new_tx(**values)
        self.fake.pay(tx.reference)
        tx._alipay_sync()
        self.assertEqual(tx.state, "done")
        return tx

    def _receive(self, body):
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        return self.provider._alipay_receive(self.provider.id, pairs)
