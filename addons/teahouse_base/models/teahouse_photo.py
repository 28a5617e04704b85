from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..exceptions import TeahouseError

IMAGE_URL = "/teahouse/api/v1/photos/%s/image"
# Longest sides that customers may ask for.
SIZES = (256, 640, 1920)


class TeahousePhoto(models.Model):
    _name = "teahouse.photo"
    _description = "Photo of a store or room"
    _order = "sequence, id"

    name = fields.Char(string="Caption", translate=True)
    sequence = fields.Integer(default=10)
    image = fields.Image(required=True, max_width=1920, max_height=1920)
    store_id = fields.Many2one("teahouse.store", ondelete="cascade", index=True)
    room_id = fields.Many2one("teahouse.room", ondelete="cascade", index=True)

    @api.constrains("store_id", "room_id")
    def _check_owner(self):
        for photo in self:
            if bool(photo.store_id) == bool(photo.room_id):
                raise ValidationError(
                    self.env._("A photo belongs to a store or to a room.")
                )

    def _api_url(self):
        """Return the address of the image; it changes with the image."""
        self.ensure_one()
        version = int(self.write_date.timestamp())
        return f"{IMAGE_URL % self.id}?v={version}"

    def _api_values(self):
        """Return the photo for galleries."""
        self.ensure_one()
        return {"id": self.id, "url": self._api_url(), "caption": self.name or ""}

    @api.model
    def _api_stream(self, photo_id, size=1920):
        """Return the stream of a photo for customers.

        :param int size: longest side, the next of 256, 640, 1920 is taken
        :raise TeahouseError: not_found
        """
        photo_sudo = self.sudo().search(
            [
                ("id", "=", photo_id),
                "|",
                ("store_id.state", "in", ("open", "paused")),
                ("room_id.store_id.state", "in", ("open", "paused")),
            ]
        )
        if not photo_sudo:
            raise TeahouseError("not_found", self.env._("There is no such photo."))
        side = next((step for step in SIZES if size <= step), SIZES[-1])
        return self.env["ir.binary"]._get_image_stream_from(
            photo_sudo, "image", width=side, height=side
        )
