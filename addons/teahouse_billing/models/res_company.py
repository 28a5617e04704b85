from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    teahouse_tax_id = fields.Many2one(
        "account.tax",
        string="Tax on stays",
        domain="[('type_tax_use', '=', 'sale'), ('price_include', '=', True)]",
        check_company=True,
        help="Included in every price of rooms and goods; none where no tax is due.",
    )
    teahouse_accounting_ready = fields.Boolean(
        readonly=True, help="The tax was chosen once; it is not chosen again by itself."
    )

    teahouse_reduction_limit = fields.Monetary(
        string="Managers may reduce a bill by",
        default=500.0,
        help="More is for accountants and the owner.",
    )

    def _teahouse_tax(self):
        """Return the tax included in prices, possibly none."""
        self.ensure_one()
        return self.sudo().teahouse_tax_id

    def _teahouse_setup_accounting(self):
        """Choose the tax of companies that have a chart of accounts, once.

        China sells stays with 6 % in the price. Its chart calculates taxes on top, and
        that cannot be changed once there are invoices, hence a copy that is included.
        """
        for company in self.sudo():
            if company.teahouse_accounting_ready or not company.chart_template:
                continue
            if not company.teahouse_tax_id:
                company.teahouse_tax_id = company._teahouse_find_tax()
            company.teahouse_accounting_ready = True

    def _teahouse_find_tax(self):
        self.ensure_one()
        charts = self.env["account.chart.template"].with_company(self)
        tax = charts.ref("l10n_cn_sales_excluded_6", raise_if_not_found=False)
        tax = tax or self.account_sale_tax_id
        if not tax or tax.price_include:
            return tax
        name = self.env._("%s in the price", tax.name)
        same = self.env["account.tax"].search(
            [
                *self.env["account.tax"]._check_company_domain(self),
                ("name", "=", name),
                ("type_tax_use", "=", "sale"),
            ],
            limit=1,
        )
        return same or tax.copy(
            {"name": name, "price_include_override": "tax_included", "sequence": 50}
        )

    def _teahouse_walk_in_partner(self):
        """Return the partner that stands for guests without a name."""
        self.ensure_one()
        return self.env.ref("teahouse_billing.partner_walk_in").sudo()

    def _teahouse_analytic_plan(self, name):
        """Return the analytic plan of a dimension: ``store`` or ``room``."""
        return self.env.ref(f"teahouse_billing.analytic_plan_{name}").sudo()

    def _teahouse_make_analytic(self, plan, name, code):
        """Create an analytic account (sudo) of a dimension, ``store`` or ``room``."""
        self.ensure_one()
        return (
            self.env["account.analytic.account"]
            .sudo()
            .create(
                {
                    "name": name,
                    "code": code,
                    "plan_id": self._teahouse_analytic_plan(plan).id,
                    "company_id": self.id,
                }
            )
        )
