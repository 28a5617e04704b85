from odoo import fields, models
from odoo.fields import NO_ACCESS

from odoo.addons.field_encrypted.fields import Encrypted


class TeahouseIdentity(models.Model):
    _name = "teahouse.identity"
    _description = "Identity of a member at a provider"
    _inherit = ["field.encrypted.mixin"]
    _rec_name = "provider"

    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    provider = fields.Selection(
        [("wechat", "WeChat"), ("alipay", "Alipay")], required=True
    )
    app_id = fields.Char(required=True, help="Application that knows this subject.")
    subject = Encrypted(
        blind_index="subject_index", required=True, groups=NO_ACCESS, copy=False
    )
    subject_index = fields.Char(groups=NO_ACCESS, readonly=True, copy=False)

    _subject_unique = models.UniqueIndex(
        "(provider, app_id, subject_index)",
        "This identity belongs to a member already.",
    )
