from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..models.teahouse_device import DOORS


class TeahouseRemoteOpen(models.TransientModel):
    """Staff open a door from afar, and say why."""

    _name = "teahouse.remote.open"
    _description = "Open a door remotely"

    device_id = fields.Many2one(
        "teahouse.device",
        string="Door",
        required=True,
        domain=[("kind", "in", DOORS)],
    )
    state = fields.Selection(related="device_id.state")
    reason = fields.Char(required=True)
    command_id = fields.Many2one("teahouse.command", readonly=True)

    @api.model
    def _rights(self):
        return self.env.user.has_group("teahouse_base.teahouse_base_group_staff")

    def action_open(self):
        """Send the unlock; it is in the access log and in the audit trail.

        :raise TeahouseError: forbidden, invalid_request, device_offline
        """
        self.ensure_one()
        device = self.device_id
        # The record rules of the user decide which doors there are.
        device.check_access("read")
        if not self._rights():
            raise TeahouseError("forbidden", self.env._("Only staff open doors."))
        if device.kind not in DOORS or not (self.reason or "").strip():
            raise TeahouseError(
                "invalid_request", self.env._("Choose a door and give the reason.")
            )
        if device.state != "online":
            raise TeahouseError(
                "device_offline", self.env._("The door cannot be reached now.")
            )
        command_sudo = device.sudo()._unlock(
            source="staff", user_id=self.env.uid, note=self.reason.strip()
        )
        self.env["teahouse.access.log"]._log(
            device,
            "staff",
            "pending",
            self.reason.strip(),
            command_id=command_sudo.id,
            user_id=self.env.uid,
        )
        self.env["teahouse.audit"]._log(
            "door.remote_open", device, {"reason": self.reason.strip()}
        )
        self.command_id = command_sudo
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The command is on its way to the door."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
