from odoo import fields, models


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    points_earned = fields.Integer(readonly=True, copy=False)

    def _on_settled(self):
        """Give the member points and growth for what the stay was worth, once."""
        result = super()._on_settled()
        for booking in self.sudo().filtered("member_id"):
            worth = int(max(booking.amount_total, 0))
            difference = worth - booking.points_earned
            if not difference:
                continue
            member = booking.member_id
            member.with_company(booking.company_id)._grow(difference)
            member._points_card(create=True)._teahouse_move(
                difference, booking.display_name, booking
            )
            booking.points_earned = worth
        return result
