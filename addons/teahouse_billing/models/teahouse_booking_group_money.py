from odoo import api, fields, models


class TeahouseBookingGroup(models.Model):
    """What bookings that were made as one cost together."""

    _inherit = "teahouse.booking.group"

    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_total = fields.Monetary(string="Total", compute="_compute_money")
    amount_paid = fields.Monetary(string="Paid", compute="_compute_money")
    amount_due = fields.Monetary(string="Due", compute="_compute_money")

    @api.depends(
        "booking_ids.amount_total", "booking_ids.amount_paid", "booking_ids.amount_due"
    )
    def _compute_money(self):
        for group in self:
            bookings = group.booking_ids
            for name in ("amount_total", "amount_paid", "amount_due"):
                group[name] = sum(bookings.mapped(name))
