from datetime import timedelta

from odoo import models

from ..tools.tables import MONEY, NUMBER, TEXT


class TeahouseReportWizard(models.TransientModel):
    """The finance report: income, expenses, profit, payments, advances."""

    _inherit = "teahouse.report.wizard"

    def _tables_finance(self):
        return [
            self._finance_overview(),
            self._finance_by_store(),
            self._finance_income(self.env._("Income by room"), "room_id"),
            self._finance_income(self.env._("Income by channel"), "source"),
            self._finance_income(self.env._("Income by tariff"), "tariff_id"),
            self._finance_income(self.env._("Income by kind of charge"), "charge_kind"),
            self._finance_income(
                self.env._("Income by payment method"), "method", self.env._("Not paid")
            ),
            self._finance_receipts(self.env._("Payments by method"), "method"),
            self._finance_receipts(self.env._("Payments by store"), "store_id"),
            self._finance_expenses(),
            self._finance_by_day(),
            self._finance_held(),
            self._finance_owed(),
        ]

    # === ROWS OF THE LEDGER === #

    def _ledger_domain(self):
        """Return what of the ledger the report counts."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]
        # With all stores what belongs to none of them counts, too.
        if self.store_ids:
            domain.append(("store_id", "in", self._stores().ids))
        return domain

    def _ledger(self, groupby, aggregates, extra=()):
        model = self.env["teahouse.ledger.line"]
        return model._read_group([*self._ledger_domain(), *extra], groupby, aggregates)

    def _receipts(self, groupby):
        model = self.env["teahouse.receipt.line"]
        return model._read_group(
            self._ledger_domain(), groupby, ["paid:sum", "refunded:sum", "net:sum"]
        )

    def _label(self, model, field, value):
        """Return a group's name as people read it."""
        if not value:
            return self.env._("None")
        if isinstance(value, models.BaseModel):
            value = value.sudo()
            if value._name == "teahouse.room":
                return f"{value.store_id.name} · {value.name}"
            return value.display_name
        options = dict(self.env[model]._fields[field]._description_selection(self.env))
        return options.get(value, value)

    # === TABLES === #

    def _finance_overview(self):
        [(income, expense, profit)] = self._ledger(
            [], ["income:sum", "expense:sum", "profit:sum"]
        )
        [(given,)] = self._ledger([], ["income:sum"], [("section", "=", "refund")])
        [(paid, refunded, net)] = self._receipts([])
        before = self._held_at(self.date_from - timedelta(days=1))
        after = self._held_at(self.date_to)
        rows = [
            (self.env._("Income, without tax"), income - given),
            (self.env._("Income given back by credit notes"), given),
            (self.env._("Expenses, without tax"), -expense),
            (self.env._("Profit"), profit),
            (self.env._("Paid by guests, tax included"), paid),
            (self.env._("Given back to guests"), -refunded),
            (self.env._("Advances and deposits held before"), before[0]),
            (self.env._("Advances and deposits held at the end"), after[0]),
            (self.env._("Owed by guests at the end"), after[1]),
        ]
        return self._grid(
            self.env._("Overview"),
            [(self.env._("Item"), TEXT), (self.env._("Amount"), MONEY)],
            [(name, amount or 0.0) for name, amount in rows],
            total=False,
        )

    def _finance_by_store(self):
        found = self._ledger(["store_id"], ["income:sum", "expense:sum", "profit:sum"])
        rows = [
            (self._label("", "", store), *amounts)
            for store, *amounts in self._by(found)
        ]
        return self._grid(
            self.env._("Profit by store"),
            [
                (self.env._("Store"), TEXT),
                (self.env._("Income"), MONEY),
                (self.env._("Expenses"), MONEY),
                (self.env._("Profit"), MONEY),
            ],
            rows,
        )

    def _by(self, groups):
        """Return groups in the order of their first amount, the largest first."""
        return sorted(groups, key=lambda group: -(group[1] or 0))

    def _finance_income(self, title, field, none=None):
        groups = self._ledger(
            [field],
            ["income:sum", "booking_id:count_distinct"],
            [("section", "!=", "expense")],
        )
        model = self.env["teahouse.ledger.line"]
        heading = model._fields[field]._description_string(self.env)
        rows = [
            (
                (not value and none) or self._label(model._name, field, value),
                stays,
                income,
            )
            for value, income, stays in self._by(groups)
        ]
        return self._grid(
            title,
            [
                (heading, TEXT),
                (self.env._("Stays"), NUMBER),
                (self.env._("Income"), MONEY),
            ],
            rows,
            # A stay may have charges of several kinds, and be paid in several ways:
            # its count is in each of them.
            summed=(MONEY,),
        )

    def _finance_receipts(self, title, field):
        model = "teahouse.receipt.line"
        heading = self.env[model]._fields[field]._description_string(self.env)
        rows = [
            (self._label(model, field, value), *amounts)
            for value, *amounts in self._by(self._receipts([field]))
        ]
        return self._grid(
            title,
            [
                (heading, TEXT),
                (self.env._("Paid"), MONEY),
                (self.env._("Given back"), MONEY),
                (self.env._("Net"), MONEY),
            ],
            rows,
            note=self.env._("As paid, tax included, advances too."),
        )

    def _finance_expenses(self):
        groups = self._ledger(
            ["expense_category_id", "account_id", "store_id"],
            ["expense:sum"],
            [("section", "=", "expense")],
        )
        rows = [
            (
                self._label("", "", store),
                category.sudo().name or account.sudo().display_name,
                amount,
            )
            for category, account, store, amount in groups
        ]
        return self._grid(
            self.env._("Expenses"),
            [
                (self.env._("Store"), TEXT),
                (self.env._("Category"), TEXT),
                (self.env._("Amount"), MONEY),
            ],
            sorted(rows),
        )

    def _finance_by_day(self):
        days = {}
        for day, income, expense in self._ledger(
            ["date:day"], ["income:sum", "expense:sum"]
        ):
            days[day] = [income, expense, 0.0]
        for day, _paid, _refunded, net in self._receipts(["date:day"]):
            days.setdefault(day, [0.0, 0.0, 0.0])[2] = net
        return self._grid(
            self.env._("By day"),
            [
                (self.env._("Day"), TEXT),
                (self.env._("Income"), MONEY),
                (self.env._("Expenses"), MONEY),
                (self.env._("Payments, net"), MONEY),
            ],
            [(str(day), *amounts) for day, amounts in sorted(days.items())],
        )

    # === WHAT IS HELD, AND OWED === #

    def _accounts_at(self, day):
        """Return what the books held for each stay at the end of a day.

        :return: pairs of a booking and an amount, below zero where the guest owes
        """
        domain = [("company_id", "=", self.company_id.id), ("date", "<=", day)]
        if self.kind != "finance" or self.store_ids:
            domain.append(("store_id", "in", self._stores().ids))
        groups = self.env["teahouse.guest.account"]._read_group(
            domain, ["booking_id"], ["amount:sum"]
        )
        currency = self.company_id.currency_id
        return [
            (booking.sudo(), currency.round(amount))
            for booking, amount in groups
            if not currency.is_zero(amount)
        ]

    def _held_at(self, day):
        """Return what is held and what is owed in all at the end of a day."""
        amounts = [amount for _booking, amount in self._accounts_at(day)]
        return (
            sum(amount for amount in amounts if amount > 0),
            -sum(amount for amount in amounts if amount < 0),
        )

    def _finance_held(self):
        rows = []
        for booking, amount in self._accounts_at(self.date_to):
            if amount < 0:
                continue
            deposit = sum(
                line.amount
                for line in booking.charge_line_ids
                if line.kind == "deposit" and line.state == "open"
            )
            deposit = min(amount, deposit)
            rows.append((*self._stay(booking), amount - deposit, deposit, amount))
        return self._grid(
            self.env._("Advances and deposits held"),
            [
                *self._stay_columns(),
                (self.env._("Advance"), MONEY),
                (self.env._("Deposit"), MONEY),
                (self.env._("Held"), MONEY),
            ],
            rows,
            note=self.env._("Of stays that were not invoiced by the last day."),
        )

    def _finance_owed(self):
        return self._grid(
            self.env._("Owed by guests"),
            [*self._stay_columns(), (self.env._("Owed"), MONEY)],
            [
                (*self._stay(booking), -amount)
                for booking, amount in self._accounts_at(self.date_to)
                if amount < 0
            ],
        )

    def _stay_columns(self):
        return [
            (self.env._("Booking"), TEXT),
            (self.env._("Store"), TEXT),
            (self.env._("Room"), TEXT),
            (self.env._("Start"), TEXT),
        ]

    def _stay(self, booking):
        local = booking.store_id._local(booking.start)
        return (
            booking.ref,
            booking.store_id.name,
            booking.room_id.name,
            f"{local:%Y-%m-%d %H:%M}",
        )
