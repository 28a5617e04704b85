from odoo import api, models


class TeahouseAudit(models.Model):
    _inherit = "teahouse.audit"

    @api.model
    def _action_words(self):
        return {
            **super()._action_words(),
            "bridge.credential": self.env._("Bridge given a new password"),
            "device.bind": self.env._("Device bound"),
            "device.claim_code": self.env._("Claim code made"),
            "device.credential": self.env._("Device given a new password"),
            "device.revoke": self.env._("Device's access revoked"),
            "device.signing_key": self.env._("Signing key made"),
            "device.switch": self.env._("Device switched by staff"),
            "device.unsigned": self.env._("Unsigned messages allowed"),
            "door.remote_open": self.env._("Door opened from afar"),
            "grant.create": self.env._("Access given"),
            "grant.revoke": self.env._("Access taken away"),
            "room.visitors": self.env._("Looked who was in a room"),
        }
