from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

from ..engine import discounts


class TeahouseTariff(models.Model):
    _inherit = "teahouse.tariff"

    tier_ids = fields.Many2many(
        "teahouse.tier",
        string="For tiers",
        help="Empty: for everybody. Else only members of these tiers see the price.",
    )

    def _entry_extra(self):
        """Override of `teahouse_billing`: the tiers that may buy."""
        return (*super()._entry_extra(), *self.tier_ids.ids)

    @api.model
    def _is_sold_to(self, entry, member):
        """Override of `teahouse_billing`: prices of members of a tier."""
        if not super()._is_sold_to(entry, member):
            return False
        return not entry.extra or bool(
            member and member.sudo().tier_id.id in entry.extra
        )

    @api.model
    def _member_discount(self, member, room, offer):
        """Override of `teahouse_billing`: what the member's tier takes off an offer.

        Rounded half up to the cent, never more than the offer costs.
        """
        others = super()._member_discount(member, room, offer)
        if not member or not room.store_id.use_rewards:
            return others
        digits = room.company_id.currency_id.decimal_places
        off = discounts.tier_off(offer_stay(offer, digits), member._tier_benefit())
        return others + min(off, offer.amount - others)

    @api.model
    def _api_quote(self, body):
        """Override of `teahouse_billing`: with coupons and points, if asked."""
        chosen = (tuple(body.coupon_ids), body.points)
        return super(
            TeahouseTariff, self.with_context(teahouse_discounts=chosen)
        )._api_quote(body)

    @api.model
    def _offer_values(self, offer, room, member):
        """Override of `teahouse_billing` to take off what was chosen, as an order
        would."""
        values = super()._offer_values(offer, room, member)
        coupon_ids, points = self.env.context.get("teahouse_discounts") or ((), 0)
        currency = room.company_id.currency_id
        coupon_off = points_off = Decimal(0)
        spent = 0
        chosen = (coupon_ids or points) and room.store_id.use_rewards
        if member and offer.kind != "metered" and chosen:
            found = self._chosen_discounts(offer, room, member, coupon_ids, points)
            coupon_off = sum((off for _key, off in found.coupons), Decimal(0))
            points_off, spent = found.points_amount, found.points
            values["member_discount"] = money_str(found.tier, currency)
            values["total"] = money_str(offer.amount - found.total, currency)
        return {
            **values,
            "coupon_discount": money_str(coupon_off, currency),
            "points_discount": money_str(points_off, currency),
            "points": spent,
        }

    @api.model
    def _chosen_discounts(self, offer, room, member, coupon_ids, points):
        """Return what coupons and points would take off an offer.

        Coupons that do not fit the stay take off nothing; an order refuses them.
        """
        cards = self.env["loyalty.card"]._api_own_coupons(coupon_ids)
        fitting = cards.filtered(
            lambda card: (
                card.teahouse_state == "available"
                and not card._is_past(room.store_id)
                and not card.program_id._coupon_refusal(
                    member.sudo(), room.sudo(), offer_start(offer)
                )
            )
        )
        digits = room.company_id.currency_id.decimal_places
        stay = offer_stay(offer, digits)
        coupons = [card.program_id._engine_coupon(card.id) for card in fitting]
        if discounts.clash(coupons, room.company_id.sudo().teahouse_coupons_a_stay):
            coupons = []
        have = int(member._points_card().points)
        rule = room.company_id.sudo()._points_rule()
        tier = member._tier_benefit()
        return discounts.take_off(stay, tier, coupons, min(points, have), rule)


def offer_start(offer):
    """Return the start of an offer, naive UTC."""
    return to_utc_naive(offer.lines[0].start)


def offer_stay(offer, digits):
    """Return an offer as the engine of discounts takes it."""
    pieces = (discounts.Piece(line.minutes, line.amount) for line in offer.lines)
    return discounts.Stay(tuple(pieces), digits)
