from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    teahouse_member_ids = fields.One2many(
        "teahouse.member",
        "partner_id",
        string="Teahouse members",
        context={"active_test": False},
        groups="base.group_user",
    )
