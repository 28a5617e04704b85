from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    teahouse_expense_id = fields.Many2one(
        "teahouse.expense",
        string="Expense",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
