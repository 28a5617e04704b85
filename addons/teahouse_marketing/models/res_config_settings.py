from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    teahouse_points_per_unit = fields.Integer(
        related="company_id.teahouse_points_per_unit", readonly=False
    )
    teahouse_points_max_percent = fields.Float(
        related="company_id.teahouse_points_max_percent", readonly=False
    )
    teahouse_points_months = fields.Integer(
        related="company_id.teahouse_points_months", readonly=False
    )
    teahouse_coupons_a_stay = fields.Integer(
        related="company_id.teahouse_coupons_a_stay", readonly=False
    )
    teahouse_balance_account_id = fields.Many2one(
        related="company_id.teahouse_balance_account_id"
    )
    teahouse_balance_scope = fields.Selection(
        related="company_id.teahouse_balance_scope", readonly=False
    )
    teahouse_balance_order = fields.Selection(
        related="company_id.teahouse_balance_order", readonly=False
    )
    teahouse_balance_covers_due = fields.Boolean(
        related="company_id.teahouse_balance_covers_due", readonly=False
    )
    teahouse_marketing_cap = fields.Integer(
        related="company_id.teahouse_marketing_cap", readonly=False
    )
    teahouse_marketing_days = fields.Integer(
        related="company_id.teahouse_marketing_days", readonly=False
    )

    def action_teahouse_setup_balance(self):
        """Open balances for the company."""
        self.company_id._teahouse_setup_balance()
