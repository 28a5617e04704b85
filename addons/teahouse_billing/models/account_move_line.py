from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    teahouse_charge_line_id = fields.Many2one(
        "teahouse.charge.line",
        string="Charge line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
