from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    # The way back from the user to the member: looked up once for all rooms of a list.
    teahouse_own_member_ids = fields.One2many(
        "teahouse.member", "user_id", string="Member", groups="base.group_system"
    )
