from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    teahouse_store_ids = fields.Many2many(
        "teahouse.store",
        "teahouse_store_users_rel",
        "user_id",
        "store_id",
        string="Stores",
        help="Stores that this user works for.",
    )
