from odoo import api, fields, models
from odoo.exceptions import UserError


class TeahouseTillMove(models.Model):
    """Money put into the drawer, or taken out, that is no payment of a guest."""

    _name = "teahouse.till.move"
    _description = "Put into or taken out of the till"
    _order = "id desc"
    _rec_name = "reason"

    till_id = fields.Many2one(
        "teahouse.till", required=True, index=True, ondelete="restrict"
    )
    store_id = fields.Many2one(related="till_id.store_id", store=True)
    company_id = fields.Many2one(related="till_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        compute="_compute_journal_id",
        store=True,
        precompute=True,
        compute_sudo=True,
    )
    direction = fields.Selection(
        [("out", "Take out"), ("in", "Put in")], default="out", required=True
    )
    value = fields.Monetary(string="Amount", required=True)
    amount = fields.Monetary(
        string="Signed amount", compute="_compute_amount", store=True, precompute=True
    )
    reason = fields.Char(required=True, help="To the bank, change, a taxi for a guest…")
    user_id = fields.Many2one(
        "res.users", readonly=True, default=lambda self: self.env.user
    )

    _value_positive = models.Constraint(
        "CHECK(value > 0)", "The amount must be more than zero."
    )

    @api.depends("till_id")
    def _compute_journal_id(self):
        for move in self:
            cash = move.till_id.line_ids.journal_id.filtered(
                lambda journal: journal.type == "cash"
            )
            move.journal_id = cash[:1]

    @api.depends("direction", "value")
    def _compute_amount(self):
        for move in self:
            move.amount = move.value if move.direction == "in" else -move.value

    @api.model_create_multi
    def create(self, vals_list):
        """Note and post the moves; the other side waits on the transfer account."""
        moves = super().create(vals_list)
        for move in moves:
            till_sudo = move.till_id.sudo()
            till_sudo.lock_for_update()
            if till_sudo.state != "open":
                raise UserError(self.env._("This till is closed."))
            account = till_sudo.company_id.transfer_account_id
            journal = move.sudo().journal_id
            till_sudo._post_cash(journal, move.amount, account, move.reason)
            self.env["teahouse.audit"]._log(
                "till.move", till_sudo, {"amount": move.amount, "reason": move.reason}
            )
        return moves


class TeahouseTill(models.Model):
    _inherit = "teahouse.till"

    def _post_cash(self, journal, amount, account, reason):
        """Post cash that came or went other than by a guest's payment.

        :param float amount: into the drawer; negative out of it
        :param account: the other side
        :return: the posted account.move
        """
        self.ensure_one()
        entry = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.store_id._local(fields.Datetime.now()).date(),
                "amount": amount,
                "payment_ref": f"{self.name}: {reason}",
                "counterpart_account_id": account.id,
            }
        )
        other = entry.line_ids.filtered(lambda line: line.account_id == account)
        if account.account_type in ("income", "income_other", "expense"):
            other.analytic_distribution = {
                str(self.store_id._analytic_account().id): 100
            }
        return entry.move_id
