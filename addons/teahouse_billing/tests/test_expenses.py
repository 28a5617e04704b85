from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_books_reports import BooksCommon


@tagged("post_install", "-at_install", "teahouse_books")
class TestExpenses(BooksCommon):
    def make_plan(self, **values):
        return self.env["teahouse.expense.plan"].create(
            {
                "name": "Rent",
                "store_id": self.store.id,
                "category_id": self.category.id,
                "amount": 12000,
                "first_date": date(2026, 1, 31),
                **values,
            }
        )

    def test_a_bill_is_posted_once_with_its_store(self):
        expense = self.make_expense(1860.5, name="Power", vendor_ref="F-7")
        expense.with_user(self.user_accountant).action_post()
        expense.with_user(self.user_accountant).action_post()

        bill = expense.move_id
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual((bill.state, expense.state), ("posted", "posted"))
        self.assertEqual(bill.amount_total, 1860.5)
        self.assertEqual(
            bill.invoice_line_ids.analytic_distribution,
            {str(self.store._analytic_account().id): 100},
        )
        self.assertEqual(bill.invoice_line_ids.account_id, self.category.account_id)
        self.assertEqual(
            self.env["account.move"].search_count(
                [("teahouse_expense_id", "=", expense.id)]
            ),
            1,
        )

    def test_an_expense_of_a_room_names_the_room_too(self):
        expense = self.make_expense(50, room_id=self.room.id)
        expense._post()
        self.assertEqual(
            expense.move_id.invoice_line_ids.analytic_distribution,
            self.room._analytic_distribution(),
        )
        with self.assertRaises(ValidationError):
            self.make_expense(50, room_id=self.other_room.id)

    def test_what_is_booked_stays(self):
        expense = self.make_expense(50)
        expense._post()
        with self.assertRaises(UserError):
            expense.amount = 60
        with self.assertRaises(UserError):
            expense.unlink()
        expense.vendor_ref = "came later"

    def test_a_cancelled_bill_leaves_nothing(self):
        expense = self.make_expense(50)
        expense._post()
        expense.with_user(self.user_accountant).action_cancel()
        expense.with_user(self.user_accountant).action_cancel()

        self.assertEqual(expense.state, "cancelled")
        self.assertEqual(
            self.summed(
                "teahouse.ledger.line",
                "expense",
                [("store_id", "=", self.store.id)],
            ),
            0,
        )
        expense.action_post()
        self.assertEqual(expense.state, "cancelled")

    def test_a_paid_bill_is_paid_here_too(self):
        expense = self.make_expense(50)
        expense._post()
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=expense.move_id.ids
        )
        wizard.create({}).action_create_payments()
        self.assertEqual(expense.state, "paid")
        with self.assertRaises(UserError):
            expense.action_cancel()

    def test_managers_enter_for_their_stores_and_post_nothing(self):
        values = {"category_id": self.category.id, "amount": 10}
        expenses = self.env["teahouse.expense"].with_user(self.user_manager)
        own = expenses.create({"store_id": self.store.id, **values})
        with self.assertRaises(AccessError):
            expenses.create({"store_id": self.other_store.id, **values})
        with self.assertRaises(AccessError):
            own.action_post()
        self.assertFalse(own.move_id)

    def test_others_see_no_expenses(self):
        self.make_expense(10)
        for role in ("staff", "cleaner", "technician"):
            for model in ("teahouse.expense", "teahouse.expense.plan"):
                with self.subTest(role), self.assertRaises(AccessError):
                    self.env[model].with_user(self.users[role]).search([])

    def test_the_31st_stays_the_31st(self):
        plan = self.make_plan()
        expenses = plan._enter_due(date(2026, 4, 30))
        self.assertEqual(
            expenses.mapped("date"),
            [
                date(2026, 1, 31),
                date(2026, 2, 28),
                date(2026, 3, 31),
                date(2026, 4, 30),
            ],
        )
        self.assertEqual(plan.next_date, date(2026, 5, 31))

    def test_a_plan_ends_and_never_enters_twice(self):
        plan = self.make_plan(last_date=date(2026, 2, 28), auto_post=True)
        first = plan._enter_due(date(2026, 12, 31))
        again = plan._enter_due(date(2026, 12, 31))
        self.assertEqual((len(first), len(again)), (2, 0))
        self.assertEqual(set(first.mapped("state")), {"posted"})
        self.assertFalse(plan.next_date)

    def test_one_plan_that_fails_stops_no_other(self):
        bad = self.make_plan(first_date=self.today, name="bad", auto_post=True)
        good = self.make_plan(first_date=self.today, name="good")
        fails = patch.object(
            self.env.registry["teahouse.expense"], "_post", side_effect=UserError("no")
        )
        logger = "odoo.addons.teahouse_billing.models.teahouse_expense_plan"
        with fails, self.assertLogs(logger, "ERROR"), self.enter_registry_test_mode():
            self.env.ref("teahouse_billing.cron_expenses").method_direct_trigger()
        self.assertEqual((bad.count, good.count), (0, 1))

    def test_categories_are_there_from_the_start(self):
        names = self.category.search([("company_id", "=", self.company.id)])
        self.assertGreaterEqual(len(names), 5)
        self.company._teahouse_setup_books()
        self.assertEqual(
            len(names),
            self.category.search_count([("company_id", "=", self.company.id)]),
        )


@tagged("post_install", "-at_install", "teahouse_books")
class TestBooksSettings(BooksCommon):
    def test_the_chart_of_china_gets_accounts_of_its_own(self):
        if self.company.chart_template != "cn":
            self.skipTest("another chart is loaded")
        self.assertEqual(self.company.teahouse_stay_account_id.code, "500101")
        self.assertEqual(self.company.teahouse_journal_id.code, "TEA")
        self.assertTrue(self.company.teahouse_tax_id.price_include)

    def test_owners_set_tax_limit_and_journal(self):
        settings = self.env["teahouse.money.settings"].with_user(self.user_owner)
        wizard = settings.create({})
        self.assertEqual(
            wizard.teahouse_tax_id.id, self.company.sudo().teahouse_tax_id.id
        )
        wizard.write(
            {
                "teahouse_reduction_limit": 88,
                "teahouse_tax_id": False,
                "teahouse_reminder_days": "2,4",
            }
        )
        wizard.action_save()
        self.assertEqual(self.company.teahouse_reduction_limit, 88)
        self.assertFalse(self.company.teahouse_tax_id)
        trail = self.env["teahouse.audit"].search(
            [("action", "=", "money.settings")], limit=1
        )
        self.assertEqual(trail.user_id, self.user_owner)
        wizard.teahouse_reminder_days = "4,2"
        with self.assertRaises(ValidationError):
            wizard.action_save()

    def test_nobody_else_sets_them(self):
        for role in ("manager", "staff", "accountant", "cleaner", "technician"):
            settings = self.env["teahouse.money.settings"].with_user(self.users[role])
            with self.subTest(role), self.assertRaises(AccessError):
                settings.create({})


@tagged("post_install", "-at_install", "teahouse_books")
class TestReminders(BooksCommon):
    def owing(self, days):
        booking = self.make_booking(76.0)
        booking.action_confirm()
        self.end_use(booking)
        booking.settled_at = fields.Datetime.now() - timedelta(days=days)
        return booking

    def remind(self):
        with self.enter_registry_test_mode():
            self.env.ref("teahouse_billing.cron_remind").method_direct_trigger()
        self.env.invalidate_all()

    def reminders(self, booking):
        return self.env["teahouse.notification"].search_count(
            [
                ("member_id", "=", booking.member_id.id),
                ("event_key", "=like", f"reminder-{booking.id}-%"),
                ("channel", "=", "inbox"),
            ]
        )

    def test_reminders_come_on_their_days_and_end(self):
        self.company.teahouse_reminder_days = "1,3"
        booking = self.owing(0)
        self.remind()
        self.assertEqual(booking.reminder_count, 0)

        booking.settled_at -= timedelta(days=1)
        self.remind()
        self.remind()
        self.assertEqual((booking.reminder_count, self.reminders(booking)), (1, 1))

        booking.settled_at -= timedelta(days=40)
        self.remind()
        self.assertEqual(booking.reminder_count, 1, "never two on one day")
        booking.dunned_at -= timedelta(days=1)
        self.remind()
        booking.dunned_at -= timedelta(days=1)
        self.remind()
        self.assertEqual((booking.reminder_count, self.reminders(booking)), (2, 2))

    def test_who_has_paid_hears_no_more(self):
        booking = self.owing(2)
        booking._pay("demo", "page")
        self.remind()
        self.assertEqual(booking.reminder_count, 0)

    def test_a_complaint_holds_reminders_but_not_the_debt(self):
        booking = self.owing(2)
        booking.with_user(self.user_manager).reminder_hold = "complaint"
        self.remind()
        self.assertEqual(booking.reminder_count, 0)
        with self.assert_code("payment_due"):
            booking._check_nothing_due(booking.member_id)
        with self.assert_code("forbidden"):
            booking.with_user(self.user_staff).reminder_hold = False

    def test_by_hand_once_a_day(self):
        booking = self.owing(0).with_user(self.user_staff)
        booking.action_remind()
        self.assertEqual(booking.reminder_count, 1)
        with self.assertRaises(UserError):
            booking.action_remind()
        with self.assertRaises(AccessError):
            booking.with_user(self.user_cleaner).action_remind()
