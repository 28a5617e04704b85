from odoo import models
from odoo.tools import float_compare


class TeahouseBooking(models.Model):
    """What becomes of coupons and points in the life of a stay."""

    _inherit = "teahouse.booking"

    def _kept_discounts(self):
        """Return the charge lines of coupons and points that still count."""
        self.ensure_one()
        return self.sudo().charge_line_ids.filtered(
            lambda line: (
                line.state == "open" and line.discount_kind in ("coupon", "points")
            )
        )

    def _confirm_requirements(self):
        """Override of `teahouse_billing`: a lapsed hold needs its discounts again.

        They went back when it ran out and may be used elsewhere by now.
        """
        unmet = super()._confirm_requirements()
        if self.state != "expired":
            return unmet
        lines = self._kept_discounts()
        gone = lines.loyalty_card_id.filtered(
            lambda card: card.teahouse_state != "available"
        )
        points = sum(lines.mapped("points"))
        if gone or (points and self.member_id._points_card().points < points):
            return [*unmet, "discount"]
        return unmet

    def _on_confirmed(self):
        """Override of `teahouse_billing`: coupons are used from now on."""
        result = super()._on_confirmed()
        for booking in self.sudo():
            booking._kept_discounts().loyalty_card_id._use(booking)
            booking._take_points()
        return result

    def _on_expired(self):
        """Override of `teahouse_billing`: coupons and points go back."""
        result = super()._on_expired()
        self._return_discounts()
        return result

    def _on_cancelled(self, by):
        """Override of `teahouse_billing`: they go back with the whole money."""
        back = self.browse()
        for booking in self.sudo():
            unpaid = not booking.confirmed_at
            if unpaid or booking._refund_percent(by) == 100:
                back |= booking
        result = super()._on_cancelled(by)
        back._return_discounts()
        return result

    def _adjust(self, amount, reason, **options):
        """Override of `teahouse_billing`: a full refund gives discounts back too,
        and any takes points back that the stay had earned."""
        line = super()._adjust(amount, reason, **options)
        booking = self.sudo()
        if booking.settlement_state == "settled":
            booking._sync_points()
            over = booking.state in ("completed", "cancelled", "no_show")
            if amount < 0 and over and booking.amount_total <= 0:
                booking._return_discounts()
        return line

    def _trim_discounts(self, change_amount=0.0):
        """Keep discounts within what the stay costs, when that falls.

        The last taken is cut first: points (which go back), coupons, tier.

        :param float change_amount: that is about to be charged
        """
        self.ensure_one()
        lines = self.sudo().charge_line_ids.filtered(
            lambda line: line.state == "open" and line.discount_kind
        )
        over = -sum(lines.mapped("amount")) - (
            float(self._charged_for_stay()) + change_amount
        )
        digits = self.currency_id.decimal_places
        for line in lines.sorted(lambda one: (-one.sequence, -one.id)):
            if float_compare(over, 0, precision_digits=digits) <= 0:
                break
            cut = min(over, -line.amount)
            rest = self.currency_id.round(-line.amount - cut)
            vals = {"amount": -rest, "unit_price": -rest}
            if line.discount_kind == "points":
                share = rest / -line.amount if line.amount else 0
                vals["points"] = int(-(-line.points * share // 1))
                self.sudo()._return_points(keep=vals["points"])
            line.write(vals)
            over -= cut


class TeahouseBookingChange(models.Model):
    _inherit = "teahouse.booking.change"

    def _apply(self):
        """Override of `teahouse_billing`: a cheaper room may be worth less than the
        discounts."""
        coming = sum(
            line.amount
            for line in self.sudo().charge_line_ids
            if line.state == "pending"
        )
        if coming < 0:
            self.booking_id._trim_discounts(coming)
        return super()._apply()
