from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config, mute_logger

from odoo.addons.teahouse_base.tests.fakes import FakeWechat
from odoo.addons.teahouse_base.tools.wechat import URL_OPTION

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestShipping(MoneyCommon):
    """WeChat hears of services given, else mini-program money stays frozen."""

    def setUp(self):
        super().setUp()
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

    def paid(self, scene="mini_program"):
        """Return a payment that looks as if WeChat Pay had brought it."""
        booking = self.make_paid()
        tx = booking.transaction_ids
        tx.write({"teahouse_scene": scene, "provider_reference": "4200001"})
        return booking, tx

    def settle(self, booking):
        model = self.registry["payment.transaction"]
        with patch.object(model, "provider_code", "wechatpay"):
            self.end_use(booking)

    def job(self):
        with patch.object(self.env.cr, "commit"):
            self.env["payment.transaction"]._cron_tell_shipping()

    def test_told_once_when_the_service_was_given(self):
        booking, tx = self.paid()
        self.assertFalse(tx.teahouse_shipping)
        tx.teahouse_shipping = "due"
        for _time in range(2):
            self.job()

        self.assertEqual(tx.teahouse_shipping, "told")
        (told,) = self.wechat.shipped
        self.assertEqual(told["order_key"]["transaction_id"], "4200001")
        self.assertEqual(told["payer"], {"openid": "openid-1"})

    def test_only_what_was_paid_in_the_mini_program(self):
        for scene, state in (("mini_program", "due"), ("h5", False), (None, False)):
            _booking, tx = self.paid(scene)
            with patch.object(type(tx), "provider_code", "wechatpay"):
                tx._mark_service_given()
            self.assertEqual(tx.teahouse_shipping, state)
            _booking.action_cancel("store", "next")

    def test_told_before_counts_as_told(self):
        _booking, tx = self.paid()
        tx.teahouse_shipping = "due"
        self.job()
        tx.teahouse_shipping = "due"
        self.job()
        self.assertEqual(tx.teahouse_shipping, "told")
        self.assertEqual(len(self.wechat.shipped), 1)

    @mute_logger("odoo.addons.teahouse_billing.models.payment_transaction_shipping")
    def test_what_fails_is_tried_again_and_then_left_to_people(self):
        _booking, tx = self.paid()
        tx.write({"teahouse_shipping": "due", "teahouse_shipping_tries": 18})
        self.env["teahouse.identity"].search([]).unlink()
        self.job()
        self.assertEqual(
            (tx.teahouse_shipping, tx.teahouse_shipping_tries), ("due", 19)
        )
        self.job()
        self.assertEqual(tx.teahouse_shipping, "failed")
        self.assertEqual(tx.teahouse_shipping_problem, "no_payer")
        tx.action_tell_shipping()
        self.assertEqual(tx.teahouse_shipping, "due")
