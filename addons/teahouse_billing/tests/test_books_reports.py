"""Reports say what the ledger says, to the cent."""

import io
import zipfile
from datetime import timedelta
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import config

from ..tools.tables import MONEY, NUMBER, TEXT, Table, to_xlsx
from .money_common import MoneyCommon


class BooksCommon(MoneyCommon):
    """Stays with goods, an adjustment, a refund, cash, an advance and expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._teahouse_setup_accounting()
        cls.today = fields.Date.context_today(cls.store)
        cls.category = cls.env["teahouse.expense.category"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.cash = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "cash")], limit=1
        )

    @classmethod
    def make_expense(cls, amount=100.0, store=None, **values):
        """Enter an expense of a store."""
        return cls.env["teahouse.expense"].create(
            {
                "store_id": (store or cls.store).id,
                "category_id": cls.category.id,
                "amount": amount,
                "date": cls.today,
                **values,
            }
        )

    @classmethod
    def make_business(cls):
        """Make a little of everything that moves money."""
        cls.ended = cls.make_ended(125.40)
        cls.adjusted = cls.make_ended(76.0, room=cls.room_2)
        cls.adjusted._adjust(-10.01, "warm tea")
        cls.far = cls.make_ended(
            57.0, room=cls.other_room, member=cls.member_2, source="platform"
        )
        cls.advance = cls.make_paid(90.0, start=cls.start + timedelta(days=1))
        cls.owing = cls.make_booking(60.0, start=cls.start + timedelta(days=2))
        cls.owing._register_counter(cls.cash, 40.0)
        cls.owing.action_confirm()
        cls.end_use(cls.owing)
        cls.split = cls.make_booking(106.0, start=cls.start + timedelta(days=3))
        cls.split._register_counter(cls.cash, 76.0)
        cls.split._pay("demo", "page")
        cls.end_use(cls.split)
        cls.make_expense(33.33)._post()
        cls.make_expense(20.0, room_id=cls.room.id)._post()
        cls.make_expense(11.11, store=cls.other_store)._post()

    def ledger(self, *types):
        """Return the balance of accounts of these types straight from the books."""
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "in", types),
            ]
        )
        return round(sum(lines.mapped("balance")), 2)

    def summed(self, model, field, domain=()):
        """Return the sum of a field of a report."""
        [(amount,)] = self.env[model]._read_group(
            [("company_id", "=", self.company.id), *domain], [], [f"{field}:sum"]
        )
        return round(amount or 0, 2)


class BusinessCommon(BooksCommon):
    """The same, made once for all tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with patch.dict(config.options, {"teahouse_allow_demo_payment": "True"}):
            cls.make_business()


@tagged("post_install", "-at_install", "teahouse_books")
class TestFinanceModels(BusinessCommon):
    def test_income_and_expenses_are_those_of_the_ledger(self):
        income = -self.ledger("income", "income_other")
        expense = self.ledger(
            "expense", "expense_other", "expense_direct_cost", "expense_depreciation"
        )
        model = "teahouse.ledger.line"
        self.assertEqual(self.summed(model, "income"), income)
        self.assertEqual(self.summed(model, "expense"), expense)
        self.assertEqual(self.summed(model, "profit"), round(income - expense, 2))
        by_store = self.env[model]._read_group(
            [("company_id", "=", self.company.id)], ["store_id"], ["profit:sum"]
        )
        self.assertEqual(
            round(sum(profit for _store, profit in by_store), 2),
            round(income - expense, 2),
        )

    def test_every_line_of_a_stay_has_its_store_and_room(self):
        for booking in (self.ended, self.adjusted, self.far):
            rows = self.env["teahouse.ledger.line"].search(
                [("booking_id", "=", booking.id)]
            )
            self.assertTrue(rows)
            self.assertEqual(rows.store_id, booking.store_id)
            self.assertEqual(rows.room_id, booking.room_id)
            self.assertEqual(set(rows.mapped("source")), {booking.source})
        adjusted = self.env["teahouse.ledger.line"].search(
            [("booking_id", "=", self.adjusted.id), ("section", "=", "refund")]
        )
        self.assertLess(sum(adjusted.mapped("income")), 0)

    def test_an_entry_is_parted_by_its_distribution(self):
        accounts = [
            store._analytic_account() for store in (self.store, self.other_store)
        ]
        move = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.company.partner_id.id,
                "invoice_date": self.today,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Insurance",
                            "quantity": 1,
                            "price_unit": 100,
                            "tax_ids": [],
                            "account_id": self.category.account_id.id,
                            "analytic_distribution": {
                                str(accounts[0].id): 60,
                                str(accounts[1].id): 25,
                            },
                        }
                    )
                ],
            }
        )
        move.action_post()
        rows = self.env["teahouse.ledger.line"].search([("move_id", "=", move.id)])
        self.assertEqual(
            {row.store_id: row.expense for row in rows},
            {
                self.store: 60.0,
                self.other_store: 25.0,
                self.env["teahouse.store"]: 15.0,
            },
        )

    def test_payments_are_those_of_the_guests_accounts(self):
        every = self.ended | self.adjusted | self.far | self.advance | self.owing
        domain = [("booking_id", "in", every.ids)]
        lines = every._payment_moves().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(
            self.summed("teahouse.receipt.line", "net", domain),
            -round(sum(lines.mapped("balance")), 2),
        )
        methods = self.env["teahouse.receipt.line"]._read_group(
            domain, ["method"], ["paid:sum", "refunded:sum"]
        )
        self.assertEqual(
            {method: (paid, back) for method, paid, back in methods},
            {"demo": (348.40, 10.01), "cash": (40.0, 0.0)},
        )

    def test_what_is_held_and_owed_stands_in_the_books(self):
        held = dict(
            self.env["teahouse.guest.account"]._read_group(
                [("company_id", "=", self.company.id)], ["booking_id"], ["amount:sum"]
            )
        )
        expected = {
            self.ended: 0.0,
            self.adjusted: 0.0,
            self.far: 0.0,
            self.advance: 90.0,
            self.owing: -20.0,
        }
        for booking, amount in expected.items():
            self.assertAlmostEqual(held[booking], amount, msg=booking.ref)

    def test_rooms_goods_and_fees_have_their_accounts(self):
        booking = self.make_paid(76.0, start=self.start + timedelta(days=5))
        self.charge(booking, 30.0, "goods")
        self.charge(booking, 12.0, "overtime")
        booking._register_counter(self.cash, 42.0)
        self.end_use(booking)
        lines = booking.invoice_ids.invoice_line_ids
        company = self.company
        self.assertEqual(
            {line.teahouse_charge_line_id.kind: line.account_id for line in lines},
            {
                "base": company.teahouse_stay_account_id,
                "goods": company.teahouse_goods_account_id,
                "overtime": company.teahouse_fee_account_id,
            },
        )
        self.assertEqual(booking.invoice_ids.journal_id, company.teahouse_journal_id)
        distribution = self.room._analytic_distribution()
        self.assertEqual(
            [line.analytic_distribution for line in lines], [distribution] * 3
        )


@tagged("post_install", "-at_install", "teahouse_books")
class TestReportWizard(BusinessCommon, HttpCase):
    def wizard(self, kind="finance", user=None, **values):
        wizards = self.env["teahouse.report.wizard"].with_user(
            user or self.user_accountant
        )
        return wizards.create({"kind": kind, "date_to": self.today, **values})

    def tables(self, wizard):
        return {table.title: table for table in wizard._tables()}

    def test_finance_report_agrees_with_the_ledger(self):
        wizard = self.wizard(date_from=self.today - timedelta(days=3650))
        wizard.date_to = self.today + timedelta(days=30)
        tables = self.tables(wizard)
        overview = dict(tables["Overview"].rows)
        income = -self.ledger("income", "income_other")
        self.assertAlmostEqual(
            overview["Income, without tax"]
            + overview["Income given back by credit notes"],
            income,
            places=2,
        )
        for title in ("by room", "by channel", "by tariff", "by kind of charge"):
            rows = tables[f"Income {title}"].rows
            self.assertAlmostEqual(sum(row[2] for row in rows), income, places=2)
        held = {row[0]: row[-1] for row in tables["Advances and deposits held"].rows}
        self.assertEqual(held.get(self.advance.ref), 90.0)
        owed = {row[0]: row[-1] for row in tables["Owed by guests"].rows}
        self.assertEqual(owed.get(self.owing.ref), 20.0)
        self.assertIn("Overview", wizard.preview)

    def test_income_is_parted_by_how_it_was_paid(self):
        income = {
            method: round(amount, 2)
            for method, amount in self.env["teahouse.ledger.line"]._read_group(
                [("booking_id", "in", (self.ended | self.owing | self.split).ids)],
                ["method"],
                ["income:sum"],
            )
        }
        # Of 60 that the guest owes 40 were paid in cash; of 106 a part by each way.
        self.assertEqual(
            income,
            {
                "demo": round(125.40 / 1.06 + 30 / 1.06, 2),
                "cash": round(40 / 1.06 + 76 / 1.06, 2),
                False: round(20 / 1.06, 2),
            },
        )
        wizard = self.wizard(date_from=self.today - timedelta(days=2))
        wizard.date_to = self.today + timedelta(days=30)
        rows = self.tables(wizard)["Income by payment method"].rows
        self.assertIn("Not paid", [row[0] for row in rows])
        ids = self.env["teahouse.ledger.line"].search([]).ids
        self.assertEqual(len(ids), len(set(ids)))

    def test_cash_up_by_day_and_method(self):
        since = self.today - timedelta(days=2)
        wizard = self.wizard("cashup", self.user_manager, date_from=since)
        wizard.date_to = self.today + timedelta(days=1)
        tables = self.tables(wizard)
        methods = {row[0]: row[2:] for row in tables["By method"].rows}
        receipts = self.env["teahouse.receipt.line"].search(
            [("store_id", "=", self.store.id)]
        )
        for method, label in (
            ("demo", "Demonstration"),
            ("cash", "Cash at the counter"),
        ):
            found = receipts.filtered(lambda line, m=method: line.method == m)
            sums = [sum(found.mapped(name)) for name in ("paid", "refunded", "net")]
            self.assertEqual([round(s, 2) for s in methods[label]], sums)
        days = tables["By day and method"].rows
        self.assertEqual({row[1] for row in days}, {self.store.name})
        self.assertAlmostEqual(
            sum(row[-1] for row in days), sum(receipts.mapped("net")), places=2
        )
        self.assertIn("By day and method", wizard.preview)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "teahouse_billing.report_tables_pdf", wizard.ids
        )
        self.assertIn(b"Cash at the counter", html)
        load_workbook(io.BytesIO(wizard._xlsx()[0]))

    def test_cash_up_shows_what_is_paid_for_no_stay(self):
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.provider.payment_method_ids[:1].id,
                "reference": "TOPUP1",
                "amount": 200.0,
                "currency_id": self.currency.id,
                "partner_id": self.member.partner_id.id,
                "operation": "online_direct",
                "teahouse_method": "demo",
            }
        )
        tx._set_done()
        tx._post_process()
        title = "Paid for no stay"
        dates = {
            "date_from": self.today - timedelta(days=2),
            "date_to": self.today + timedelta(days=1),
        }
        tables = self.tables(self.wizard("cashup", **dates))
        self.assertEqual(
            [row[1:] for row in tables[title].rows],
            [("Demonstration", 1, 200.0, 0.0, 200.0)],
        )
        for wizard in (
            self.wizard("cashup", self.user_manager, **dates),
            self.wizard("cashup", store_ids=[Command.set(self.store.ids)], **dates),
        ):
            self.assertNotIn(title, self.tables(wizard))

    def test_statement_lists_the_settled_stays_of_the_stores(self):
        wizard = self.wizard("statement", store_ids=[Command.set(self.store.ids)])
        wizard.date_to = self.today + timedelta(days=1)
        tables = self.tables(wizard)
        rows = {row[0]: row for row in tables["Stays"].rows}
        for booking in (self.ended, self.adjusted, self.owing):
            self.assertEqual(rows[booking.ref][-3], booking.amount_total)
        self.assertNotIn(self.far.ref, rows)
        self.assertNotIn(self.advance.ref, rows)
        [adjusted] = tables["Adjustments"].rows
        self.assertEqual(adjusted[2:], ("warm tea", -10.01))

    def test_statement_of_one_stay(self):
        action = self.owing.with_user(self.user_staff).action_statement
        with self.assertRaises(AccessError):
            action()
        action = self.owing.with_user(self.user_accountant).action_statement()
        wizard = self.env["teahouse.report.wizard"].browse(action["res_id"])
        tables = self.tables(wizard.with_user(self.user_accountant))
        self.assertEqual(tables["Payments"].rows[0][-1], 40.0)
        self.assertEqual(tables["Invoices"].rows[0][-1], 60.0)

    def test_managers_see_statements_of_their_stores_only(self):
        wizard = self.wizard("statement", self.user_manager)
        self.assertEqual(wizard._stores(), self.store)
        with self.assertRaises(AccessError):
            wizard.store_ids = self.other_store.sudo()
        finance = self.wizard("finance", self.user_manager)
        with self.assertRaises(AccessError):
            finance._tables()
        for user in (self.user_staff, self.user_cleaner, self.user_technician):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.wizard("statement", user)

    def test_the_workbook_is_sent_to_whom_it_belongs(self):
        wizard = self.wizard(create_uid=self.user_accountant.id)
        url = f"/teahouse_billing/reports/{wizard.id}/xlsx"
        self.user_accountant.password = "Camellia-sinensis-7"
        self.user_manager.password = "Camellia-sinensis-7"
        self.authenticate(self.user_accountant.login, "Camellia-sinensis-7")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        book = load_workbook(io.BytesIO(answer.content))
        self.assertEqual(len(book.worksheets), len(wizard._tables()))
        # The second one: profit by store.
        sheet = book.worksheets[1]
        names = [row[0].value for row in sheet.iter_rows(min_row=6)]
        self.assertIn(self.store.name, names)
        profit = [row[3] for row in sheet.iter_rows(min_row=6)]
        *parts, total = [cell.value for cell in profit]
        # Numbers, which people can go on counting with, and their sum.
        self.assertAlmostEqual(sum(parts), total, places=2)
        self.assertEqual(profit[-1].number_format, "#,##0.00")
        self.authenticate(self.user_manager.login, "Camellia-sinensis-7")
        self.assertEqual(self.url_open(url).status_code, 404)

    def test_the_report_prints(self):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "teahouse_billing.report_tables_pdf", self.wizard().ids
        )
        self.assertIn(b"Profit by store", html)


class TestTables(BaseCase):
    def test_totals_are_of_what_can_be_summed(self):
        columns = [("Store", TEXT), ("Stays", NUMBER), ("Income", MONEY)]
        rows = [("A", 2, 0.1), ("B", 3, 0.2)]
        self.assertEqual(Table("t", columns, rows).totals(), [None, 5, 0.3])
        only = Table("t", columns, rows, summed=(MONEY,))
        self.assertEqual(only.totals(), [None, None, 0.3])
        self.assertIsNone(Table("t", columns, rows[:1]).totals())

    def test_a_workbook_takes_any_title_and_no_formula(self):
        table = Table("a/b:c*" * 9, [("N", TEXT)], [("=1+1",), ("茶",)])
        content = to_xlsx("Report", "2026", [table, table], "Total")
        book = zipfile.ZipFile(io.BytesIO(content))
        self.assertNotIn(b"<f>", book.read("xl/worksheets/sheet1.xml"))
        self.assertIn("xl/worksheets/sheet2.xml", book.namelist())
