from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestChangesMoney(MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.booking = cls.make_paid(amount=76)
        cls.old_end = cls.booking.end
        cls.new_end = cls.old_end + timedelta(minutes=30)

    @contextmanager
    def priced(self, amount):
        """Let an extension or a room change cost this much."""

        def offer(booking, new_end):
            return {
                "amount": amount,
                "name": "Extension",
                "minutes": 30,
                "start": booking.end,
                "end": new_end,
                "paid_until": new_end,
            }

        model = self.registry["teahouse.booking"]
        with (
            patch.object(model, "_extension_offer", offer, create=True),
            patch.object(
                model, "_room_change_amount", lambda _b, _room: amount, create=True
            ),
        ):
            yield

    def extend(self, amount=19.0):
        with self.priced(amount):
            return self.booking._extend(self.new_end)

    def move(self, amount):
        with self.priced(amount):
            return self.booking._change_room(self.room_2)

    def test_extension_takes_effect_once_paid(self):
        change = self.extend(19)

        self.assertEqual(change.state, "pending")
        self.assertEqual(self.booking.end, self.old_end)
        self.assertEqual((self.booking.amount_total, self.booking.amount_due), (76, 19))
        self.assertEqual(change._api_values()["amount"], "19.00")

        tx, _params = self.booking._pay("demo")

        self.assertEqual(tx.amount, 19)
        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.end, self.new_end)
        self.assertEqual(self.booking.paid_until, self.new_end)
        self.assertEqual((self.booking.amount_total, self.booking.amount_due), (95, 0))
        self.end_use(self.booking)
        self.assertEqual(self.booking.invoice_ids.amount_total, 95)
        self.assertEqual(self.receivable(self.booking), 0)

    def test_extension_that_costs_nothing_takes_effect_at_once(self):
        change = self.extend(0)

        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.end, self.new_end)
        self.assertEqual(self.booking.amount_due, 0)

    def test_unpaid_extension_leaves_no_debt(self):
        change = self.extend()
        tx = self.open_attempt(self.booking)
        change._release("expired")

        self.assertEqual(self.booking.amount_due, 0)
        self.assertEqual(tx.state, "cancel")
        with self.assert_code("invalid_state"):
            self.booking._pay("demo")

    def test_money_for_a_lapsed_extension_goes_back(self):
        change = self.extend()
        tx = self.open_attempt(self.booking)
        change._release("expired")

        self.report(tx)
        tx._post_process()

        self.assertEqual(self.booking.end, self.old_end)
        self.assertEqual(self.booking.amount_paid, 76)
        self.assertEqual(self.booking.amount_refunded, 19)

    def test_extension_that_ran_out_is_not_paid_though_its_job_is_late(self):
        change = self.extend()
        change.expires_at = change.expires_at - timedelta(hours=1)

        with self.assert_code("invalid_state"):
            self.booking._pay("demo")

    def test_second_extension_replaces_the_first(self):
        self.extend(19)
        self.new_end += timedelta(minutes=30)
        self.extend(38)

        self.assertEqual(self.booking.amount_due, 38)

    def test_checkout_drops_what_was_not_paid(self):
        self.extend()
        self.booking._check_in("staff")
        self.booking._checkout("guest")

        self.assertEqual(self.booking.settlement_state, "settled")
        self.assertEqual(self.booking.amount_due, 0)
        self.assertEqual(self.booking.invoice_ids.amount_total, 76)

    def test_dearer_room_is_paid_before_the_move(self):
        change = self.move(24)
        self.assertEqual(self.booking.room_id, self.room)

        self.booking._pay("demo")

        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.room_id, self.room_2)
        self.assertEqual(self.booking.amount_total, 100)
        rooms = self.booking.charge_line_ids.sorted("id").room_id
        self.assertEqual(rooms, self.room | self.room_2)

    def test_cheaper_room_gives_money_back_at_once(self):
        change = self.move(-16)

        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.room_id, self.room_2)
        self.assertEqual(self.booking.amount_total, 60)
        self.assertEqual(self.booking.amount_refunded, 16)
        self.assertEqual(self.booking.payment_state, "paid")
        self.end_use(self.booking)
        self.assertEqual(self.booking.invoice_ids.amount_total, 60)
        self.assertEqual(self.receivable(self.booking), 0)

    def test_change_that_became_impossible_gives_its_money_back(self):
        change = self.extend()
        tx = self.open_attempt(self.booking)
        self.report(tx)
        # Core-level end, without the steps that would have dropped the change.
        self.booking.write({"state": "no_show"})

        tx._post_process()

        self.assertEqual(change.state, "cancelled")
        self.assertEqual(self.booking.amount_refunded, 19)
