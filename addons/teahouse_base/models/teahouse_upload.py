from odoo import fields, models


class TeahouseUpload(models.Model):
    _name = "teahouse.upload"
    _description = "Image uploaded by a member"
    _order = "id desc"

    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    image = fields.Image(required=True, max_width=1920, max_height=1920)
