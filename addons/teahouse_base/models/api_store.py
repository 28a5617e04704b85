from odoo import api, models

from ..exceptions import TeahouseError

PHOTO_AGE = 24 * 3600
SIDES = (256, 640, 1920)


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    @api.model
    def _api_get(self, store_id):
        """Return a store that is shown to customers, with details.

        :raise TeahouseError: not_found
        """
        return self._api_find(store_id)._api_values(detail=True)


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    @api.model
    def _api_get(self, room_id):
        """Return a room of a store that is shown to customers.

        :raise TeahouseError: not_found
        """
        return self._api_find(room_id)._api_values()


class TeahousePhoto(models.Model):
    _inherit = "teahouse.photo"

    @api.model
    def _api_image(self, photo_id, query):
        """Return a photo as a response that anybody may keep for a day.

        :param query: the size wanted; the next of three is given, so that sizes do
            not fill the caches
        :raise TeahouseError: not_found, also for a photo of a store not shown
        """
        photo_sudo = self.sudo().browse(photo_id).exists()
        store_sudo = photo_sudo.store_id or photo_sudo.room_id.store_id
        if not store_sudo.active or store_sudo.state == "closed":
            raise TeahouseError("not_found", self.env._("There is no such photo."))
        side = next((size for size in SIDES if query.size <= size), SIDES[-1])
        stream = self.env["ir.binary"]._get_image_stream_from(
            photo_sudo, "image", width=side, height=side
        )
        response = stream.get_response()
        response.headers["Cache-Control"] = f"public, max-age={PHOTO_AGE}"
        return response
