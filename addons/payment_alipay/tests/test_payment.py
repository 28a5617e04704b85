from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AlipayCommon

CLIENT = "odoo.addons.payment_alipay.tools.alipay_client"
REPORT = "odoo.addons.payment_alipay.models.payment_transaction_report"
CORE = "odoo.addons.payment.models.payment_transaction"


@tagged("post_install", "-at_install")
class TestPayment(AlipayCommon):
    def _age(self, tx, age):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - %s "
            "WHERE id = %s",
            [age, tx.id],
        )
        tx.invalidate_recordset()

    def test_every_scene_gets_what_it_needs(self):
        for scene, name in (
            ("mini_program", "tradeNO"),
            ("jsapi", "tradeNO"),
            ("native", "code_url"),
            ("h5", "h5_url"),
            ("page", "page_url"),
        ):
            tx = self._new_tx(create=False)
            self.assertEqual(list(self._pay_params(tx, scene)), [name], scene)
            self.assertEqual(tx.state, "draft")
        with self.assertRaises(ValidationError):
            self._new_tx("watch")

    def test_browser_is_sent_with_a_signed_order(self):
        tx = self._new_tx(create=False, amount=1234567.89, landing_route="/stay")

        url = self._pay_params(tx, "h5")["h5_url"]

        params = self.fake.open_browser(url)
        self.assertEqual(params["method"], "alipay.trade.wap.pay")
        self.assertTrue(params["return_url"].endswith("/stay"))
        self.assertEqual(params["notify_url"], self.provider.alipay_notify_url)
        trade = self.fake.trades[tx.reference]
        self.assertEqual(trade["total_amount"], "1234567.89")

    def test_payer_must_be_known_inside_alipay(self):
        tx = self._new_tx(create=False)
        with self.assertRaises(ValidationError):
            self._pay_params(tx, buyer=None)

        self.assertEqual(
            tx.with_context(payment_payer={"buyer_id": "open-id"})._alipay_buyer(),
            {"buyer_open_id": "open-id"},
        )

    def test_payment_is_learnt_by_asking(self):
        tx = self._new_tx()
        tx._alipay_sync()
        self.assertEqual(tx.state, "draft")

        self.fake.pay(tx.reference)
        tx._alipay_sync()

        self.assertEqual(tx.state, "done")
        self.assertEqual(tx.provider_reference, f"2026{tx.reference}")
        self.assertEqual(self._pay_params(tx), {})

    @mute_logger(CLIENT)
    def test_unknown_outcome_is_no_failure(self):
        for fault in ("drop", "process_then_drop", "badsig", "500"):
            tx = self._new_tx(create=False)
            self.fake.faults = [fault]
            self.assertEqual(self._pay_params(tx), {}, fault)
            self.assertEqual(tx.state, "pending", fault)

            self.assertIn("tradeNO", self._pay_params(tx), fault)
            self.fake.pay(tx.reference)
            self.fake.faults = [fault]
            tx._alipay_sync()
            self.assertEqual(tx.state, "pending", fault)
            tx._alipay_sync()
            self.assertEqual(tx.state, "done", fault)

    def test_refused_order_is_a_failure(self):
        tx = self._new_tx()
        tx.amount = 5

        self.assertEqual(self._pay_params(tx), {})

        self.assertEqual(tx.state, "error")
        self.assertIn("ACQ.CONTEXT_INCONSISTENT", tx.state_message)

    def test_answer_about_another_order_is_not_taken(self):
        tx, other = self._new_tx(), self._new_tx()
        self.fake.pay(other.reference)
        self.fake.trades[tx.reference] = self.fake.trades[other.reference]

        tx._alipay_sync()

        self.assertEqual(tx.state, "draft")

    def test_closed_order_is_cancelled(self):
        tx = self._new_tx()
        self.assertTrue(tx._alipay_close())
        self.assertEqual(tx.state, "cancel")
        self.assertEqual(self.fake.trades[tx.reference]["trade_status"], "TRADE_CLOSED")

        never_scanned = self._new_tx("native")
        self.assertTrue(never_scanned._alipay_close())
        self.assertEqual(never_scanned.state, "cancel")

    def test_closing_a_paid_order_finds_the_payment(self):
        tx = self._new_tx()
        self.fake.pay(tx.reference)

        self.assertFalse(tx._alipay_close())

        self.assertEqual(tx.state, "done")

    @mute_logger(CLIENT)
    def test_close_without_answer_changes_nothing(self):
        tx = self._new_tx()
        self.fake.faults = ["drop"]

        self.assertFalse(tx._alipay_close())

        self.assertEqual(tx.state, "draft")

    def test_code_that_nobody_scanned_is_cancelled_in_time(self):
        tx = self._new_tx("native")
        tx._alipay_sync()
        self.assertEqual(tx.state, "draft")

        self._age(tx, timedelta(hours=3))
        tx._alipay_sync()

        self.assertEqual(tx.state, "cancel")

    def test_job_asks_about_open_payments(self):
        tx = self._new_tx()
        self._age(tx, timedelta(minutes=2))
        self.fake.pay(tx.reference)

        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

        self.assertEqual(tx.state, "done")

    def test_references_suit_alipay(self):
        compute = self.env["payment.transaction"]._compute_reference
        for prefix in ("INV/2026/00001", "S-1", "茶", None, "X" * 90):
            reference = compute("alipay", prefix=prefix)
            self.assertRegex(reference, r"^[0-9A-Za-z_]{1,64}$", prefix)
        self._new_tx(create=False, reference="X" * 58)
        self.assertEqual(compute("alipay", prefix="X" * 90), "X" * 58 + "_1")

    def test_transaction_holds_no_contact_data(self):
        tx = self._new_tx(create=False)

        self.assertTrue(self.partner.phone and self.partner.email)
        self.assertFalse(tx.partner_phone or tx.partner_email or tx.partner_name)

    @mute_logger(REPORT, CORE)
    def test_wrong_amount_never_becomes_done(self):
        tx = self._new_tx()
        self.fake.pay(tx.reference)

        for amount in ("0.01", "0.01", "108.81", ""):
            body = self.fake.notification(tx.reference, total_amount=amount)
            self.assertEqual(self._receive(body), 200)
            self.assertEqual(tx.state, "error")
        # The right amount, once it is reported, is money all the same.
        self._receive(self.fake.notification(tx.reference))
        self.assertEqual(tx.state, "done")

    def test_money_after_a_cancellation_is_taken(self):
        tx = self._new_tx()
        tx._set_canceled()
        self.fake.pay(tx.reference)

        self._receive(self.fake.notification(tx.reference))

        self.assertEqual(tx.state, "done")
