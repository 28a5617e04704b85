import hmac
import json
import re

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..models.teahouse_device import KINDS
from ..models.teahouse_device_announcement import mac, plain_code

#: Wrong codes a person may type.
CODE_LIMITS = ((600, 10), (86400, 50))


class TeahouseDeviceBind(models.TransientModel):
    """Binds an announced device to a place."""

    _name = "teahouse.device.bind"
    _description = "Bind a device"

    announcement_id = fields.Many2one(
        "teahouse.device.announcement", required=True, readonly=True, ondelete="cascade"
    )
    source = fields.Selection(related="announcement_id.source")
    model = fields.Char(related="announcement_id.model")
    code = fields.Char(
        string="Claim code", help="Printed on the device: who reads it stands at it."
    )
    name = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True)
    uid = fields.Char(string="Device id", required=True)
    store_id = fields.Many2one("teahouse.store", required=True)
    room_id = fields.Many2one("teahouse.room", domain="[('store_id', '=', store_id)]")
    profile_id = fields.Many2one("teahouse.device.profile", required=True)
    bridge_id = fields.Many2one(
        "teahouse.broker.bridge", domain="[('store_id', '=', store_id)]"
    )

    @api.model
    def default_get(self, fields_list):
        """Begin with what the device said of itself."""
        values = super().default_get(fields_list)
        announced = self.env["teahouse.device.announcement"].browse(
            values.get("announcement_id")
        )
        if not announced:
            return values
        profiles = self.env["teahouse.device.profile"]
        profile = profiles.search([("code", "=", announced.profile_code)], limit=1)
        stores = self.env.user.teahouse_store_ids
        values.update(
            name=announced.name or announced.model or "",
            kind=announced.kind,
            uid=self._free_uid(announced),
            profile_id=profile.id
            or self.env.ref("teahouse_iot.teahouse_device_profile_teahouse").id,
        )
        if len(stores) == 1:
            values["store_id"] = stores.id
        return values

    def _free_uid(self, announced):
        base = re.sub(r"[^a-z0-9]+", "-", (announced.name or "").lower()).strip("-")
        base = (base or announced.kind or "device")[:24]
        devices_sudo = self.env["teahouse.device"].sudo()
        devices_sudo = devices_sudo.with_context(active_test=False)
        number, uid = 1, base
        while uid == "gw" or devices_sudo.search_count([("uid", "=", uid)], limit=1):
            number += 1
            uid = f"{base}-{number}"
        return uid

    def action_bind(self):
        """Create the device; over HTTP it fetches its credential by itself.

        :raise TeahouseError: forbidden (wrong code), invalid_state (bound already),
            rate_limited
        """
        self.ensure_one()
        announced = self.announcement_id.try_lock_for_update()
        if not announced or announced.state != "waiting":
            raise TeahouseError(
                "invalid_state", self.env._("This device is bound already.")
            )
        if announced.source == "http":
            self._check_code(announced)
        values = json.loads(announced.profile_values or "{}")
        device = self.env["teahouse.device"].create(
            {
                "name": self.name,
                "kind": self.kind,
                "uid": self.uid,
                "store_id": self.store_id.id,
                "room_id": self.room_id.id,
                "profile_id": self.profile_id.id,
                "bridge_id": self.bridge_id.id,
                "ref": values.get("ref"),
                "profile_values": announced.profile_values,
            }
        )
        announced._bound_to(device)
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.device",
            "res_id": device.id,
            "view_mode": "form",
        }

    def _check_code(self, announced):
        given = mac("code", plain_code(self.code))
        if hmac.compare_digest(given, announced.key):
            return
        if self.env["teahouse.throttle"]._hit(
            "device code", str(self.env.uid), CODE_LIMITS
        ):
            raise TeahouseError(
                "rate_limited", self.env._("Too many wrong codes: try again later.")
            )
        raise TeahouseError(
            "forbidden", self.env._("This is not the code of that device.")
        )
