from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WechatpayCommon

CLIENT = "odoo.addons.payment_wechatpay.tools.wechatpay_client"
OURS = "odoo.addons.payment_wechatpay.models.payment_transaction"
REPORT = "odoo.addons.payment_wechatpay.models.payment_transaction_report"
CORE = "odoo.addons.payment.models.payment_transaction"


@tagged("post_install", "-at_install")
class TestRefund(WechatpayCommon):
    def setUp(self):
        super().setUp()
        self.tx = self._paid_tx()

    def _gone(self):
        refunds = self.fake.refunds.values()
        return sum(refund["amount"]["refund"] for refund in refunds)

    def test_refund_is_sent_after_it_was_stored(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", self.cron.id)])
        refund = self.tx._refund(38.8)

        self.assertEqual((refund.state, self._gone()), ("pending", 0))
        after = triggers.search_count([("cron_id", "=", self.cron.id)])
        self.assertEqual(after, before + 1)

        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

        self.assertEqual((refund.state, self._gone()), ("done", 3880))
        self.assertRegex(refund.reference, r"^[0-9A-Za-z_]{6,32}$")

    @mute_logger(CLIENT)
    def test_lost_answer_repeats_the_same_number(self):
        for fault in ("drop", "process_then_drop", "badsig", "500"):
            gone = self._gone()
            refund = self.tx._refund(10)
            self.fake.faults = [fault]
            refund._wechatpay_sync()
            self.assertEqual(refund.state, "pending", fault)

            refund._wechatpay_sync()

            self.assertEqual(refund.state, "done", fault)
            self.assertEqual(self._gone(), gone + 1000, fault)

    def test_refund_ends_by_its_notification(self):
        self.fake.refund_state = "PROCESSING"
        refund = self.tx._refund(50)
        refund._wechatpay_sync()
        self.assertEqual(refund.state, "pending")

        message = self.fake.refund_notification(refund.reference)
        self.assertEqual(self._receive(message)[0], 204)

        self.assertEqual(refund.state, "done")
        self.assertEqual(refund.provider_reference[:2], "50")

    @mute_logger(CORE)
    def test_late_answer_does_not_undo_a_refund(self):
        self.fake.refund_state = "PROCESSING"
        refund = self.tx._refund(50)
        refund._wechatpay_sync()
        self._receive(self.fake.refund_notification(refund.reference))

        refund._process("wechatpay", self.fake.refunds[refund.reference])

        self.assertEqual(refund.state, "done")

    def test_refund_cannot_exceed_what_is_left(self):
        self.tx._refund(100)
        with self.assertRaises(UserError):
            self.tx._refund(8.81)
        self.tx._refund(8.8)
        with self.assertRaises(UserError):
            self.tx._refund(0.01)

    def test_closed_refund_leaves_the_money_refundable(self):
        self.fake.refund_state = "CLOSED"
        refund = self.tx._refund(108.8)
        refund._wechatpay_sync()

        self.assertEqual(refund.state, "cancel")
        self.fake.refunds.clear()
        self.fake.refund_state = "SUCCESS"
        again = self.tx._refund(108.8)
        again._wechatpay_sync()
        self.assertEqual(again.state, "done")
        self.assertNotEqual(again.reference, refund.reference)

    @mute_logger(OURS, REPORT)
    def test_refund_in_trouble_is_not_sent_anew(self):
        self.fake.refund_state = "NOT_ENOUGH"
        refund = self.tx._refund(108.8)
        refund._wechatpay_sync()
        self.assertEqual(refund.state, "pending")
        self.assertIn("NOT_ENOUGH", refund.state_message)

        self.fake.refund_state = "ABNORMAL"
        refund._wechatpay_sync()
        self.assertEqual(refund.state, "pending")
        with self.assertRaises(UserError):
            self.tx._refund(1)

    def test_refused_refund_is_a_failure(self):
        refund = self.tx._refund(10)
        self.fake.orders.clear()

        refund._wechatpay_sync()

        self.assertEqual(refund.state, "error")

    @mute_logger(REPORT, CORE)
    def test_wrong_amount_of_a_refund_is_not_taken(self):
        self.fake.refund_state = "PROCESSING"
        refund = self.tx._refund(50)
        refund._wechatpay_sync()
        self.fake.refunds[refund.reference]["amount"]["refund"] = 1

        for _attempt in range(2):
            self._receive(self.fake.refund_notification(refund.reference))
            self.assertEqual(refund.state, "error")

    def test_payment_notification_does_not_end_a_refund(self):
        self.fake.refund_state = "PROCESSING"
        refund = self.tx._refund(50)
        refund._wechatpay_sync()

        with mute_logger(CORE):
            message = self.fake.payment_notification(
                self.tx.reference, out_trade_no=refund.reference
            )
            self.assertEqual(self._receive(message)[0], 404)

        self.assertEqual(refund.state, "pending")
