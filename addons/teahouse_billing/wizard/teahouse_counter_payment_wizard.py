from odoo import api, fields, models
from odoo.exceptions import UserError


class TeahouseCounterPaymentWizard(models.TransientModel):
    """Take money at the counter, or give it back."""

    _name = "teahouse.counter.payment.wizard"
    _description = "Payment at the counter"

    booking_id = fields.Many2one("teahouse.booking", required=True, readonly=True)
    currency_id = fields.Many2one(related="booking_id.currency_id")
    amount_due = fields.Monetary(related="booking_id.amount_due", string="Due")
    amount_surplus = fields.Monetary(
        related="booking_id.amount_surplus", string="To give back"
    )
    direction = fields.Selection(
        [("take", "Take"), ("give", "Give back")],
        compute="_compute_direction",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    journal = fields.Selection("_journal_selection", string="Paid by", required=True)

    @api.model
    def _journals(self):
        """Return the cash and bank journals (sudo) of the user's companies.

        Journals of other addons that only look like banks, such as one of balances
        held for members, are no money: nobody pays with them at a counter. Those of
        payment providers only show what their statements show, unless a company has
        no other bank.
        """
        journals = (
            self.env["account.journal"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.env.companies.ids),
                    ("type", "in", ("cash", "bank")),
                    ("default_account_id.account_type", "=", "asset_cash"),
                ],
                order="type desc, sequence, id",
            )
        )
        banks = journals.filtered(lambda journal: journal.type == "bank")
        providers_sudo = self.env["payment.provider"].sudo()
        gateways = (
            banks & providers_sudo.search([("state", "!=", "disabled")]).journal_id
        )
        companies = (banks - gateways).company_id
        return journals - gateways.filtered(lambda bank: bank.company_id in companies)

    @api.model
    def _journal_selection(self):
        return [(str(journal.id), journal.name) for journal in self._journals()]

    @api.depends("booking_id")
    def _compute_direction(self):
        for wizard in self:
            back = wizard.booking_id.amount_surplus > 0
            wizard.direction = "give" if back else "take"

    @api.depends("booking_id", "direction")
    def _compute_amount(self):
        for wizard in self:
            booking = wizard.booking_id
            give = wizard.direction == "give"
            wizard.amount = booking.amount_surplus if give else booking.amount_due

    def action_apply(self):
        """Note the money and post it."""
        self.ensure_one()
        booking = self.booking_id
        booking._check_money_right()
        journal = self._journals().browse(int(self.journal))
        if journal not in self._journals() or journal.company_id != booking.company_id:
            raise UserError(self.env._("Choose a journal of the booking's company."))
        if self.amount <= 0:
            raise UserError(self.env._("The amount must be more than zero."))
        amount = self.amount if self.direction == "take" else -self.amount
        booking.sudo()._register_counter(journal, amount)
        return {"type": "ir.actions.act_window_close"}
