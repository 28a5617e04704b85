from datetime import datetime, time, timedelta

from odoo import models
from odoo.fields import Domain

from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

from ..tools.tables import MONEY, NUMBER, TEXT

#: Columns of the list of stays, and the kinds of charges that each of them sums.
GROUPS = {
    "stay": ("base", "extension"),
    "overtime": ("overtime",),
    "goods": ("goods",),
    "fee": ("fee",),
    "reduction": ("discount", "adjustment"),
}


class TeahouseReportWizard(models.TransientModel):
    """Statements: what stays cost, what was paid, what is due."""

    _inherit = "teahouse.report.wizard"

    # === OF STORES AND A PERIOD === #

    def _tables_statement(self):
        bookings = self._settled_stays()
        return [
            self._statement_summary(bookings),
            self._statement_kinds(bookings),
            self._statement_methods(),
            self._statement_stays(bookings),
            self._statement_adjustments(bookings),
        ]

    def _settled_stays(self):
        """Return the stays (sudo) settled in the period, by each store's own clock."""
        stores = self._stores()
        settled = Domain.OR(
            Domain("store_id", "in", same.ids)
            & Domain("settled_at", ">=", self._midnight(same[:1], self.date_from))
            & Domain(
                "settled_at",
                "<",
                self._midnight(same[:1], self.date_to + timedelta(days=1)),
            )
            for same in stores.grouped("tz").values()
        )
        bookings = self.env["teahouse.booking"].sudo()
        domain = settled & Domain("settlement_state", "=", "settled")
        return bookings.search(
            domain & Domain("charge_line_ids", "!=", False), order="settled_at, id"
        )

    def _midnight(self, store, day):
        """Return when a day begins in a store, naive UTC."""
        local = datetime.combine(day, time(), tzinfo=store._zone())
        return to_utc_naive(local)

    def _statement_summary(self, bookings):
        sums = {
            name: sum(bookings.mapped(name))
            for name in (
                "amount_total",
                "amount_paid",
                "amount_refunded",
                "amount_due",
                "amount_surplus",
            )
        }
        rows = [
            (self.env._("Charged, tax included"), sums["amount_total"]),
            (
                self.env._("Paid before refunds"),
                sums["amount_paid"] + sums["amount_refunded"],
            ),
            (self.env._("Given back"), -sums["amount_refunded"]),
            (self.env._("Still due"), sums["amount_due"]),
            (self.env._("Still to give back"), sums["amount_surplus"]),
        ]
        return self._grid(
            self.env._("Summary"),
            [(self.env._("Item"), TEXT), (self.env._("Amount"), MONEY)],
            rows,
            total=False,
            note=self.env._("%s stays settled in the period.", len(bookings)),
        )

    def _open_charges(self, bookings):
        return bookings.charge_line_ids.filtered(lambda line: line.state == "open")

    def _statement_kinds(self, bookings):
        kinds = self.env["teahouse.charge.line"]._fields["kind"]
        lines = self._open_charges(bookings).grouped("kind")
        rows = [
            (
                label,
                len(lines[kind]),
                sum(lines[kind].mapped("minutes")),
                sum(lines[kind].mapped("amount")),
            )
            for kind, label in kinds._description_selection(self.env)
            if kind in lines
        ]
        return self._grid(
            self.env._("By kind of charge"),
            [
                (self.env._("Charge"), TEXT),
                (self.env._("Lines"), NUMBER),
                (self.env._("Minutes"), NUMBER),
                (self.env._("Amount"), MONEY),
            ],
            rows,
        )

    def _statement_methods(self):
        model = self.env["teahouse.receipt.line"].sudo()
        groups = model._read_group(
            [
                ("store_id", "in", self._stores().ids),
                ("date", ">=", self.date_from),
                ("date", "<=", self.date_to),
            ],
            ["method"],
            ["__count", "paid:sum", "refunded:sum", "net:sum"],
        )
        names = dict(model._fields["method"]._description_selection(self.env))
        return self._grid(
            self.env._("Money moved in the period"),
            [
                (self.env._("Method"), TEXT),
                (self.env._("Movements"), NUMBER),
                (self.env._("Paid"), MONEY),
                (self.env._("Given back"), MONEY),
                (self.env._("Net"), MONEY),
            ],
            [(names.get(method, method), *sums) for method, *sums in groups],
            note=self.env._("Of all stays of the stores, settled or not."),
        )

    def _statement_stays(self, bookings):
        rows = []
        for booking in bookings:
            lines = self._open_charges(booking)
            parts = [
                sum(line.amount for line in lines if line.kind in kinds)
                for kinds in GROUPS.values()
            ]
            rows.append(
                (
                    *self._stay(booking),
                    *parts,
                    booking.amount_total,
                    booking.amount_paid,
                    booking.amount_due,
                )
            )
        return self._grid(
            self.env._("Stays"),
            [
                *self._stay_columns(),
                (self.env._("Stay"), MONEY),
                (self.env._("Overtime"), MONEY),
                (self.env._("Goods"), MONEY),
                (self.env._("Fees"), MONEY),
                (self.env._("Reductions"), MONEY),
                (self.env._("Total"), MONEY),
                (self.env._("Paid"), MONEY),
                (self.env._("Due"), MONEY),
            ],
            rows,
        )

    def _statement_adjustments(self, bookings):
        lines = self._open_charges(bookings).filtered(
            lambda line: line.kind == "adjustment"
        )
        return self._grid(
            self.env._("Adjustments"),
            [
                (self.env._("Booking"), TEXT),
                (self.env._("By"), TEXT),
                (self.env._("Reason"), TEXT),
                (self.env._("Amount"), MONEY),
            ],
            [
                (
                    line.booking_id.ref,
                    line.create_uid.name,
                    line.reason or line.name,
                    line.amount,
                )
                for line in lines
            ],
        )

    # === OF ONE STAY === #

    def _tables_booking(self):
        booking = self.booking_id.sudo()
        return [
            self._booking_charges(booking),
            self._booking_payments(booking),
            self._booking_documents(booking),
            self._booking_sums(booking),
        ]

    def _booking_charges(self, booking):
        states = dict(
            self.env["teahouse.charge.line"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        return self._grid(
            self.env._("Charges"),
            [
                (self.env._("Charge"), TEXT),
                (self.env._("State"), TEXT),
                (self.env._("Reason"), TEXT),
                (self.env._("Minutes"), NUMBER),
                (self.env._("Amount"), MONEY),
            ],
            [
                (
                    line.name,
                    states[line.state],
                    line.reason or "",
                    line.minutes or None,
                    line.amount if line.state != "void" else 0.0,
                )
                for line in booking.charge_line_ids
            ],
        )

    def _booking_payments(self, booking):
        model = self.env["teahouse.receipt.line"].sudo()
        names = dict(model._fields["method"]._description_selection(self.env))
        return self._grid(
            self.env._("Payments"),
            [
                (self.env._("Day"), TEXT),
                (self.env._("Method"), TEXT),
                (self.env._("Reference"), TEXT),
                (self.env._("Amount"), MONEY),
            ],
            [
                (
                    str(line.date),
                    names.get(line.method, line.method),
                    line.transaction_id.reference or line.payment_id.name or "",
                    line.net,
                )
                for line in model.search([("booking_id", "=", booking.id)], order="id")
            ],
        )

    def _booking_documents(self, booking):
        return self._grid(
            self.env._("Invoices"),
            [
                (self.env._("Number"), TEXT),
                (self.env._("Day"), TEXT),
                (self.env._("Tax"), MONEY),
                (self.env._("Amount"), MONEY),
            ],
            [
                (
                    move.name,
                    str(move.invoice_date),
                    move.amount_tax_signed,
                    move.amount_total_signed,
                )
                for move in booking._posted_invoices().sorted("id")
            ],
        )

    def _booking_sums(self, booking):
        return self._grid(
            self.env._("Summary"),
            [(self.env._("Item"), TEXT), (self.env._("Amount"), MONEY)],
            [
                (self.env._("Charged, tax included"), booking.amount_total),
                (self.env._("Paid, less refunds"), booking.amount_paid),
                (self.env._("Still due"), booking.amount_due),
                (self.env._("Still to give back"), booking.amount_surplus),
            ],
            total=False,
        )
