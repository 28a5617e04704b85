from datetime import timedelta

from odoo import api, fields, models


class TeahouseBookingCounter(models.TransientModel):
    """Book, extend or move at the counter."""

    _name = "teahouse.booking.counter"
    _description = "Counter"
    _inherit = ["teahouse.booking.customer.mixin"]

    mode = fields.Selection(
        [
            ("book", "Book"),
            ("walk_in", "Walk-in now"),
            ("extend", "Extend"),
            ("move", "Move"),
            ("transfer", "Transfer"),
        ],
        required=True,
        default="book",
    )
    booking_id = fields.Many2one("teahouse.booking", ondelete="cascade")
    store_id = fields.Many2one("teahouse.store", compute="_compute_store_id")
    room_id = fields.Many2one("teahouse.room")
    start = fields.Datetime(default=lambda self: self._next_half_hour())
    hours = fields.Float(default=2.0)
    minutes = fields.Integer(default=30)
    people = fields.Integer(default=2)
    note = fields.Char()
    reason = fields.Char()
    override = fields.Boolean(
        string="Make an exception",
        help="Managers set the room's rules aside: lead time, horizon, lengths, closed "
        "hours, number of holds. Never what somebody else has booked.",
    )

    @api.depends("booking_id", "room_id")
    def _compute_store_id(self):
        for wizard in self:
            wizard.store_id = wizard.booking_id.store_id or wizard.room_id.store_id

    def action_apply(self):
        """Do it, and open the booking."""
        self.ensure_one()
        if self.mode in ("book", "walk_in"):
            booking = self._book()
            if self.env.context.get("teahouse_board"):
                # The room board shows it.
                return {"type": "ir.actions.act_window_close"}
            return {
                "type": "ir.actions.act_window",
                "res_model": "teahouse.booking",
                "res_id": booking.id,
                "views": [(False, "form")],
            }
        if self.mode == "extend":
            self.booking_id.action_extend(self.minutes, self._exception())
        elif self.mode == "move":
            self.booking_id.action_move(self.room_id.id, self._exception())
        else:
            member_sudo = self._find_member()
            self.booking_id.action_transfer(member_sudo.id, self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _book(self):
        member_sudo, partner_sudo = self._find_customer()
        walk_in = self.mode == "walk_in"
        start = fields.Datetime.now() if walk_in else self.start
        start = start.replace(second=0, microsecond=0)
        vals = {
            "source": "walk_in" if walk_in else "staff",
            "start": start,
            "end": start + timedelta(minutes=round(self.hours * 60)),
            "people": self.people,
            "note": self.note,
        }
        if partner_sudo:
            vals["partner_id"] = partner_sudo.id
        return self.env["teahouse.booking"]._book_at_counter(
            self.room_id, member_sudo, vals, self._exception()
        )
