from odoo import fields, models

from ..api import PREFIX


class TeahousePhoto(models.Model):
    _name = "teahouse.photo"
    _description = "Photo of a store or room"
    _order = "sequence, id"

    name = fields.Char(string="Caption", translate=True)
    sequence = fields.Integer(default=10)
    image = fields.Image(required=True, max_width=1920, max_height=1920)
    store_id = fields.Many2one("teahouse.store", ondelete="cascade", index=True)
    room_id = fields.Many2one("teahouse.room", ondelete="cascade", index=True)

    _one_owner = models.Constraint(
        "CHECK((store_id IS NULL) <> (room_id IS NULL))",
        "A photo belongs to a store or to a room.",
    )

    def _api_url(self):
        """Return the address of the image, another one once the photo changed."""
        self.ensure_one()
        version = int(self.write_date.timestamp())
        return f"{PREFIX}/photos/{self.id}?v={version:x}"

    def _api_values(self):
        """Return the photo for galleries."""
        self.ensure_one()
        return {"id": self.id, "name": self.name or None, "url": self._api_url()}
