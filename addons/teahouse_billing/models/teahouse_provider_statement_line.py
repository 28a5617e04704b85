from odoo import fields, models

# The provider rounds its fee in its own way.
FEE_TOLERANCE = 0.011


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    teahouse_fee_percent = fields.Float(
        string="Fee agreed (%)",
        digits=(6, 3),
        help="What the provider keeps of each payment. Statements with another fee "
        "are shown; with 0 fees are not compared.",
    )


class TeahouseProviderStatementLine(models.Model):
    """One movement of a provider's statement, and what we know of it."""

    _name = "teahouse.provider.statement.line"
    _description = "Line of a payment provider's statement"
    _order = "at, id"
    _rec_name = "reference"

    statement_id = fields.Many2one(
        "teahouse.provider.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    provider_id = fields.Many2one(related="statement_id.provider_id", store=True)
    provider_label = fields.Char(related="statement_id.provider_label", store=True)
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    date = fields.Date(related="statement_id.date", store=True)
    kind = fields.Selection(
        [("payment", "Payment"), ("refund", "Refund")], required=True, readonly=True
    )
    reference = fields.Char(readonly=True, index=True, help="Our number.")
    number = fields.Char(string="Provider's number", readonly=True)
    amount = fields.Monetary(readonly=True, help="Negative: given back.")
    fee = fields.Float(string="Gateway fee", readonly=True, digits=(16, 5))
    at = fields.Datetime(string="Date and time", readonly=True)
    transaction_id = fields.Many2one(
        "payment.transaction", readonly=True, index="btree_not_null"
    )
    booking_id = fields.Many2one(related="transaction_id.teahouse_booking_id")
    state = fields.Selection(
        [
            ("missing_here", "Missing here"),
            ("missing_there", "Missing there"),
            ("amount", "Amount differs"),
            ("state", "State differs"),
            ("fee", "Fee differs"),
            ("matched", "Agrees"),
        ],
        readonly=True,
        required=True,
        default="missing_here",
        index=True,
    )
    why = fields.Char(readonly=True)

    def _match(self):
        """Find our payment or refund of each line by its number, and compare."""
        txs_sudo = self.env["payment.transaction"].sudo()
        references = [line.reference for line in self if line.reference]
        found = {
            tx.reference: tx
            for tx in txs_sudo.search([("reference", "in", references)])
        }
        for line in self:
            tx_sudo = found.get(line.reference, txs_sudo)
            refund = tx_sudo.operation == "refund"
            if tx_sudo.provider_id != line.provider_id or refund != (
                line.kind == "refund"
            ):
                tx_sudo = txs_sudo
            state, why = line._compare(tx_sudo)
            line.write({"transaction_id": tx_sudo.id, "state": state, "why": why})
            if state == "state" and tx_sudo.state in ("draft", "pending", "cancel"):
                # The money is there: its report got lost.
                tx_sudo._look_again()

    def _compare(self, tx_sudo):
        """Return the state of a line and why it is that."""
        self.ensure_one()
        shown = self.currency_id.format
        if not tx_sudo:
            return "missing_here", self.env._("No payment of ours has this number.")
        if self.currency_id.compare_amounts(self.amount, tx_sudo.amount):
            return "amount", self.env._(
                "%(ours)s here, %(theirs)s there.",
                ours=shown(tx_sudo.amount),
                theirs=shown(self.amount),
            )
        waiting = self.kind == "refund" and tx_sudo.state == "pending"
        if tx_sudo.state != "done" and not waiting:
            label = dict(tx_sudo._fields["state"]._description_selection(self.env))
            return "state", self.env._(
                "Done there, here it is: %s.", label[tx_sudo.state]
            )
        percent = self.provider_id.teahouse_fee_percent
        wanted = self.amount * percent / 100
        if percent and abs(self.fee - wanted) > FEE_TOLERANCE:
            return "fee", self.env._(
                "The fee is %(theirs)s, agreed were %(ours)s.",
                theirs=shown(self.fee),
                ours=shown(wanted),
            )
        return "matched", False
