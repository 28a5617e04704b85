from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.discounts import Tier

BATCH = 200


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    growth = fields.Integer(
        readonly=True, copy=False, help="What the member has spent on settled stays."
    )
    tier_id = fields.Many2one(
        "teahouse.tier", readonly=True, copy=False, index="btree_not_null"
    )
    bought_tier_id = fields.Many2one(
        "teahouse.tier", string="Bought tier", readonly=True, copy=False
    )
    tier_until = fields.Date(
        string="Bought until", readonly=True, copy=False, index="btree_not_null"
    )
    tier_history_ids = fields.One2many("teahouse.tier.history", "member_id")
    stay_count = fields.Integer(string="Settled stays", readonly=True, copy=False)
    spent_total = fields.Float(
        string="Spent", readonly=True, copy=False, digits=(12, 2)
    )
    marketing_opt_out = fields.Boolean(
        string="No advertising", help="The member wants no messages of campaigns."
    )
    last_stay_at = fields.Datetime(string="Last stay", readonly=True, copy=False)

    # === TIERS === #

    def _lock_membership(self):
        """Make whoever changes the same membership come after us.

        Under REPEATABLE READ the one that waited fails to serialise and is replayed.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE teahouse_member SET growth = growth WHERE id IN %s",
                tuple(self.ids),
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset(["growth", "tier_id", "bought_tier_id"])

    def _grow(self, amount, note=None, reason="growth"):
        """Add to the growth what a settled stay was worth, and move up or down.

        :param amount: in whole units of the currency; negative takes back
        :param str note: what the growth comes from
        """
        self.ensure_one()
        member_sudo = self.sudo()
        member_sudo._lock_membership()
        member_sudo.growth = max(0, member_sudo.growth + int(amount))
        member_sudo._settle_tier(reason, note)

    def _settle_tier(self, reason, note=None):
        """Bring the tier in line with growth and with what was bought."""
        self.ensure_one()
        member_sudo = self.sudo()
        reached = self.env["teahouse.tier"]._reached(
            member_sudo.growth, self.env.company
        )
        bought = member_sudo.bought_tier_id
        if bought and bought.growth_from > reached.growth_from:
            reached = bought
        old = member_sudo.tier_id
        if reached == old:
            return
        up = reached.growth_from > old.growth_from or not old
        member_sudo.tier_id = reached
        self.env["teahouse.tier.history"].sudo().create(
            {
                "member_id": self.id,
                "old_tier_id": old.id,
                "tier_id": reached.id,
                "company_id": self.env.company.id,
                "reason": reason,
                "note": note,
                "direction": "up" if up else "down",
            }
        )
        if up and reached:
            self.env["teahouse.notification"].sudo()._notify(
                member_sudo,
                "tier_reached",
                {"tier": reached.name},
                f"tier:{reached.id}:{member_sudo.id}",
            )

    def _buy_tier(self, tier):
        """Give a tier that was paid for; a longer time where it is held already."""
        self.ensure_one()
        member_sudo = self.sudo()
        member_sudo._lock_membership()
        today = fields.Date.context_today(self)
        same = member_sudo.bought_tier_id == tier
        begin = max(today, member_sudo.tier_until or today) if same else today
        member_sudo.write(
            {
                "bought_tier_id": tier.id,
                "tier_until": begin + timedelta(days=tier.valid_days or 365),
            }
        )
        member_sudo._settle_tier("purchase", tier.name)

    @api.model
    def _cron_tiers(self):
        """End bought tiers whose time is over, and bring birthday gifts."""
        today = fields.Date.context_today(self)
        over = self.search([("tier_until", "<", today)], limit=BATCH)
        for member in over:
            member.write({"bought_tier_id": False, "tier_until": False})
            member._settle_tier("expired")
        self._give_birthday_gifts(today)

    @api.model
    def _give_birthday_gifts(self, today):
        """Give members of tiers with a birthday gift theirs, once a year."""
        tiers = self.env["teahouse.tier"].search([("birthday_program_id", "!=", False)])
        cards = self.env["loyalty.card"]
        for tier in tiers:
            day = today + timedelta(days=tier.birthday_program_id.birthday_days)
            # The day, and the days before that a job which did not run has missed.
            for member in self.search(
                [("tier_id", "=", tier.id), ("birthday", "!=", False)]
            ):
                if not member._has_birthday(day, 3):
                    continue
                key = f"birthday:{day.year}:{member.id}"
                card = cards._issue(tier.birthday_program_id, member, key=key)
                if card:
                    self.env["teahouse.notification"]._notify(
                        member, "birthday_gift", {"name": card.program_id.name}, key
                    )

    def _tier_benefit(self):
        """Return what the member's tier takes off stays, as the engine takes it."""
        tier_sudo = self.sudo().tier_id
        percent = Decimal(repr(tier_sudo.discount_percent or 0.0))
        return Tier(percent, tier_sudo.free_minutes)

    # === WHO THEY ARE === #

    def _is_newcomer(self):
        """Tell whether the member has had no stay, and has none coming."""
        self.ensure_one()
        return (
            not self.env["teahouse.booking"]
            .sudo()
            .search_count(
                [
                    ("member_id", "=", self.id),
                    ("state", "in", ("confirmed", "in_use", "completed")),
                ],
                limit=1,
            )
        )

    def _has_birthday(self, day, around=0):
        """Tell whether a day lies within some days of the member's birthday."""
        self.ensure_one()
        born = self.sudo().birthday
        if not born:
            return False
        for year in (day.year - 1, day.year, day.year + 1):
            try:
                birthday = date(year, born.month, born.day)
            except ValueError:
                birthday = date(year, 2, 28)
            if abs((birthday - day).days) <= around:
                return True
        return False

    def _count_stays(self):
        """Sum up what segments look at."""
        groups = (
            self.env["teahouse.booking"]
            .sudo()
            ._read_group(
                [("member_id", "in", self.ids), ("settlement_state", "=", "settled")],
                ["member_id"],
                ["__count", "amount_total:sum", "start:max"],
            )
        )
        for member, count, total, last in groups:
            member.sudo().write(
                {"stay_count": count, "spent_total": total, "last_stay_at": last}
            )

    # === POINTS === #

    def _points_card(self, create=False):
        """Return the member's points card (sudo): of the points program, or none."""
        self.ensure_one()
        program_sudo = self.env.ref("teahouse_marketing.loyalty_program_points").sudo()
        partner_sudo = self.sudo().partner_id
        cards_sudo = self.env["loyalty.card"].sudo()
        domain = [
            ("program_id", "=", program_sudo.id),
            ("partner_id", "=", partner_sudo.id),
        ]
        card_sudo = cards_sudo.search(domain, limit=1)
        if not card_sudo and create:
            # One card a member, also when two stays are settled at once.
            self.sudo()._lock_membership()
            card_sudo = cards_sudo.create(
                {"program_id": program_sudo.id, "partner_id": partner_sudo.id}
            )
        return card_sudo

    def _merge_into(self, target):
        """Override of `teahouse_base`: growth, points and coupons move along."""
        card_sudo = self._points_card()
        if points := int(card_sudo.points):
            reason = self.env._("Memberships merged")
            card_sudo._teahouse_move(-points, reason, target)
            target._points_card(create=True)._teahouse_move(points, reason, target)
        coupons_sudo = self.env["loyalty.card"].sudo()
        coupons_sudo.search([("teahouse_member_id", "=", self.id)]).write(
            {"teahouse_member_id": target.id, "partner_id": target.sudo().partner_id.id}
        )
        member_sudo, target_sudo = self.sudo(), target.sudo()
        if member_sudo.bought_tier_id and not target_sudo.bought_tier_id:
            target_sudo.write(
                {
                    "bought_tier_id": member_sudo.bought_tier_id.id,
                    "tier_until": member_sudo.tier_until,
                }
            )
        member_sudo.write({"bought_tier_id": False, "tier_until": False})
        target._grow(self.growth, reason="merged")
        self.growth = 0
        result = super()._merge_into(target)
        target._count_stays()
        return result

    def _api_membership(self):
        """Return tier, growth and points, and what the next tier asks for."""
        self.ensure_one()
        member_sudo = self.sudo()
        tiers_sudo = self.env["teahouse.tier"].sudo().search([])
        following = tiers_sudo.filtered(
            lambda tier: tier.growth_from > member_sudo.growth
        )[:1]
        until = member_sudo.tier_until
        return {
            "tier": member_sudo.tier_id._api_values() if member_sudo.tier_id else None,
            "tier_until": until.isoformat() if until else None,
            "growth": member_sudo.growth,
            "points": int(self._points_card().points),
            "next_tier": following._api_values() if following else None,
            "tiers": [tier._api_values() for tier in tiers_sudo],
            "payment_methods": (
                self.env["teahouse.purchase"]._api_methods()
                if any(tiers_sudo.mapped("price"))
                else []
            ),
        }
