from odoo import fields, models


class TeahouseBookingGroupCancel(models.TransientModel):
    """Cancel what is still to come of a group, with the reason kept."""

    _name = "teahouse.booking.group.cancel"
    _description = "Cancel a group of bookings"

    group_id = fields.Many2one(
        "teahouse.booking.group", required=True, ondelete="cascade"
    )
    open_count = fields.Integer(related="group_id.open_count")
    by = fields.Selection(
        [("customer", "The customer wants it"), ("store", "The store cannot serve")],
        required=True,
        default="store",
        help="By the store: all money goes back. By the customer: as the policy says.",
    )
    reason = fields.Char(required=True)

    def action_cancel(self):
        """Cancel all bookings of the group that have not begun."""
        self.ensure_one()
        self.group_id.action_cancel(self.by, self.reason)
        self.group_id.message_post(body=self.reason)
        return {"type": "ir.actions.act_window_close"}
