from decimal import Decimal

from odoo import fields, models

from ..engine.discounts import PointsRule


class ResCompany(models.Model):
    _inherit = "res.company"

    teahouse_points_per_unit = fields.Integer(
        string="Points for one unit of currency",
        default=100,
        help="So many points take one unit of currency off a stay.",
    )
    teahouse_points_max_percent = fields.Float(
        string="Points pay at most %", default=100.0, help="Of what is left of a stay."
    )
    teahouse_points_months = fields.Integer(
        string="Points expire after months", default=24, help="Zero: never."
    )
    teahouse_coupons_a_stay = fields.Integer(
        string="Coupons a stay",
        default=1,
        help="Most coupons that are used together, if each allows it.",
    )

    teahouse_marketing_cap = fields.Integer(
        string="Advertising at most",
        default=3,
        help="Messages of campaigns that a member gets in so many days; zero: any.",
    )
    teahouse_marketing_days = fields.Integer(string="In days", default=30)

    _teahouse_points = models.Constraint(
        """CHECK(teahouse_points_per_unit > 0 AND teahouse_points_months >= 0
                 AND teahouse_points_max_percent BETWEEN 0 AND 100
                 AND teahouse_coupons_a_stay >= 0)""",
        "Points are worth something, and pay at most 100 %.",
    )

    def _points_rule(self):
        """Return how points pay, as the engine takes it."""
        self.ensure_one()
        company_sudo = self.sudo()
        return PointsRule(
            company_sudo.teahouse_points_per_unit,
            Decimal(repr(company_sudo.teahouse_points_max_percent)),
        )
