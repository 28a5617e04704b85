from odoo import fields, models

from ..engine.rules import RoomRules


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    slot_minutes = fields.Integer(
        string="Start grid", default=30, help="Bookings start on full steps of this."
    )
    min_minutes = fields.Integer(string="Shortest stay", default=60)
    max_minutes = fields.Integer(string="Longest stay", default=1440)
    lead_minutes = fields.Integer(
        string="Lead time", default=0, help="Minutes between booking and start."
    )
    horizon_days = fields.Integer(string="Bookable days ahead", default=30)
    turnover_minutes = fields.Integer(
        string="Turnover", default=15, help="Minutes to clean after each stay."
    )
    early_entry_minutes = fields.Integer(
        string="Early entry",
        default=15,
        help="Minutes before the start in which guests may come in, once the room is "
        "free and clean. The paid time does not move.",
    )
    booking_ids = fields.One2many("teahouse.booking", "room_id", string="Bookings")
    closing_ids = fields.One2many("teahouse.closing", "room_id", string="Closed times")

    _settings_valid = models.Constraint(
        """CHECK(slot_minutes BETWEEN 1 AND 1440 AND min_minutes > 0
                 AND max_minutes >= min_minutes AND max_minutes <= 4320
                 AND lead_minutes >= 0 AND horizon_days > 0
                 AND turnover_minutes BETWEEN 0 AND 1440
                 AND early_entry_minutes BETWEEN 0 AND 240)""",
        "Please check the lengths: none is negative, the longest stay is at least the "
        "shortest and at most three days.",
    )

    def _rules(self):
        """Return the settings as the engine takes them."""
        self.ensure_one()
        room_sudo = self.sudo()
        return RoomRules(
            slot_minutes=room_sudo.slot_minutes,
            min_minutes=room_sudo.min_minutes,
            max_minutes=room_sudo.max_minutes,
            lead_minutes=room_sudo.lead_minutes,
            horizon_days=self._horizon_days(),
            capacity=room_sudo.capacity,
        )

    def _horizon_days(self):
        """Return how many days ahead may be booked; upper addons may give more.

        Of no room, only what they give.
        """
        return self.sudo().horizon_days

    def _api_values(self):
        room_sudo = self.sudo()
        return {
            **super()._api_values(),
            "slot_minutes": room_sudo.slot_minutes,
            "min_minutes": room_sudo.min_minutes,
            "max_minutes": room_sudo.max_minutes,
        }

    def action_view_bookings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_booking.teahouse_booking_action"
        )
        action["domain"] = [("room_id", "=", self.id)]
        action["context"] = {"default_room_id": self.id}
        return action
