from decimal import ROUND_HALF_UP, Decimal

from odoo import api, models


class TeahouseTariff(models.Model):
    _inherit = "teahouse.tariff"

    @api.model
    def _member_discount(self, member, room, offer):
        """Override of `teahouse_billing`: what the member's tier takes off an offer.

        Rounded half up to the cent, never more than the offer costs.
        """
        others = super()._member_discount(member, room, offer)
        percent = Decimal(str(member.sudo().tier_id.discount_percent or 0))
        left = offer.amount - others
        off = (left * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return others + min(off, left)
