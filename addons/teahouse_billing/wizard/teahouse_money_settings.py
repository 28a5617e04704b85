from odoo import api, fields, models

#: What owners set for their company, without any other right on it.
SETTINGS = (
    "teahouse_tax_id",
    "teahouse_reduction_limit",
    "teahouse_reminder_days",
    "teahouse_journal_id",
    "teahouse_stay_account_id",
    "teahouse_goods_account_id",
    "teahouse_fee_account_id",
    "teahouse_gateway_fee_account_id",
    "teahouse_post_fees",
)


class TeahouseMoneySettings(models.TransientModel):
    """The company's settings of prices and books, for owners."""

    _name = "teahouse.money.settings"
    _description = "Settings of prices and books"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    teahouse_tax_id = fields.Many2one(
        "account.tax",
        string="Tax on stays",
        domain="[('type_tax_use', '=', 'sale'), ('price_include', '=', True),"
        " ('company_id', '=', company_id)]",
        help="Included in every price of rooms and goods; none where no tax is due.",
    )
    teahouse_reduction_limit = fields.Monetary(string="Managers may reduce a bill by")
    teahouse_reminder_days = fields.Char(string="Reminders after days")
    teahouse_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of stays",
        domain="[('type', '=', 'sale'), ('company_id', '=', company_id)]",
    )
    teahouse_stay_account_id = fields.Many2one(
        "account.account", string="Income from rooms"
    )
    teahouse_goods_account_id = fields.Many2one(
        "account.account", string="Income from goods"
    )
    teahouse_fee_account_id = fields.Many2one(
        "account.account", string="Income from fees and overtime"
    )
    teahouse_gateway_fee_account_id = fields.Many2one(
        "account.account",
        string="Fees of payment providers",
        help="Made with the first statement where it is empty.",
    )
    teahouse_post_fees = fields.Boolean(
        string="Post the fees of payment providers",
        help="By itself, as soon as a provider's statement is there.",
    )
    chart_template = fields.Selection(related="company_id.chart_template")

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
        changed = {}
        for name in SETTINGS:
            if self[name] != company_sudo[name]:
                changed[name] = [
                    getattr(value, "display_name", value)
                    for value in (company_sudo[name], self[name])
                ]
                company_sudo[name] = self[name]
        if changed:
            self.env["teahouse.audit"]._log("money.settings", company_sudo, changed)
        return {"type": "ir.actions.act_window_close"}

    def action_set_up(self):
        """Make journal, accounts and categories that are missing."""
        self.ensure_one()
        self.check_access("write")
        company_sudo = self.company_id.sudo()
        company_sudo._teahouse_setup_accounting()
        company_sudo._teahouse_setup_books()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_money_settings_action"
        )
