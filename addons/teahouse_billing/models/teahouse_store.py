from odoo import api, fields, models


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Analytic account",
        copy=False,
        index="btree_not_null",
        check_company=True,
        groups="teahouse_base.teahouse_base_group_accountant",
        help="Income and expenses of the store; made with the first entry.",
    )

    use_goods = fields.Boolean(
        string="Goods to the room",
        default=True,
        help="Guests may order goods during their stay.",
    )

    @api.model
    def _capability_fields(self):
        return {**super()._capability_fields(), "goods": "use_goods"}

    def _analytic_account(self):
        """Return the store's analytic account (sudo), made if it is missing."""
        self.ensure_one()
        store_sudo = self.sudo()
        if not store_sudo.analytic_account_id:
            company = store_sudo.company_id
            store_sudo.analytic_account_id = company._teahouse_make_analytic(
                "store", store_sudo.name, store_sudo.code
            )
        return store_sudo.analytic_account_id
