from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.teahouse_base.tests.fakes import FakeWechat
from odoo.addons.teahouse_base.tools.wechat import URL_OPTION

from .common import StayCommon


@tagged("post_install", "-at_install", "teahouse_marketing")
class TestPurchaseShipping(StayCommon):
    """The money of a top-up in the mini-program does not stay frozen at WeChat."""

    def setUp(self):
        super().setUp()
        self.company._teahouse_setup_balance()
        self.wechat = FakeWechat()
        self.addCleanup(self.wechat.close)
        self.startPatcher(patch.dict(config.options, {URL_OPTION: self.wechat.url}))
        self.env["teahouse.platform.app"].search([]).unlink()
        self.env["teahouse.platform.app"].create(
            {
                "kind": "mini_program",
                "app_id": self.wechat.app_id,
                "secret": self.wechat.secret,
            }
        )
        self.env["teahouse.identity"].create(
            {
                "member_id": self.member.id,
                "provider": "wechat",
                "app_id": self.wechat.app_id,
                "subject": "openid-1",
            }
        )

    def test_wechat_hears_of_a_top_up(self):
        body = {"method": "demo", "scene": "mini_program", "amount": "100.00"}
        self.call("POST", "/me/balance/top-ups", body, 201)
        tx = self.env["payment.transaction"].search([], order="id desc", limit=1)
        purchase = tx.teahouse_purchase_id
        self.assertEqual((tx.teahouse_scene, purchase.state), ("mini_program", "paid"))
        # The demonstration is not WeChat Pay, which alone freezes money.
        self.assertFalse(tx.teahouse_shipping)

        tx.provider_reference = "4200009"
        with patch.object(type(tx), "provider_code", "wechatpay"):
            purchase._on_money_moved(tx)
        self.assertEqual(tx.teahouse_shipping, "due")
        with patch.object(self.env.cr, "commit"):
            self.env["payment.transaction"]._cron_tell_shipping()
        self.assertEqual(tx.teahouse_shipping, "told")
        [told] = self.wechat.shipped
        self.assertEqual(told["order_key"]["transaction_id"], "4200009")
        self.assertEqual(told["payer"], {"openid": "openid-1"})
        self.assertEqual(told["shipping_list"], [{"item_desc": self.company.name}])
