from odoo import models

from ..tools import qr


class TeahouseRoom(models.Model):
    """What hangs at the door: a code that opens the room's page on a phone."""

    _inherit = "teahouse.room"

    def _poster_url(self):
        """Return the address of the room's page in the customers' app."""
        self.ensure_one()
        return f"{self.get_base_url()}/teahouse/app#/rooms/{self.id}"

    def _poster_code(self):
        """Return the QR code of that address, as an image to put into a page."""
        return qr.data_url(self._poster_url(), box_size=12)
