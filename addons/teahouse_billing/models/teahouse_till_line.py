from odoo import api, fields, models
from odoo.exceptions import UserError

#: What staff enter; everything else is computed.
ENTERED = {"opening", "counted", "is_counted", "reason"}


class TeahouseTillLine(models.Model):
    """One way of paying in a till: what should be there, and what is."""

    _name = "teahouse.till.line"
    _description = "Cash-up of a method"
    _order = "till_id, id"
    _rec_name = "journal_id"

    till_id = fields.Many2one(
        "teahouse.till", required=True, index=True, readonly=True, ondelete="cascade"
    )
    store_id = fields.Many2one(related="till_id.store_id", store=True)
    company_id = fields.Many2one(related="till_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(related="till_id.date", store=True)
    state = fields.Selection(related="till_id.state", store=True)
    journal_id = fields.Many2one("account.journal", required=True, readonly=True)
    method = fields.Char(
        related="journal_id.name", string="Method", related_sudo=True, readonly=True
    )
    opening = fields.Monetary(string="At opening", help="In the drawer to begin with.")
    taken = fields.Monetary(
        compute="_compute_expected", store=True, compute_sudo=True, readonly=True
    )
    given = fields.Monetary(
        string="Given back",
        compute="_compute_expected",
        store=True,
        compute_sudo=True,
        readonly=True,
    )
    moved = fields.Monetary(
        string="Put in or out",
        compute="_compute_expected",
        store=True,
        compute_sudo=True,
        readonly=True,
    )
    expected = fields.Monetary(
        compute="_compute_expected", store=True, compute_sudo=True, readonly=True
    )
    counted = fields.Monetary()
    is_counted = fields.Boolean(
        string="Done",
        compute="_compute_is_counted",
        store=True,
        readonly=False,
        help="Tick it where nothing is there; entering an amount ticks it by itself.",
    )
    difference = fields.Monetary(compute="_compute_difference", store=True)
    reason = fields.Char(string="Reason of the difference")
    move_id = fields.Many2one(
        "account.move",
        string="Entry of the difference",
        readonly=True,
        groups="account.group_account_invoice",
    )

    _method_unique = models.Constraint(
        "UNIQUE(till_id, journal_id)", "Each method is counted once."
    )

    @api.depends(
        "opening",
        "till_id.payment_ids.amount",
        "till_id.payment_ids.state",
        "till_id.payment_ids.payment_type",
        "till_id.move_ids.amount",
    )
    def _compute_expected(self):
        """What a closed till expected stays, whatever happens to its payments."""
        for line in self:
            if line.till_id.state != "open":
                for name in ("taken", "given", "moved", "expected"):
                    line[name] = line[name]
                continue
            payments = line.till_id.payment_ids.filtered(
                lambda payment, journal=line.journal_id: (
                    payment.journal_id == journal
                    and payment.state in ("in_process", "paid")
                )
            )
            inbound = payments.filtered(lambda p: p.payment_type == "inbound")
            moves = line.till_id.move_ids.filtered(
                lambda move, journal=line.journal_id: move.journal_id == journal
            )
            line.taken = sum(inbound.mapped("amount"))
            line.given = sum((payments - inbound).mapped("amount"))
            line.moved = sum(moves.mapped("amount"))
            line.expected = line.opening + line.taken - line.given + line.moved

    @api.depends("counted")
    def _compute_is_counted(self):
        for line in self:
            line.is_counted = line.is_counted or bool(line.counted)

    @api.depends("counted", "is_counted", "expected")
    def _compute_difference(self):
        for line in self:
            found = line.counted - line.expected if line.is_counted else 0.0
            currency = line.currency_id or self.env.company.currency_id
            line.difference = currency.round(found)

    def write(self, vals):
        """Let a closed count stand as it was."""
        if ENTERED & set(vals) and any(line.till_id.state != "open" for line in self):
            raise UserError(self.env._("This till is closed; its count stays."))
        return super().write(vals)

    def _check_counted(self):
        for line in self:
            if not line.is_counted:
                raise UserError(
                    self.env._("Please count %s first.", line.journal_id.name)
                )
            if line.difference and not (line.reason or "").strip():
                raise UserError(
                    self.env._(
                        "%(method)s differs by %(amount)s: please say why.",
                        method=line.journal_id.name,
                        amount=line.currency_id.format(line.difference),
                    )
                )

    def _post_difference(self):
        """Post what is missing, or too much, in the drawer as a loss or a gain."""
        self.ensure_one()
        journal = self.journal_id
        if not self.difference or journal.type != "cash":
            return
        lost = self.difference < 0
        account = journal.loss_account_id if lost else journal.profit_account_id
        if not account:
            # Without accounts for it the accountant decides where it goes.
            return
        self.move_id = self.till_id._post_cash(
            journal, self.difference, account, self.reason
        )
