from datetime import timedelta

from odoo import api, fields, models


class TeahouseMoneyCheck(models.Model):
    """What does not agree between bookings, payments and books, found once a day."""

    _name = "teahouse.money.check"
    _description = "Money that does not agree"
    _order = "id desc"
    _rec_name = "detail"

    booking_id = fields.Many2one(
        "teahouse.booking", readonly=True, index=True, ondelete="cascade"
    )
    statement_line_id = fields.Many2one(
        "teahouse.provider.statement.line",
        string="Line of a statement",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    statement_id = fields.Many2one(
        "teahouse.provider.statement",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True
    )
    store_id = fields.Many2one(related="booking_id.store_id", store=True)
    kind = fields.Selection(
        [
            ("not_settled", "Ended, not settled"),
            ("not_invoiced", "Settled, invoice differs"),
            ("receivable", "Settled, receivable not zero"),
            ("payment_missing", "Paid, not in the books"),
            ("surplus", "Paid too much, not given back"),
            ("refund_failed", "Refund failed"),
            ("statement", "Provider's statement differs"),
            ("statement_failed", "Provider's statement not received"),
        ],
        required=True,
        readonly=True,
    )
    detail = fields.Char(readonly=True)
    date = fields.Date(required=True, readonly=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("open", "Open"), ("solved", "Solved")], default="open", required=True
    )

    _open_unique = models.UniqueIndex(
        "(booking_id, kind) WHERE state = 'open'", "This is noted already."
    )

    @api.depends("booking_id.company_id", "statement_id.company_id")
    def _compute_company_id(self):
        for check in self:
            owner = check.booking_id or check.statement_id
            check.company_id = owner.company_id

    @api.model
    def _cron_check(self, days=40):
        """Compare the money of recent bookings and note every difference.

        What agrees again is closed.

        :param int days: how far back to look, by the start of the stay
        """
        since = fields.Datetime.now() - timedelta(days=days)
        bookings = self.env["teahouse.booking"].search(
            [("start", ">=", since), ("charge_line_ids", "!=", False)]
        )
        found = {}
        for booking in bookings:
            for kind, detail in booking._money_differences():
                found["booking_id", booking.id, kind] = {"detail": detail}
        found |= self._statement_differences(since)
        noted = {check._key(): check for check in self.search([("state", "=", "open")])}
        for key, check in noted.items():
            if key not in found:
                check.state = "solved"
        self.create(
            [
                {name: record_id, "kind": kind, **values}
                for (name, record_id, kind), values in found.items()
                if (name, record_id, kind) not in noted
            ]
        )

    def _key(self):
        self.ensure_one()
        for name in ("booking_id", "statement_line_id"):
            if self[name]:
                return name, self[name].id, self.kind
        return "statement_id", self.statement_id.id, self.kind

    @api.model
    def _statement_differences(self, since):
        """Return what providers' statements say otherwise, see `_cron_check`."""
        found = {}
        lines = self.env["teahouse.provider.statement.line"].search(
            [("date", ">=", since.date()), ("state", "!=", "matched")]
        )
        for line in lines:
            found["statement_line_id", line.id, "statement"] = {
                "statement_id": line.statement_id.id,
                "detail": f"{line.reference}: {line.why}",
            }
        failed = self.env["teahouse.provider.statement"].search(
            [("date", ">=", since.date()), ("state", "=", "failed")]
        )
        for statement in failed:
            found["statement_id", statement.id, "statement_failed"] = {
                "detail": f"{statement.provider_id.name} {statement.date}: "
                f"{statement.problem or ''}"
            }
        return found

    def action_solved(self):
        """Close notes by hand."""
        self.write({"state": "solved"})


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _money_differences(self):
        """Return what does not agree: pairs of a kind and a text for staff."""
        self.ensure_one()
        currency = self.currency_id
        found = []
        for tx in self.transaction_ids:
            if tx.state == "error" and tx.operation == "refund":
                found.append(("refund_failed", tx.reference))
            elif tx.state == "done" and not tx.payment_id:
                found.append(("payment_missing", tx.reference))
        if self.amount_surplus > 0:
            found.append(("surplus", currency.format(self.amount_surplus)))
        if self.settlement_state != "settled":
            late = fields.Datetime.now() - timedelta(hours=1)
            if self.state == "completed" and self.ended_at and self.ended_at < late:
                found.append(("not_settled", self.settle_error or self.ref))
            return found
        invoiced = sum(self._posted_invoices().mapped("amount_total_signed"))
        if currency.compare_amounts(invoiced, self.amount_total):
            found.append(("not_invoiced", currency.format(invoiced)))
        open_amount = sum(self._receivable_lines().mapped("amount_residual"))
        if currency.compare_amounts(open_amount, self.amount_due - self.amount_surplus):
            found.append(("receivable", currency.format(open_amount)))
        return found
