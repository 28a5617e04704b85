from odoo import models

from ..tools.tables import MONEY, NUMBER, TEXT
from .teahouse_report_wizard import OWNERS


class TeahouseReportWizard(models.TransientModel):
    """The cash-up: what came in and went out each day by each method, and counts."""

    _inherit = "teahouse.report.wizard"

    def _tables_cashup(self):
        tables = [self._cashup_methods(), self._cashup_days()]
        # What is sold by the company, not by a store, is not for its managers.
        if not self.store_ids and self.env.user.has_groups(OWNERS):
            tables.append(self._cashup_others())
        return [*tables, self._cashup_counts()]

    def _cashup_domain(self):
        # By name: a manager's report is of his stores, an owner's may be of all.
        return [
            ("store_id", "in", self._stores().ids),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]

    def _cashup_receipts(self, groupby):
        """Return groups of money moved: their values, count, paid, given back, net."""
        return (
            self.env["teahouse.receipt.line"]
            .sudo()
            ._read_group(
                self._cashup_domain(),
                groupby,
                ["__count", "paid:sum", "refunded:sum", "net:sum"],
            )
        )

    def _money_columns(self):
        return [
            (self.env._("Movements"), NUMBER),
            (self.env._("Paid"), MONEY),
            (self.env._("Given back"), MONEY),
            (self.env._("Net"), MONEY),
        ]

    def _cashup_methods(self):
        model = "teahouse.receipt.line"
        return self._grid(
            self.env._("By method"),
            [(self.env._("Method"), TEXT), *self._money_columns()],
            [
                (self._label(model, "method", method), *sums)
                for method, *sums in self._cashup_receipts(["method"])
            ],
        )

    def _cashup_days(self):
        model = "teahouse.receipt.line"
        groups = self._cashup_receipts(["date:day", "store_id", "method"])
        return self._grid(
            self.env._("By day and method"),
            [
                (self.env._("Day"), TEXT),
                (self.env._("Store"), TEXT),
                (self.env._("Method"), TEXT),
                *self._money_columns(),
            ],
            [
                (
                    str(day),
                    self._label("", "", store),
                    self._label(model, "method", method),
                    *sums,
                )
                for day, store, method, *sums in groups
            ],
            note=self.env._("On the day it was paid, of all stays of the stores."),
        )

    def _cashup_others(self):
        """What was paid online for no stay: top-ups and the like of upper addons."""
        txs_sudo = self.env["payment.transaction"].sudo()
        found = txs_sudo.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "done"),
                ("teahouse_method", "!=", False),
                ("teahouse_booking_id", "=", False),
                ("payment_id.date", ">=", self.date_from),
                ("payment_id.date", "<=", self.date_to),
            ]
        )
        sums = {}
        for tx_sudo in found:
            key = str(tx_sudo.payment_id.date), tx_sudo.teahouse_method
            row = sums.setdefault(key, [0, 0.0, 0.0, 0.0])
            refund = tx_sudo.operation == "refund"
            row[0] += 1
            row[2 if refund else 1] += abs(tx_sudo.amount)
            row[3] += tx_sudo.amount
        return self._grid(
            self.env._("Paid for no stay"),
            [
                (self.env._("Day"), TEXT),
                (self.env._("Method"), TEXT),
                *self._money_columns(),
            ],
            [
                (day, self._label("teahouse.receipt.line", "method", method), *row)
                for (day, method), row in sorted(sums.items())
            ],
            note=self.env._("Top-ups, cards and the like, of all stores."),
        )

    def _cashup_counts(self):
        lines = (
            self.env["teahouse.till.line"]
            .sudo()
            .search(self._cashup_domain(), order="date, till_id, id")
        )
        states = dict(
            self.env["teahouse.till"]._fields["state"]._description_selection(self.env)
        )
        return self._grid(
            self.env._("Counted at the counter"),
            [
                (self.env._("Till"), TEXT),
                (self.env._("State"), TEXT),
                (self.env._("Closed by"), TEXT),
                (self.env._("Method"), TEXT),
                (self.env._("At opening"), MONEY),
                (self.env._("Taken"), MONEY),
                (self.env._("Given back"), MONEY),
                (self.env._("Put in or out"), MONEY),
                (self.env._("Expected"), MONEY),
                (self.env._("Counted"), MONEY),
                (self.env._("Difference"), MONEY),
                (self.env._("Reason"), TEXT),
            ],
            [
                (
                    line.till_id.name,
                    states[line.state],
                    line.till_id.closed_by_id.name or "",
                    line.method,
                    line.opening,
                    line.taken,
                    line.given,
                    line.moved,
                    line.expected,
                    line.counted if line.is_counted else None,
                    line.difference if line.is_counted else None,
                    line.reason or "",
                )
                for line in lines
            ],
        )
