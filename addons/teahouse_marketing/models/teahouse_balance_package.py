from odoo import api, fields, models

from odoo.addons.teahouse_base.api import money_str


class TeahouseBalancePackage(models.Model):
    """What members pay in, and what they get on top."""

    _name = "teahouse.balance.package"
    _description = "Top-up package"
    _order = "sequence, amount, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_ids = fields.Many2many(
        "teahouse.store",
        string="Sold at",
        check_company=True,
        help="Empty: all stores.",
    )
    amount = fields.Monetary(string="Paid in", required=True)
    bonus = fields.Monetary()
    first_only = fields.Boolean(
        string="First top-up only", help="For members who never topped up."
    )

    _amounts = models.Constraint(
        "CHECK(amount > 0 AND bonus >= 0)", "Something is paid in."
    )

    @api.model
    def _api_list(self, query):
        """Return the packages that are sold, at a store if one is named."""
        domain = [("active", "=", True)]
        if query.store_id:
            store = self.env["teahouse.store"].sudo()._api_find(query.store_id)
            domain += [
                ("company_id", "=", store.company_id.id),
                "|",
                ("store_ids", "=", False),
                ("store_ids", "in", store.ids),
            ]
        found = self.sudo().search(domain)
        company = found[:1].company_id or self.env.company
        company = company.sudo()
        return {
            "items": [package._api_values() for package in found],
            "currency": company.currency_id.name,
            "min": money_str(company.teahouse_topup_min, company.currency_id),
            "max": money_str(company.teahouse_topup_max, company.currency_id),
            "store_needed": company.teahouse_balance_scope == "store",
            "payment_methods": self.env["teahouse.purchase"]._api_methods(
                query.store_id
            ),
        }

    def _api_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "currency": self.currency_id.name,
            "amount": money_str(self.amount, self.currency_id),
            "bonus": money_str(self.bonus, self.currency_id),
            "first_only": self.first_only,
            "store_ids": self.store_ids.ids,
        }
