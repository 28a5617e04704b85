from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_books_reports import BooksCommon


@tagged("post_install", "-at_install", "teahouse_books")
class TestTill(BooksCommon):
    def open_till(self, store=None, user=None):
        tills = self.env["teahouse.till"].with_user(user or self.user_staff)
        return tills.create({"store_id": (store or self.store).id})

    def cash_line(self, till):
        return till.line_ids.filtered(lambda line: line.sudo().journal_id == self.cash)

    def count(self, till, cash, reason=False):
        """Enter a count as staff do; nothing came by any other method."""
        for line in till.line_ids:
            line.is_counted = True
        self.cash_line(till).write({"counted": cash, "reason": reason})

    def pay_cash(self, amount=76.0, room=None):
        booking = self.make_booking(amount, room=room)
        booking._register_counter(self.cash, amount)
        return booking

    def test_the_till_expects_what_was_taken(self):
        till = self.open_till()
        self.pay_cash(76.0)
        self.pay_cash(44.5, room=self.room_2)
        elsewhere = self.make_booking(10.0, room=self.other_room)
        elsewhere._register_counter(self.cash, 10.0)

        line = self.cash_line(till)
        self.assertEqual((line.taken, line.expected), (120.5, 120.5))
        self.count(till, 120.5)
        till.action_close()
        self.assertEqual((till.state, till.difference), ("closed", 0))
        self.assertEqual(till.sudo().closed_by_id, self.user_staff)

    def test_a_difference_needs_its_reason_and_is_posted(self):
        till = self.open_till()
        self.pay_cash(76.0)
        self.count(till, 70.0)
        with self.assertRaises(UserError):
            till.action_close()
        self.cash_line(till).reason = "wrong change"
        before = self.ledger("expense")
        till.action_close()

        self.assertEqual(till.difference, -6.0)
        move = self.cash_line(till).sudo().move_id
        self.assertEqual(move.state, "posted")
        self.assertEqual(self.ledger("expense"), before + 6.0)
        lost = self.env["teahouse.ledger.line"].search([("move_id", "=", move.id)])
        self.assertEqual((lost.store_id, lost.expense), (self.store, 6.0))
        trail = self.env["teahouse.audit"].search(
            [("action", "=", "till.close")], limit=1
        )
        self.assertEqual(trail.user_id, self.user_staff)

    def test_nothing_is_closed_uncounted(self):
        till = self.open_till()
        with self.assertRaises(UserError):
            till.action_close()

    def test_a_closed_count_stays(self):
        till = self.open_till()
        self.count(till, 0)
        till.action_close()
        with self.assertRaises(UserError):
            self.cash_line(till).counted = 5
        with self.assertRaises(UserError):
            till.action_close()
        with self.assertRaises(UserError):
            till.with_user(self.user_owner).unlink()

    def test_the_next_till_begins_with_what_was_left(self):
        till = self.open_till()
        self.pay_cash(76.0)
        self.env["teahouse.till.move"].with_user(self.user_staff).create(
            {"till_id": till.id, "value": 50, "reason": "to the bank"}
        )
        self.assertEqual(self.cash_line(till).expected, 26.0)
        self.count(till, 26.0)
        till.action_close()

        following = self.open_till()
        self.assertEqual(self.cash_line(following).opening, 26.0)
        with self.assertRaises(UserError):
            self.env["teahouse.till.move"].with_user(self.user_staff).create(
                {"till_id": till.id, "value": 5, "reason": "late"}
            )

    def test_what_is_given_back_comes_out_of_the_till(self):
        booking = self.pay_cash(76.0)
        till = self.open_till()
        booking._adjust(-6.0, "warm tea")
        booking._register_counter(self.cash, -6.0)
        self.assertEqual(self.cash_line(till).expected, -6.0)

    def test_a_store_may_want_an_open_till(self):
        self.store.till_required = True
        booking = self.make_booking(76.0)
        with self.assertRaises(UserError):
            booking._register_counter(self.cash, 76.0)
        till = self.open_till()
        booking._register_counter(self.cash, 76.0)
        self.assertEqual(till.sudo().payment_ids.teahouse_booking_id, booking)

    def test_managers_check_closed_tills(self):
        till = self.open_till()
        with self.assertRaises(UserError):
            till.with_user(self.user_manager).action_check()
        self.count(till, 0)
        till.action_close()
        with self.assertRaises(UserError):
            till.action_check()
        till.with_user(self.user_manager).action_check()
        self.assertEqual(till.state, "checked")
        self.assertEqual(till.sudo().checked_by_id, self.user_manager)

    def test_tills_are_of_the_assigned_stores(self):
        with self.assertRaises(AccessError):
            self.open_till(self.other_store)
        other = self.open_till(self.other_store, self.user_owner)
        own = self.open_till()
        for role in ("staff", "manager"):
            tills = self.env["teahouse.till"].with_user(self.users[role])
            with self.subTest(role):
                self.assertEqual(tills.search([]) & (own | other), own)
        seen = self.env["teahouse.till"].with_user(self.user_accountant).search([])
        self.assertEqual(seen & (own | other), own | other)
        for role in ("cleaner", "technician"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.env["teahouse.till"].with_user(self.users[role]).search([])
