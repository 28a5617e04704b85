from datetime import timedelta

from odoo import api, models

from ..engine.profile.device import window
from ..tools import from_epoch


class TeahouseCommand(models.Model):
    """What the make of a device means for its commands."""

    _inherit = "teahouse.command"

    @api.model_create_multi
    def create(self, vals_list):
        """Let locks that know no time have a PIN for just as long as it is good.

        A PIN is set when its window opens, and cleared when it closes.
        """
        clearing = [
            self._clearing(vals) for vals in vals_list if vals["act"] == "pin_set"
        ]
        created = super().create(vals_list + [vals for vals in clearing if vals])
        return created[: len(vals_list)]

    @api.model
    def _clearing(self, vals):
        """Move a PIN to its window; return what clears it, None for a lock that
        knows the time itself."""
        device_sudo = self.env["teahouse.device"].sudo().browse(vals["device_id"])
        bounds = window(vals.get("args") or {})
        profile_sudo = device_sudo.profile_id
        if not bounds or not profile_sudo or profile_sudo.pin_window:
            return None
        begin, end = map(from_epoch, bounds)
        vals["due_at"] = max(vals["due_at"], begin)
        kept = {k: v for k, v in vals.items() if k not in ("guard", "plan_key")}
        return {
            **kept,
            "act": "pin_del",
            "args": {"slot": vals["args"]["slot"]},
            "due_at": end,
            "expires_at": end + timedelta(days=1),
        }

    @api.model
    def _secret_args(self, ids):
        """Add the signing keys of locks that verify signatures."""
        result = super()._secret_args(ids)
        for command_sudo in self.sudo().browse(ids):
            device_sudo = command_sudo.device_id
            if device_sudo.signed and device_sudo.sig_key:
                row = result.setdefault(command_sudo.id, {})
                row["sig_key"] = device_sudo.sig_key
        return result
