from odoo import fields, models


class TeahouseBookingCancel(models.TransientModel):
    """Cancel at the counter, with the reason kept."""

    _name = "teahouse.booking.cancel"
    _description = "Cancel a booking"

    booking_id = fields.Many2one("teahouse.booking", required=True, ondelete="cascade")
    by = fields.Selection(
        [("customer", "The customer wants it"), ("store", "The store cannot serve")],
        required=True,
        default="store",
        help="By the store: all money goes back. By the customer: as the policy says.",
    )
    reason = fields.Char(required=True)

    def action_cancel(self):
        self.ensure_one()
        self.booking_id.action_cancel(self.by, self.reason)
        self.booking_id.message_post(body=self.reason)
        return {"type": "ir.actions.act_window_close"}
