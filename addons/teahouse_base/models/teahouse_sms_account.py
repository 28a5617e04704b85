from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.field_encrypted.fields import Encrypted


class TeahouseSmsAccount(models.Model):
    """A company's account at an SMS service of China."""

    _name = "teahouse.sms.account"
    _description = "Account at an SMS service"
    _inherit = ["field.encrypted.mixin"]
    _rec_name = "service"

    service = fields.Selection(
        [("aliyun", "Aliyun"), ("tencent", "Tencent Cloud")], required=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)
    key_id = fields.Char(
        string="Access key", required=True, help="AccessKey ID, or SecretId."
    )
    key_secret = Encrypted(
        string="Secret of the access key",
        required=True,
        copy=False,
        groups="base.group_system",
    )
    sign_name = fields.Char(
        string="Signature", required=True, help="The approved name before each text."
    )
    sdk_app_id = fields.Char(string="SdkAppId", help="Of Tencent Cloud.")
    region = fields.Char(help="Of Tencent Cloud; ap-guangzhou if empty.")

    _one_each = models.UniqueIndex(
        "(company_id) WHERE active", "This company has an SMS service already."
    )

    @api.constrains("service", "sdk_app_id")
    def _check_sdk_app_id(self):
        if any(a.service == "tencent" and not a.sdk_app_id for a in self):
            raise ValidationError(self.env._("Tencent Cloud needs the SdkAppId."))
