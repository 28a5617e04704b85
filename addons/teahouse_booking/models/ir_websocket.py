from odoo import api, models

from .teahouse_board import CHANNEL

#: Boards that one browser looks at, at most.
MAX_BOARDS = 20


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override of `bus`: who may see a store's stays hears what changes in it."""
        ours = [n for n in channels if isinstance(n, str) and n.startswith(CHANNEL)]
        others = [name for name in channels if name not in ours]
        return super()._build_bus_channel_list([*others, *self._board_stores(ours)])

    @api.model
    def _board_stores(self, names):
        """Return the stores behind the names of boards that the user may look at."""
        ids = [
            int(number)
            for name in names[:MAX_BOARDS]
            if (number := name.removeprefix(CHANNEL)).isdigit()
        ]
        stores = self.env["teahouse.store"]
        if not self.env["teahouse.booking"].has_access("read"):
            return stores
        if not self.env.user._is_internal():
            return stores
        return stores.search([("id", "in", ids)])
