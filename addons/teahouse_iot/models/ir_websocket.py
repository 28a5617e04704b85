from odoo import models

from .teahouse_device_wall import CHANNEL


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override of `bus`: who may see a store's devices hears what changes there."""
        asked = [
            name
            for name in channels
            if isinstance(name, str) and name.startswith(CHANNEL)
        ]
        others = [name for name in channels if name not in asked]
        ids = [int(n) for name in asked if (n := name.removeprefix(CHANNEL)).isdigit()]
        devices = self.env["teahouse.device"]
        if ids and self.env.user._is_internal() and devices.has_access("read"):
            stores = self.env["teahouse.store"].search([("id", "in", ids[:20])])
            others += [(store, "wall") for store in stores]
        return super()._build_bus_channel_list(others)
