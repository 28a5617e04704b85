from odoo import api, models


class TeahouseAudit(models.Model):
    _inherit = "teahouse.audit"

    @api.model
    def _action_words(self):
        return {
            **super()._action_words(),
            "booking.book": self.env._("Booked at the counter"),
            "booking.cancel": self.env._("Booking cancelled"),
            "booking.check_in": self.env._("Guests came in"),
            "booking.checkout": self.env._("Stay ended"),
            "booking.confirm": self.env._("Confirmed at the counter"),
            "booking.move": self.env._("Booking moved"),
            "booking.no_show": self.env._("Marked as no-show"),
            "booking.override": self.env._("Exception from a rule"),
            "booking.transfer": self.env._("Booking given to another guest"),
        }
