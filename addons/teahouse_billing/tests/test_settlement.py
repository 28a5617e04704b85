from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .money_common import MoneyCommon

LOGGER = "odoo.addons.teahouse_billing.models.teahouse_booking_settlement"


@tagged("post_install", "-at_install", "teahouse_money")
class TestSettlement(MoneyCommon):
    def assert_closed(self, booking):
        """The account of a settled guest is at zero, and everything agrees."""
        self.assertEqual(booking.settlement_state, "settled")
        self.assertEqual(self.receivable(booking), 0)
        self.assertEqual(booking._money_differences(), [])

    def test_one_posted_invoice_matched_with_the_payment(self):
        booking = self.make_ended(amount=125)

        invoice = booking.invoice_ids
        self.assertEqual(len(invoice), 1)
        self.assertEqual(invoice.state, "posted")
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice.amount_total, 125)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(booking.payment_state, "paid")
        self.assert_closed(booking)

    def test_tax_of_six_percent_is_in_the_price(self):
        invoice = self.make_ended(amount=106).invoice_ids

        self.assertEqual(
            (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total),
            (100, 6, 106),
        )

    def test_store_and_room_stand_on_every_line(self):
        booking = self.make_paid(amount=76)
        self.charge(booking, 12.5, "goods")
        booking._pay("demo")
        self.end_use(booking)

        expected = {
            str(self.store.analytic_account_id.id),
            str(self.room.analytic_account_id.id),
        }
        for line in booking.invoice_ids.invoice_line_ids:
            accounts = next(iter(line.analytic_distribution)).split(",")
            self.assertEqual(set(accounts), expected)

    def test_every_cent_agrees_with_odd_amounts(self):
        cases = (
            (112.5, -5.63, -16.03),
            (0.01, 0.02, 0.03),
            (33.33, 33.33, 33.34),
            (65.25, 19.0, -84.25),
            (1234.56, 0.99, -0.05),
            (19.99, 19.99, 19.99, 19.99, 19.99, 19.99, 19.99),
        )
        for rounding in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = rounding
            for number, amounts in enumerate(cases):
                with self.subTest(rounding=rounding, amounts=amounts):
                    start = self.start.replace(hour=0, minute=0)
                    start = start.replace(hour=3 * number)
                    booking = self.make_booking(
                        amount=0,
                        hours=1,
                        start=start,
                        room=self.room if "line" in rounding else self.room_2,
                    )
                    for amount in amounts:
                        kind = "discount" if amount < 0 else "base"
                        self.charge(booking, amount, kind)
                    total = round(sum(amounts), 2)
                    if total:
                        tx, _params = booking._pay("demo")
                        self.assertEqual(tx.amount, total)
                    booking._try_confirm()
                    self.end_use(booking)

                    bill = booking._bill_values()
                    self.assertEqual(bill["amount_total"], f"{total:.2f}")
                    self.assertEqual(bill["amount_paid"], f"{total:.2f}")
                    self.assertEqual(booking.invoice_ids.amount_total, total)
                    self.assert_closed(booking)

    def test_settling_again_changes_nothing(self):
        booking = self.make_ended()

        booking._settle()
        booking._on_use_ended()

        self.assertEqual(len(booking.invoice_ids), 1)

    @mute_logger(LOGGER)
    def test_failing_settlement_never_stops_the_end_of_use(self):
        booking = self.make_paid()
        with patch.object(
            type(booking), "_invoice_values", side_effect=UserError("no books")
        ):
            self.end_use(booking)

        self.assertEqual(booking.state, "completed")
        self.assertEqual(booking.settlement_state, "open")
        self.assertFalse(booking.invoice_ids)
        self.assertIn("no books", booking.settle_error)

        with self.enter_registry_test_mode():
            self.env.ref("teahouse_billing.cron_settle").method_direct_trigger()

        self.assertFalse(booking.settle_error)
        self.assert_closed(booking)

    @mute_logger(LOGGER)
    def test_tax_that_is_not_in_the_price_is_found_out(self):
        tax = self.env["account.tax"].create(
            {
                "name": "on top",
                "amount": 6,
                "type_tax_use": "sale",
                "price_include_override": "tax_excluded",
            }
        )
        self.company.write(
            {"teahouse_tax_id": tax.id, "teahouse_accounting_ready": True}
        )

        booking = self.make_ended()

        self.assertEqual(booking.settlement_state, "open")
        self.assertFalse(booking.invoice_ids)

    def test_a_stay_that_goes_on_is_not_settled(self):
        with self.assert_code("invalid_state"):
            self.make_paid()._settle()

    def test_deposit_is_given_back_but_for_what_the_stay_cost(self):
        booking = self.make_booking(amount=0)
        self.charge(booking, 200, "deposit")
        booking._pay("demo")
        self.charge(booking, 76, "base")
        self.end_use(booking)

        self.assertEqual(booking.amount_total, 76)
        self.assertEqual(booking.amount_paid, 76)
        self.assertEqual(booking.amount_refunded, 124)
        self.assertEqual(booking.invoice_ids.amount_total, 76)
        self.assert_closed(booking)

    def test_what_is_missing_is_due_and_bars_new_bookings(self):
        booking = self.make_paid(amount=76)
        self.charge(booking, 65.25, "overtime")
        self.end_use(booking)

        self.assertEqual(booking.amount_due, 65.25)
        self.assertEqual(booking.payment_state, "unpaid")
        self.assertEqual(self.receivable(booking), 65.25)
        self.assertEqual(booking._money_differences(), [])
        with self.assert_code("payment_due"):
            booking._check_nothing_due(self.member)
        booking._check_nothing_due(self.member_2)

        booking._pay("demo")

        booking._check_nothing_due(self.member)
        self.assertEqual(booking.payment_state, "paid")
        self.assert_closed(booking)

    def test_due_is_covered_by_what_upper_addons_offer(self):
        booking = self.make_paid(amount=76)
        self.charge(booking, 65.25, "overtime")
        model = self.registry["teahouse.booking"]
        with patch.object(model, "_due_cover_methods", lambda _booking: [("demo", 60)]):
            self.end_use(booking)

        self.assertEqual(booking.amount_due, 5.25)
        self.assertEqual(self.receivable(booking), 5.25)
        self.assertEqual(booking._money_differences(), [])

    def test_discounts_come_off_before_anybody_pays(self):
        booking = self.make_booking(amount=112.5)
        values = [
            {"name": "Tier", "amount": -5.63, "unit_price": -5.63},
            {"name": "Coupon", "amount": -16.03, "unit_price": -16.03},
        ]
        model = self.registry["teahouse.booking"]
        with patch.object(model, "_discount_lines", lambda _booking: values):
            booking._on_held()
            booking._on_held()

        self.assertEqual(booking.amount_due, 90.84)
        booking._pay("demo")
        self.end_use(booking)
        self.assertEqual(booking.invoice_ids.amount_total, 90.84)
        self.assert_closed(booking)

    def test_invoiced_charges_stay_as_they_are(self):
        booking = self.make_ended()

        with self.assertRaises(UserError):
            booking.charge_line_ids.write({"amount": 1})

    def test_bill_lists_charges_payments_and_invoice(self):
        booking = self.make_ended(amount=76)

        bill = booking._bill_values()

        self.assertEqual([line["amount"] for line in bill["lines"]], ["76.00"])
        self.assertEqual([entry["amount"] for entry in bill["payments"]], ["76.00"])
        self.assertEqual(bill["invoice"]["amount"], "76.00")
        self.assertEqual(bill["amount_due"], "0.00")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "teahouse_billing.report_bill", booking.ids
        )
        self.assertIn("76.00", html.decode())


@tagged("post_install", "-at_install", "teahouse_money")
class TestAdjustment(MoneyCommon):
    def wizard(self, booking, user, **values):
        wizards = self.env["teahouse.adjust.wizard"].with_user(user)
        return wizards.create({"booking_id": booking.id, "reason": "noise", **values})

    def test_reduction_after_settlement_is_credited_and_refunded(self):
        booking = self.make_ended(amount=76)

        self.wizard(booking, self.user_manager, amount=20).action_apply()

        self.assertEqual(booking.amount_total, 56)
        self.assertEqual(booking.amount_refunded, 20)
        credit = booking.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual(credit.amount_total, 20)
        self.assertEqual(booking._money_differences(), [])

    def test_waiving_what_is_due(self):
        booking = self.make_paid(amount=76)
        self.charge(booking, 15, "overtime")
        self.end_use(booking)

        self.wizard(booking, self.user_manager, action="waive").action_apply()

        self.assertEqual(booking.amount_due, 0)
        self.assertEqual(self.receivable(booking), 0)

    def test_manager_has_a_limit_accountant_none(self):
        booking = self.make_ended(amount=900)
        self.company.teahouse_reduction_limit = 100

        with self.assertRaises(AccessError):
            self.wizard(booking, self.user_manager, amount=101).action_apply()
        self.wizard(booking, self.user_accountant, amount=101).action_apply()

        self.assertEqual(booking.amount_total, 799)

    def test_limit_counts_all_reductions_of_a_bill(self):
        booking = self.make_ended(amount=900)
        self.company.teahouse_reduction_limit = 100
        self.wizard(booking, self.user_manager, amount=60).action_apply()

        with self.assertRaises(AccessError):
            self.wizard(booking, self.user_manager, amount=41).action_apply()
        self.wizard(booking, self.user_manager, amount=40).action_apply()

        self.assertEqual(booking.amount_total, 800)

    def test_no_reduction_below_nothing(self):
        booking = self.make_ended(amount=50)

        with self.assertRaises(UserError):
            self.wizard(booking, self.user_manager, amount=50.01).action_apply()

    def test_staff_adjust_nothing(self):
        booking = self.make_ended()

        with self.assertRaises(AccessError):
            self.wizard(booking, self.user_staff, amount=1)

    def test_settling_by_hand(self):
        booking = self.make_paid()
        booking.write({"state": "completed", "ended_at": booking.end})

        with self.assertRaises(AccessError):
            booking.with_user(self.user_technician).action_settle()
        booking.with_user(self.user_staff).action_settle()

        self.assertEqual(booking.settlement_state, "settled")


@tagged("post_install", "-at_install", "teahouse_money")
class TestMoneyCheck(MoneyCommon):
    def test_differences_are_noted_once_and_closed_again(self):
        booking = self.make_ended()
        checks = self.env["teahouse.money.check"]
        booking.charge_line_ids.move_line_ids.write({"teahouse_charge_line_id": False})
        self.charge(booking, 10, "adjustment")

        checks._cron_check()
        checks._cron_check()

        found = checks.search([("booking_id", "=", booking.id)])
        self.assertEqual(sorted(found.mapped("kind")), ["not_invoiced", "receivable"])
        booking.charge_line_ids.filtered(lambda line: line.kind == "adjustment")._void(
            "test"
        )
        checks._cron_check()
        self.assertEqual(set(found.mapped("state")), {"solved"})

    def test_what_agrees_is_not_noted(self):
        booking = self.make_ended()

        self.env["teahouse.money.check"]._cron_check()

        self.assertFalse(
            self.env["teahouse.money.check"].search([("booking_id", "=", booking.id)])
        )


@tagged("post_install", "-at_install", "teahouse_money")
class TestCounter(MoneyCommon):
    def register(self, booking, user=None, **values):
        wizards = self.env["teahouse.counter.payment.wizard"]
        wizards = wizards.with_user(user or self.user_staff)
        journal = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "cash")], limit=1
        )
        wizard = wizards.create(
            {"booking_id": booking.id, "journal": str(journal.id), **values}
        )
        wizard.action_apply()
        return wizard

    def test_cash_confirms_and_settles(self):
        booking = self.make_booking(amount=76)

        wizard = self.register(booking)

        self.assertEqual((wizard.direction, wizard.amount), ("take", 76))
        self.assertEqual((booking.state, booking.payment_state), ("confirmed", "paid"))
        self.end_use(booking)
        self.assertEqual(booking.settlement_state, "settled")
        self.assertEqual(self.receivable(booking), 0)
        self.assertEqual(booking._money_differences(), [])

    def test_cash_is_given_back_by_staff(self):
        booking = self.make_booking(amount=76)
        self.register(booking)

        booking._cancel("store")
        self.assertEqual(booking.amount_surplus, 76)
        self.assertEqual(booking._money_differences()[0][0], "surplus")
        wizard = self.register(booking)

        self.assertEqual((wizard.direction, wizard.amount), ("give", 76))
        self.assertEqual(booking.amount_surplus, 0)
        bill = booking._bill_values()["payments"]
        self.assertEqual(
            [(entry["method"], entry["amount"]) for entry in bill],
            [("cash", "76.00"), ("cash", "-76.00")],
        )
        self.assertEqual(booking.payment_state, "refunded")
        self.assertEqual(self.receivable(booking), 0)

    def test_not_more_than_is_due(self):
        booking = self.make_booking(amount=76)

        with self.assertRaises(UserError):
            self.register(booking, amount=76.01)
        with self.assertRaises(UserError):
            self.register(booking, amount=1, direction="give")
        with self.assertRaises(AccessError):
            self.register(booking, user=self.user_cleaner)

        self.assertEqual(booking.amount_paid, 0)

    def test_only_money_is_taken_at_the_counter(self):
        journals = self.env["account.journal"]
        cash = journals.search(
            [("company_id", "=", self.company.id), ("type", "=", "cash")], limit=1
        )
        liability = self.env["account.account"].search(
            [
                ("company_ids", "in", self.company.ids),
                ("account_type", "=", "liability_current"),
            ],
            limit=1,
        )
        balances = journals.create(
            {
                "name": "Balances",
                "code": "TBX",
                "type": "bank",
                "company_id": self.company.id,
                "default_account_id": liability.id,
            }
        )
        wizards = self.env["teahouse.counter.payment.wizard"]
        self.assertIn(cash, wizards._journals())
        self.assertNotIn(balances, wizards._journals())

        # Beside a bank of the company's own, that of a provider is not for staff.
        gateway = self.provider.journal_id
        bank = gateway.copy({"name": "House bank", "code": "THB"})
        self.assertIn(bank, wizards._journals())
        self.assertNotIn(gateway, wizards._journals())
        others = wizards._journals().filtered(
            lambda journal: (
                journal.type == "bank" and journal.company_id == self.company
            )
        )
        others.active = False
        self.assertIn(gateway, wizards._journals())
