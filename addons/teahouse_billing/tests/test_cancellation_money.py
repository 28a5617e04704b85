from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestCancellationMoney(MoneyCommon):
    def setUp(self):
        super().setUp()
        # The policy counts whole minutes: at a full minute, and over one, the clock
        # of the machine would decide which row wins.
        self.now = fields.Datetime.now().replace(second=30)
        freezer = freeze_time(self.now)
        freezer.start()
        self.addCleanup(freezer.stop)

    def starting_in(self, minutes, amount=125.0):
        start = self.now.replace(second=0) + timedelta(minutes=minutes + 1)
        return self.make_paid(amount=amount, start=start)

    def assert_outcome(self, booking, refunded, kept):
        self.assertEqual(booking.amount_refunded, refunded)
        self.assertEqual(booking.amount_paid, kept)
        self.assertEqual(booking.amount_total, kept)
        self.assertEqual(booking.amount_due, 0)
        self.assertEqual(self.receivable(booking), 0)
        self.assertEqual(booking.settlement_state, "settled")
        self.assertEqual(booking._money_differences(), [])
        invoices = booking.invoice_ids
        self.assertEqual(sum(invoices.mapped("amount_total")), kept)
        self.assertEqual(len(invoices), 1 if kept else 0)

    def test_policy_decides_what_goes_back(self):
        for minutes, refunded, kept in (
            (1440, 125, 0),
            (1439, 100, 25),
            (120, 100, 25),
            (119, 62.5, 62.5),
            (5, 62.5, 62.5),
        ):
            with self.subTest(minutes=minutes):
                booking = self.starting_in(minutes)
                preview = booking._cancellation_preview()

                booking._cancel("customer")

                self.assertEqual(preview["refund"], f"{refunded:.2f}")
                self.assertEqual(preview["fee"], f"{kept:.2f}")
                self.assert_outcome(booking, refunded, kept)

    def test_odd_cents_are_rounded_half_up_for_the_guest(self):
        booking = self.starting_in(60, amount=10.01)

        booking._cancel("customer")

        self.assert_outcome(booking, 5.01, 5.0)

    def test_policy_of_the_booking_not_of_today(self):
        booking = self.starting_in(60)
        booking.policy_snapshot = [[0, 100]]

        booking._cancel("customer")

        self.assert_outcome(booking, 125, 0)
        self.assertEqual(booking.payment_state, "refunded")

    def test_the_house_gives_everything_back(self):
        booking = self.starting_in(5)

        booking._cancel("store")

        self.assert_outcome(booking, 125, 0)

    def test_two_payments_go_back_newest_first(self):
        booking = self.starting_in(60, amount=100)
        self.charge(booking, 40, "extension")
        booking._pay("demo")

        booking._cancel("customer")

        old, new = booking.transaction_ids.filtered(
            lambda tx: tx.operation != "refund"
        ).sorted("id")
        self.assertEqual((old._refundable(), new._refundable()), (70, 0))
        self.assert_outcome(booking, 70, 70)

    def test_unpaid_hold_costs_nothing(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)

        booking._cancel("customer")

        self.assertEqual(tx.state, "cancel")
        self.assertEqual(booking.payment_state, "none")
        self.assert_outcome(booking, 0, 0)

    def test_money_after_the_cancellation_goes_back_whole(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)
        booking._cancel("customer")

        self.report(tx)
        tx._post_process()

        self.assertEqual(booking.state, "cancelled")
        self.assert_outcome(booking, 76, 0)

    def test_nobody_came(self):
        booking = self.starting_in(5)
        booking.write({"state": "no_show"})
        booking._on_no_show()

        self.assert_outcome(booking, 0, 125)
        self.assertEqual(booking.charge_line_ids.filtered("move_line_ids").kind, "fee")

    def test_deposit_is_no_price(self):
        booking = self.starting_in(5, amount=0.01)
        self.charge(booking, 200, "deposit")
        booking._pay("demo")
        booking.charge_line_ids.filtered(lambda line: line.kind == "base").amount = 0

        self.assertEqual(booking._cancellation_fee(0), 0)
