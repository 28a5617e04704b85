from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    teahouse_booking_id = fields.Many2one(
        "teahouse.booking",
        string="Booking",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Set on what was paid, or given back, at the counter.",
    )
