from odoo.tests import tagged

from .common import WechatpayCommon


@tagged("post_install", "-at_install")
class TestBooks(WechatpayCommon):
    def setUp(self):
        self.enable_post_process_patcher = False
        super().setUp()
        self.provider.invalidate_recordset(["journal_id"])
        if not self.provider.journal_id:
            self.skipTest("The company has no bank journal.")

    def test_payment_and_refund_come_into_the_books_by_the_job(self):
        job = self.env.ref("payment.cron_post_process_payment_tx")
        tx = self._new_tx()
        self.fake.pay(tx.reference)

        self._receive(self.fake.payment_notification(tx.reference))
        self.env.flush_all()
        with self.enter_registry_test_mode():
            job.method_direct_trigger()

        self.assertEqual(tx.payment_id.amount, 108.8)
        self.assertEqual(tx.payment_id.payment_type, "inbound")
        self.assertIn(tx.reference, tx.payment_id.memo)

        refund = tx._refund(38.8)
        refund._wechatpay_sync()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            job.method_direct_trigger()

        self.assertEqual(refund.payment_id.amount, 38.8)
        self.assertEqual(refund.payment_id.payment_type, "outbound")

    def test_late_money_comes_into_the_books_once(self):
        tx = self._new_tx()
        tx._set_canceled()
        tx._post_process()
        self.fake.pay(tx.reference)

        for _delivery in range(2):
            self._receive(self.fake.payment_notification(tx.reference))
            tx._post_process()

        payments = self.env["account.payment"].search(
            [("payment_transaction_id", "=", tx.id)]
        )
        self.assertEqual(payments.mapped("amount"), [108.8])
