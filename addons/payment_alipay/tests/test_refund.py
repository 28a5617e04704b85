from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AlipayCommon

CLIENT = "odoo.addons.payment_alipay.tools.alipay_client"
OURS = "odoo.addons.payment_alipay.models.payment_transaction"
REPORT = "odoo.addons.payment_alipay.models.payment_transaction_report"
CORE = "odoo.addons.payment.models.payment_transaction"


@tagged("post_install", "-at_install")
class TestRefund(AlipayCommon):
    def setUp(self):
        super().setUp()
        self.tx = self._paid_tx()

    def _run_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def test_refund_is_sent_after_it_was_stored(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", self.cron.id)])
        refund = self.tx._refund(38.8)

        self.assertEqual((refund.state, self.fake.gone()), ("pending", 0))
        after = triggers.search_count([("cron_id", "=", self.cron.id)])
        self.assertEqual(after, before + 1)

        self._run_job()

        self.assertEqual((refund.state, float(self.fake.gone())), ("done", 38.8))
        self.assertRegex(refund.reference, r"^[0-9A-Za-z_]{1,64}$")

    @mute_logger(CLIENT)
    def test_lost_answer_repeats_the_same_number(self):
        for fault in ("drop", "process_then_drop", "badsig", "500"):
            for faults in ([fault], [None, fault]):
                gone = self.fake.gone()
                refund = self.tx._refund(10)
                self.fake.faults = list(faults)
                refund._alipay_sync()
                self.assertEqual(refund.state, "pending", fault)

                refund._alipay_sync()

                self.assertEqual(refund.state, "done", fault)
                self.assertEqual(self.fake.gone(), gone + 10, fault)

    def test_taken_refund_is_done_when_it_has_arrived(self):
        self.fake.refund_status = "REFUND_PROCESSING"
        refund = self.tx._refund(50)
        refund._alipay_sync()
        self.assertEqual(refund.state, "pending")

        self.fake.refund_status = "REFUND_SUCCESS"
        body = self.fake.notification(
            self.tx.reference,
            gmt_refund="2026-01-01 12:00:00.123",
            refund_fee="50.00",
            out_biz_no=refund.reference,
        )
        self.assertEqual(self._receive(body), 200)
        self.assertEqual(refund.state, "pending")
        self._run_job()

        self.assertEqual((refund.state, float(self.fake.gone())), ("done", 50))

    def test_notification_of_a_refund_is_no_payment(self):
        tx = self._new_tx()
        self.fake.pay(tx.reference)
        body = self.fake.notification(tx.reference, refund_fee="108.80")

        self.assertEqual(self._receive(body), 200)

        self.assertEqual(tx.state, "draft")

    def test_refund_cannot_exceed_what_is_left(self):
        self.tx._refund(100)
        with self.assertRaises(UserError):
            self.tx._refund(8.81)
        self.tx._refund(8.8)
        with self.assertRaises(UserError):
            self.tx._refund(0.01)

    @mute_logger(OURS, REPORT)
    def test_refund_waits_for_funds(self):
        self.fake.funds = False
        refund = self.tx._refund(108.8)
        refund._alipay_sync()
        self.assertEqual(refund.state, "pending")
        self.assertIn("ACQ.SELLER_BALANCE_NOT_ENOUGH", refund.state_message)
        with self.assertRaises(UserError):
            self.tx._refund(1)

        self.fake.funds = True
        refund._alipay_sync()
        self.assertEqual(refund.state, "done")

    def test_refused_refund_is_a_failure(self):
        refund = self.tx._refund(10)
        self.fake.trades.clear()

        refund._alipay_sync()

        self.assertEqual(refund.state, "error")

    @mute_logger(REPORT, CORE)
    def test_wrong_amount_of_a_refund_is_not_taken(self):
        refund = self.tx._refund(50)
        self.fake.refund_status = "REFUND_PROCESSING"
        refund._alipay_sync()
        self.fake.refund_status = "REFUND_SUCCESS"
        self.fake.refunds[refund.reference]["refund_amount"] = "0.01"

        for _attempt in range(2):
            refund._alipay_sync()
            self.assertEqual(refund.state, "error")
