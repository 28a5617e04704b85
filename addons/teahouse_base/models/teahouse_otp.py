from odoo import fields, models


class TeahouseOtp(models.Model):
    _name = "teahouse.otp"
    _description = "One-time code"
    _order = "id desc"

    purpose = fields.Selection(
        [("login", "Login"), ("password", "New password"), ("bind", "Bind phone")],
        required=True,
    )
    phone_hash = fields.Char(required=True, index=True)
    code_hash = fields.Char(required=True)
    expires_at = fields.Datetime(required=True)
    used_at = fields.Datetime()
