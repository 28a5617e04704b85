from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    teahouse_booking_id = fields.Many2one(
        "teahouse.booking",
        string="Booking",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
