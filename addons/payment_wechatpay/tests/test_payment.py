from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WechatpayCommon
from .fake_wechatpay import APPID, MP_APPID

CLIENT = "odoo.addons.payment_wechatpay.tools.wechatpay_client"
REPORT = "odoo.addons.payment_wechatpay.models.payment_transaction_report"
CORE = "odoo.addons.payment.models.payment_transaction"


@tagged("post_install", "-at_install")
class TestPayment(WechatpayCommon):
    def _age(self, tx, age):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - %s "
            "WHERE id = %s",
            [age, tx.id],
        )
        tx.invalidate_recordset()

    def test_every_scene_gets_what_it_needs(self):
        for scene, app_id in (("mini_program", APPID), ("jsapi", MP_APPID)):
            tx = self._new_tx(create=False)
            params = self._pay_params(tx, scene)
            self.assertEqual(params["appId"], app_id)
            self.assertTrue(params["package"].startswith("prepay_id="))
        for scene, key in (
            ("h5", "h5_url"),
            ("native", "code_url"),
            ("page", "code_url"),
        ):
            tx = self._new_tx(create=False)
            self.assertEqual(list(self._pay_params(tx, scene)), [key], scene)
            self.assertEqual(tx.state, "draft")
        with self.assertRaises(ValidationError):
            self._new_tx("watch")

    def test_order_states_the_amount_of_the_transaction(self):
        tx = self._new_tx(amount=1234567.89)

        request = self.fake.orders[tx.reference]["request"]
        self.assertEqual(request["amount"], {"total": 123456789, "currency": "CNY"})
        self.assertTrue(request["notify_url"].endswith(str(self.provider.id)))

    def test_payer_must_be_known_inside_wechat(self):
        tx = self._new_tx(create=False)
        with self.assertRaises(ValidationError):
            self._pay_params(tx, "mini_program", openid=None)

    def test_payment_is_learnt_by_asking(self):
        tx = self._new_tx()
        tx._wechatpay_sync()
        self.assertEqual(tx.state, "draft")

        self.fake.pay(tx.reference)
        tx._wechatpay_sync()

        self.assertEqual(tx.state, "done")
        self.assertEqual(tx.provider_reference, f"42{tx.reference}")
        self.assertEqual(self._pay_params(tx), {})

    @mute_logger(CLIENT)
    def test_unknown_outcome_is_no_failure(self):
        for fault in ("drop", "process_then_drop", "badsig", "500"):
            tx = self._new_tx(create=False)
            self.fake.faults = [fault]
            self.assertEqual(self._pay_params(tx), {}, fault)
            self.assertEqual(tx.state, "pending", fault)

            self.assertIn("code_url", self._pay_params(tx), fault)
            self.fake.pay(tx.reference)
            self.fake.faults = [fault]
            tx._wechatpay_sync()
            self.assertEqual(tx.state, "pending", fault)
            tx._wechatpay_sync()
            self.assertEqual(tx.state, "done", fault)

    def test_refused_order_is_a_failure(self):
        tx = self._new_tx()
        tx.amount = 5

        self.assertEqual(self._pay_params(tx), {})

        self.assertEqual(tx.state, "error")
        self.assertIn("INVALID_REQUEST", tx.state_message)

    def test_answer_about_another_order_is_not_taken(self):
        tx, other = self._new_tx(), self._new_tx()
        self.fake.pay(other.reference)
        self.fake.orders[tx.reference] = self.fake.orders[other.reference]

        tx._wechatpay_sync()

        self.assertEqual(tx.state, "draft")

    def test_closed_order_is_cancelled(self):
        tx = self._new_tx()

        self.assertTrue(tx._wechatpay_close())

        self.assertEqual(tx.state, "cancel")
        self.assertEqual(self.fake.orders[tx.reference]["trade_state"], "CLOSED")

    def test_closing_a_paid_order_finds_the_payment(self):
        tx = self._new_tx()
        self.fake.pay(tx.reference)

        self.assertFalse(tx._wechatpay_close())

        self.assertEqual(tx.state, "done")

    @mute_logger(CLIENT)
    def test_close_without_answer_changes_nothing(self):
        tx = self._new_tx()
        self.fake.faults = ["drop"]

        self.assertFalse(tx._wechatpay_close())

        self.assertEqual(tx.state, "draft")

    def test_order_that_never_was_is_cancelled_in_time(self):
        tx = self._new_tx(create=False)
        tx._wechatpay_sync()
        self.assertEqual(tx.state, "draft")

        self._age(tx, timedelta(hours=3))
        tx._wechatpay_sync()

        self.assertEqual(tx.state, "cancel")

    def test_job_asks_about_open_payments(self):
        tx = self._new_tx()
        self._age(tx, timedelta(minutes=2))
        self.fake.pay(tx.reference)

        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

        self.assertEqual(tx.state, "done")

    def test_references_suit_wechat_pay(self):
        compute = self.env["payment.transaction"]._compute_reference
        for prefix in ("INV/2026/00001", "S-1", "茶", None, "X" * 60):
            reference = compute("wechatpay", prefix=prefix)
            self.assertRegex(reference, r"^[0-9A-Za-z_]{6,32}$", prefix)
        self._new_tx(create=False, reference="X" * 26)
        self.assertEqual(compute("wechatpay", prefix="X" * 60), "X" * 26 + "_1")

    def test_transaction_holds_no_contact_data(self):
        tx = self._new_tx(create=False)

        self.assertTrue(self.partner.phone and self.partner.email)
        self.assertFalse(tx.partner_phone or tx.partner_email or tx.partner_name)

    @mute_logger(REPORT, CORE)
    def test_wrong_amount_never_becomes_done(self):
        tx = self._new_tx()
        self.fake.pay(tx.reference)
        wrong = {"total": 1, "currency": "CNY"}

        for _attempt in range(3):
            message = self.fake.payment_notification(tx.reference, amount=wrong)
            self.assertEqual(self._receive(message)[0], 204)
            self.assertEqual(tx.state, "error")
        # The right amount, once it is reported, is money all the same.
        self._receive(self.fake.payment_notification(tx.reference))
        self.assertEqual(tx.state, "done")

    @mute_logger(REPORT, CORE)
    def test_wrong_currency_never_becomes_done(self):
        tx = self._new_tx()
        self.fake.pay(tx.reference)
        for amount in ({"total": 10880, "currency": "USD"}, {"total": 10880}, {}):
            message = self.fake.payment_notification(tx.reference, amount=amount)
            self._receive(message)
            self.assertEqual(tx.state, "error", amount)

    def test_money_after_a_cancellation_is_taken(self):
        tx = self._new_tx()
        tx._set_canceled()
        self.fake.pay(tx.reference)

        self._receive(self.fake.payment_notification(tx.reference))

        self.assertEqual(tx.state, "done")
