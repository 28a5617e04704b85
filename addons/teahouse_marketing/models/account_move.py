from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    teahouse_purchase_id = fields.Many2one(
        "teahouse.purchase",
        string="Purchase",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    teahouse_transaction_id = fields.Many2one(
        "payment.transaction",
        string="Payment by balance",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
