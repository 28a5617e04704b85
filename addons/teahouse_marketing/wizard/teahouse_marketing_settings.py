from odoo import api, fields, models

#: What owners set for their company, without any other right on it.
SETTINGS = (
    "teahouse_points_per_unit",
    "teahouse_points_max_percent",
    "teahouse_points_months",
    "teahouse_coupons_a_stay",
    "teahouse_marketing_cap",
    "teahouse_marketing_days",
    "teahouse_topup_min",
    "teahouse_topup_max",
    "teahouse_bonus_account_id",
    "teahouse_chain_account_id",
    "teahouse_commission_account_id",
)
ACCOUNTS = "[('company_ids', 'in', company_id)]"


class TeahouseMarketingSettings(models.TransientModel):
    """The company's settings of membership and marketing, for owners."""

    _name = "teahouse.marketing.settings"
    _description = "Settings of membership and marketing"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    teahouse_points_per_unit = fields.Integer(string="Points for one yuan")
    teahouse_points_max_percent = fields.Float(string="Points pay at most (%)")
    teahouse_points_months = fields.Integer(string="Points expire after months")
    teahouse_coupons_a_stay = fields.Integer(string="Coupons a stay")
    teahouse_marketing_cap = fields.Integer(string="Advertising at most")
    teahouse_marketing_days = fields.Integer(string="In days")
    teahouse_topup_min = fields.Monetary(string="Smallest top-up")
    teahouse_topup_max = fields.Monetary(string="Largest top-up")
    teahouse_bonus_account_id = fields.Many2one(
        "account.account", string="Bonus spent", domain=ACCOUNTS
    )
    teahouse_chain_account_id = fields.Many2one(
        "account.account", string="Between companies", domain=ACCOUNTS
    )
    teahouse_commission_account_id = fields.Many2one(
        "account.account", string="Commission of platforms", domain=ACCOUNTS
    )

    @api.model
    def default_get(self, fields_list):
        """Begin with what the company has."""
        values = super().default_get(fields_list)
        company_sudo = self.env.company.sudo()
        for name in SETTINGS:
            value = company_sudo[name]
            values[name] = value.id if isinstance(value, models.BaseModel) else value
        return values

    def action_save(self):
        """Store the settings, with a trace."""
        self.ensure_one()
        self.check_access("write")
        company_sudo = self.company_id.sudo()
        changed = {
            name: self[name] for name in SETTINGS if self[name] != company_sudo[name]
        }
        if changed:
            detail = {
                name: [
                    getattr(one, "display_name", one)
                    for one in (company_sudo[name], value)
                ]
                for name, value in changed.items()
            }
            # In one write: smallest and largest are checked together.
            company_sudo.write(
                {
                    name: value.id if isinstance(value, models.BaseModel) else value
                    for name, value in changed.items()
                }
            )
            self.env["teahouse.audit"]._log("marketing.settings", company_sudo, detail)
        return {"type": "ir.actions.act_window_close"}
