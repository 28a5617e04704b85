from odoo import api, fields, models


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    device_ids = fields.One2many("teahouse.device", "room_id", string="Devices")
    device_count = fields.Integer(compute="_compute_device_count")

    @api.depends("device_ids")
    def _compute_device_count(self):
        counts = dict(
            self.env["teahouse.device"]._read_group(
                [("room_id", "in", self.ids)], ["room_id"], ["__count"]
            )
        )
        for room in self:
            room.device_count = counts.get(room, 0)

    def _devices(self, kinds, shared=True):
        """Return the active devices (sudo) that serve this room.

        None in a store that leaves doors and switches to people.

        :param kinds: device kinds wanted
        :param bool shared: also those the store shares among its rooms
        """
        self.ensure_one()
        if not self.store_id.use_devices:
            return self.env["teahouse.device"].sudo().browse()
        place = [("room_id", "=", self.id)]
        if shared:
            place = [
                "|",
                *place,
                "&",
                ("room_id", "=", False),
                ("store_id", "=", self.store_id.id),
            ]
        return (
            self.env["teahouse.device"]
            .sudo()
            .search_fetch([("kind", "in", list(kinds)), *place])
        )

    def _door(self, door):
        """Return the device (sudo) that opens the room or the store's gate.

        Of several the first one in reach is taken, so that one broken lock does not
        keep a guest out; none at all gives an empty recordset.

        :param str door: `room` or `gate`
        """
        if door == "gate":
            doors = self._devices(("gate",))
        else:
            doors = self._devices(("lock",), shared=False)
        return (doors.filtered(lambda device: device.state == "online") or doors)[:1]

    def action_open_devices(self):
        """Open the device wall of the room."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_iot.teahouse_device_action"
        )
        action["domain"] = [("room_id", "=", self.id)]
        action["context"] = {
            "default_room_id": self.id,
            "default_store_id": self.store_id.id,
        }
        return action
