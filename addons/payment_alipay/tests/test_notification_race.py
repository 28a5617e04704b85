import secrets
import threading

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AlipayCommon


@tagged("post_install", "-at_install")
class TestNotificationRace(AlipayCommon):
    """Real transactions: what they commit is removed again."""

    def setUp(self):
        super().setUp()
        with self.registry._db.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            tx = env["payment.transaction"].create(
                {
                    "provider_id": env.ref("payment_alipay.payment_provider_alipay").id,
                    "payment_method_id": self.payment_method_id,
                    "amount": 50,
                    "currency_id": self.currency.id,
                    "partner_id": env.ref("base.partner_root").id,
                    "operation": "online_direct",
                    "reference": "RACE000002",
                }
            )
            tx._set_done()
            self.tx_id = tx.id
        self.addCleanup(self._remove)

    def _remove(self):
        with self.registry._db.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            tx = env["payment.transaction"].browse(self.tx_id)
            (tx.child_transaction_ids | tx).unlink()

    def _at_once(self, count, work):
        """Run ``work(tx)`` in transactions that all began before any wrote."""
        outcomes = []
        barrier = threading.Barrier(count, timeout=20)

        def run():
            with self.registry._db.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                tx = env["payment.transaction"].browse(self.tx_id)
                tx.state  # noqa: B018 - the snapshot is taken before the others write
                barrier.wait()
                try:
                    outcomes.append(work(tx))
                    cr.commit()  # pylint: disable=invalid-commit
                except Exception as error:
                    cr.rollback()
                    outcomes.append(type(error).__name__)

        threads = [threading.Thread(target=run) for _number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return outcomes

    def test_one_of_parallel_duplicates_is_taken_the_others_need_no_retry(self):
        event = secrets.token_hex(8)

        def claim(tx):
            return tx.env["payment.alipay.notification"]._claim(tx, event, "T")

        outcomes = self._at_once(6, claim)

        self.assertEqual(sorted(outcomes), [False] * 5 + [True])

    @mute_logger("odoo.sql_db")
    def test_one_of_two_parallel_refunds_wins(self):
        def refund(tx):
            return len(tx._create_child_transaction(40, is_refund=True))

        outcomes = self._at_once(2, refund)

        self.assertCountEqual(outcomes, [1, "SerializationFailure"])
