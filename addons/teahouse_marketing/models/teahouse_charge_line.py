from odoo import fields, models


class TeahouseChargeLine(models.Model):
    _inherit = "teahouse.charge.line"

    discount_kind = fields.Selection(
        [("tier", "Tier"), ("coupon", "Coupon"), ("points", "Points")], readonly=True
    )
    loyalty_card_id = fields.Many2one(
        "loyalty.card", string="Coupon", readonly=True, index="btree_not_null"
    )
    points = fields.Integer(readonly=True, help="Spent for this discount.")
