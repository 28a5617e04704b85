from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseBookingCounter(models.TransientModel):
    """Book, extend or move at the counter."""

    _name = "teahouse.booking.counter"
    _description = "Counter"

    mode = fields.Selection(
        [("book", "Book"), ("extend", "Extend"), ("move", "Move")],
        required=True,
        default="book",
    )
    booking_id = fields.Many2one("teahouse.booking", ondelete="cascade")
    store_id = fields.Many2one("teahouse.store", compute="_compute_store_id")
    room_id = fields.Many2one("teahouse.room")
    phone = fields.Char(help="Mobile number; a new one becomes a member.")
    name = fields.Char(string="Customer")
    start = fields.Datetime(default=lambda self: self._next_half_hour())
    hours = fields.Float(default=2.0)
    minutes = fields.Integer(default=30)
    people = fields.Integer(default=2)
    note = fields.Char()

    @api.model
    def _next_half_hour(self):
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        return now + timedelta(minutes=-now.minute % 30)

    @api.depends("booking_id", "room_id")
    def _compute_store_id(self):
        for wizard in self:
            wizard.store_id = wizard.booking_id.store_id or wizard.room_id.store_id

    def action_apply(self):
        """Do it, and open the booking."""
        self.ensure_one()
        if self.mode == "extend":
            delta = timedelta(minutes=self.minutes)
            self.booking_id._extend(self.booking_id.end + delta)
            return {"type": "ir.actions.act_window_close"}
        if self.mode == "move":
            self.booking_id._change_room(self.room_id)
            return {"type": "ir.actions.act_window_close"}
        booking = self._book()
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.booking",
            "res_id": booking.id,
            "views": [(False, "form")],
        }

    def _book(self):
        member_sudo = self._find_member()
        if member_sudo:
            member_sudo._check_can_book(self.room_id.store_id)
        bookings = self.env["teahouse.booking"]
        start = self.start.replace(second=0, microsecond=0)
        end = start + timedelta(minutes=round(self.hours * 60))
        bookings._check_bookable(self.room_id, start, end, self.people)
        partner = self.env["res.partner"]
        if not member_sudo and self.name:
            partner = partner.sudo().create({"name": self.name})
        booking = bookings.create(
            {
                "room_id": self.room_id.id,
                "member_id": member_sudo.id,
                "partner_id": (member_sudo.partner_id or partner).id,
                "start": start,
                "end": end,
                "people": self.people,
                "note": self.note,
                "source": "staff",
                "participant_ids": [
                    fields.Command.create(
                        {"member_id": member_sudo.id, "role": "booker"}
                    )
                ]
                if member_sudo
                else [],
            }
        )
        booking._on_held()
        booking._try_confirm()
        return booking

    def _find_member(self):
        members_sudo = self.env["teahouse.member"].sudo()
        if not self.phone:
            return members_sudo
        member_sudo = members_sudo._find_by_phone(self.phone)
        if member_sudo:
            return member_sudo
        if not self.name:
            raise TeahouseError(
                "invalid_request",
                self.env._("This number is new: please enter the customer's name."),
            )
        return members_sudo._enrol(self.phone, name=self.name)
