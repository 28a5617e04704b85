from odoo import fields, models


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    points_earned = fields.Integer(readonly=True, copy=False)
    growth_earned = fields.Integer(readonly=True, copy=False)
    points_factor = fields.Float(
        readonly=True,
        copy=False,
        default=0.0,
        help="Points for each unit of currency, fixed when the stay is first settled.",
    )

    def _on_settled(self):
        """Override of `teahouse_billing`: points and growth for what it was worth."""
        result = super()._on_settled()
        self._sync_points()
        return result

    def _sync_points(self):
        """Give the member points and growth for what the stay was worth, once.

        What a refund takes off later is taken back.
        """
        for booking in self.sudo().filtered("member_id"):
            if not booking.store_id.use_rewards and not booking.points_factor:
                continue
            worth = int(max(booking.amount_total, 0))
            if not booking.points_factor:
                booking.points_factor = booking._points_factor()
            points = int(worth * booking.points_factor)
            difference = points - booking.points_earned
            grown = worth - booking.growth_earned
            if not difference and not grown:
                continue
            member = booking.member_id
            member.with_company(booking.company_id)._grow(grown, booking.display_name)
            if difference:
                member._points_card(create=True)._teahouse_move(
                    difference, booking.display_name, booking
                )
            booking.write({"points_earned": points, "growth_earned": worth})
            member._count_stays()

    def _points_factor(self):
        """Return how many points a unit of currency gives for the stay."""
        self.ensure_one()
        campaigns = self.env["teahouse.campaign"].sudo()._multipliers(self)
        return max([1.0, *campaigns.mapped("points_factor")])
