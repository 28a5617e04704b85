from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class TeahouseAdjustWizard(models.TransientModel):
    """Charge more or less for a stay, with a reason."""

    _name = "teahouse.adjust.wizard"
    _description = "Adjust a bill"

    booking_id = fields.Many2one("teahouse.booking", required=True, readonly=True)
    currency_id = fields.Many2one(related="booking_id.currency_id")
    amount_total = fields.Monetary(related="booking_id.amount_total", string="Charged")
    amount_due = fields.Monetary(related="booking_id.amount_due", string="Due")
    action = fields.Selection(
        [
            ("reduce", "Charge less"),
            ("waive", "Waive what is due"),
            ("add", "Charge more"),
        ],
        required=True,
        default="reduce",
        help="What was paid beyond the new total goes back to the guest.",
    )
    amount = fields.Monetary(help="Positive, tax included.")
    reason = fields.Char(required=True)

    def action_apply(self):
        """Add the adjustment to the bill.

        :raise AccessError: more than a manager may give away
        """
        self.ensure_one()
        booking = self.booking_id
        booking._check_money_right()
        amount = booking.amount_due if self.action == "waive" else self.amount
        if booking.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("The amount must be more than zero."))
        if self.action != "add":
            if booking.currency_id.compare_amounts(amount, booking.amount_total) > 0:
                raise UserError(self.env._("That is more than was charged."))
            self._check_limit(amount)
            amount = -amount
        booking.sudo()._adjust(amount, self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _check_limit(self, amount):
        user = self.env.user
        if user.has_group("teahouse_base.teahouse_base_group_accountant"):
            return
        booking_sudo = self.booking_id.sudo()
        limit = booking_sudo.company_id.teahouse_reduction_limit
        # All reductions of a bill together: not the limit again with each click.
        given = -sum(
            booking_sudo.charge_line_ids.filtered(
                lambda line: (
                    line.kind == "adjustment"
                    and line.state == "open"
                    and not line.change_id
                    and line.amount < 0
                )
            ).mapped("amount")
        )
        if booking_sudo.currency_id.compare_amounts(given + amount, limit) > 0:
            raise AccessError(
                self.env._(
                    "You may reduce a bill by at most %s; ask the owner for more.",
                    self.booking_id.currency_id.format(limit),
                )
            )
