from odoo import api, fields, models

from odoo.addons.teahouse_base.api import money_str


class TeahouseTier(models.Model):
    """A level that members reach by growth, and what it gives them."""

    _name = "teahouse.tier"
    _description = "Membership tier"
    _order = "growth_from, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: the tier counts for all companies of the chain."
    )
    growth_from = fields.Integer(
        string="Growth from",
        required=True,
        help="Reached with this growth: one for each unit of currency spent on stays.",
    )
    discount_percent = fields.Float(
        string="Discount %", digits=(5, 2), help="Off the price of stays."
    )
    extra_horizon_days = fields.Integer(
        string="More days ahead", help="Days beyond the room's own horizon."
    )
    price = fields.Monetary(help="Sold at this price in the app; zero: not for sale.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    valid_days = fields.Integer(
        string="Sold for days", default=365, help="How long a bought tier lasts."
    )
    free_minutes = fields.Integer(
        help="So many minutes of each stay are free, at its average price."
    )
    early_days = fields.Integer(
        string="Early sale days",
        help="Coupons to claim are open to the tier so many days before all others.",
    )
    birthday_program_id = fields.Many2one(
        "loyalty.program",
        string="Birthday gift",
        domain="[('teahouse_coupon', '=', True)]",
        help="A coupon that members of the tier get before their birthday.",
    )
    benefits = fields.Text(translate=True, help="In words, as the app shows them.")
    member_ids = fields.One2many("teahouse.member", "tier_id", string="Members")
    member_count = fields.Integer(compute="_compute_member_count")

    _growth_unique = models.UniqueIndex(
        "(growth_from, COALESCE(company_id, 0)) WHERE active",
        "Another tier begins at this growth.",
    )
    _percent_range = models.Constraint(
        """CHECK(discount_percent BETWEEN 0 AND 100 AND growth_from >= 0
                 AND extra_horizon_days BETWEEN 0 AND 365
                 AND price >= 0 AND free_minutes >= 0
                 AND valid_days > 0 AND early_days >= 0)""",
        "A discount lies between 0 and 100 %, and no number is negative.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for tier in self:
            tier.currency_id = (tier.company_id or self.env.company).currency_id

    @api.depends("member_ids")
    def _compute_member_count(self):
        counts = dict(
            self.env["teahouse.member"]._read_group(
                [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.member_count = counts.get(tier, 0)

    @api.model
    def _reached(self, growth, company=None):
        """Return the highest tier (sudo) that a growth reaches, or none.

        :param company: res.company whose own tiers count beside those of the chain
        """
        companies = [False, company.id] if company else [False]
        return self.sudo().search(
            [("growth_from", "<=", growth), ("company_id", "in", companies)],
            order="growth_from desc, id desc",
            limit=1,
        )

    def _api_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "growth_from": self.growth_from,
            "discount_percent": f"{self.discount_percent:g}",
            "benefits": self.benefits or "",
            "free_minutes": self.free_minutes,
            "price": money_str(self.price, self.currency_id) if self.price else None,
            "valid_days": self.valid_days,
        }
