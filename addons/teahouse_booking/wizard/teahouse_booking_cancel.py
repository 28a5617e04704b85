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
    group_id = fields.Many2one(related="booking_id.group_id")
    scope = fields.Selection(
        [
            ("one", "Only this one"),
            ("rest", "This one and those after it"),
            ("all", "All that were made with it"),
        ],
        string="Which",
        required=True,
        default="one",
    )

    def action_cancel(self):
        self.ensure_one()
        if self.scope == "one" or not self.group_id:
            gone = self.booking_id
            gone.action_cancel(self.by, self.reason)
        else:
            since = self.booking_id.start if self.scope == "rest" else None
            gone = self.group_id.action_cancel(self.by, self.reason, since)
        for booking in gone:
            booking.message_post(body=self.reason)
        return {"type": "ir.actions.act_window_close"}
