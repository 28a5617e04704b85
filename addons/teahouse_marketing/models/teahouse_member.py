from odoo import fields, models


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    growth = fields.Integer(
        readonly=True, copy=False, help="What the member has spent on settled stays."
    )
    tier_id = fields.Many2one(
        "teahouse.tier", readonly=True, copy=False, index="btree_not_null"
    )

    def _grow(self, amount):
        """Add to the growth what a settled stay was worth, and move up.

        :param amount: in whole units of the currency; negative takes back
        """
        self.ensure_one()
        member_sudo = self.sudo()
        member_sudo.lock_for_update()
        member_sudo.growth = max(0, member_sudo.growth + int(amount))
        reached = self.env["teahouse.tier"]._reached(
            member_sudo.growth, self.env.company
        )
        if reached == member_sudo.tier_id:
            return
        up = reached.growth_from > member_sudo.tier_id.growth_from
        member_sudo.tier_id = reached
        if up and reached:
            self.env["teahouse.notification"].sudo()._notify(
                member_sudo,
                "tier_reached",
                {"tier": reached.name},
                f"tier:{reached.id}:{member_sudo.id}",
            )

    def _points_card(self, create=False):
        """Return the member's points card (sudo): of the points program, or none."""
        self.ensure_one()
        program_sudo = self.env.ref("teahouse_marketing.loyalty_program_points").sudo()
        partner_sudo = self.sudo().partner_id
        cards_sudo = self.env["loyalty.card"].sudo()
        card_sudo = cards_sudo.search(
            [
                ("program_id", "=", program_sudo.id),
                ("partner_id", "=", partner_sudo.id),
            ],
            limit=1,
        )
        if not card_sudo and create:
            # One card a member, also when two stays are settled at once.
            self.sudo().lock_for_update()
            card_sudo = cards_sudo.create(
                {"program_id": program_sudo.id, "partner_id": partner_sudo.id}
            )
        return card_sudo

    def _merge_into(self, target):
        """Override of `teahouse_base`: growth and points move along."""
        card_sudo = self._points_card()
        if points := int(card_sudo.points):
            reason = self.env._("Memberships merged")
            card_sudo._teahouse_move(-points, reason, target)
            target._points_card(create=True)._teahouse_move(points, reason, target)
        target._grow(self.growth)
        self.growth = 0
        return super()._merge_into(target)

    def _api_membership(self):
        """Return tier, growth and points, and what the next tier asks for."""
        self.ensure_one()
        member_sudo = self.sudo()
        tiers_sudo = self.env["teahouse.tier"].sudo().search([])
        following = tiers_sudo.filtered(
            lambda tier: tier.growth_from > member_sudo.growth
        )[:1]
        return {
            "tier": member_sudo.tier_id._api_values() if member_sudo.tier_id else None,
            "growth": member_sudo.growth,
            "points": int(self._points_card().points),
            "next_tier": following._api_values() if following else None,
            "tiers": [tier._api_values() for tier in tiers_sudo],
        }
