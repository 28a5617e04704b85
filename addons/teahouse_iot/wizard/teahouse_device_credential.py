from odoo import fields, models

from odoo.addons.field_encrypted.fields import Encrypted


class TeahouseDeviceCredential(models.TransientModel):
    """Shows a fresh secret once, to be typed into the device."""

    _name = "teahouse.device.credential"
    _description = "New device credential"
    _inherit = ["field.encrypted.mixin"]
    _transient_max_hours = 0.25

    device_id = fields.Many2one("teahouse.device", readonly=True)
    username = fields.Char(string="User name", readonly=True)
    password = Encrypted(readonly=True)
    code = Encrypted(string="Claim code", readonly=True)
