from odoo import api, models

from ..api import decode_cursor, encode_cursor, page

PHOTO_AGE = 7 * 24 * 3600


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    @api.model
    def _api_page(self, query):
        """Return a page of stores; its cursor is the number of those before."""
        before = decode_cursor(self.env, query.cursor, int)
        offset = max(0, before[0]) if before else 0
        found = self._api_search(query, offset)
        more = len(found) > query.limit
        return page(
            found[: query.limit], encode_cursor(offset + query.limit) if more else None
        )

    @api.model
    def _api_get(self, store_id):
        """Return a store that is shown to customers, with details.

        :raise TeahouseError: not_found
        """
        return self._api_find(store_id)._api_details()


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
        """Return a photo as a response that anybody may keep for a week."""
        response = self._api_stream(photo_id, query.size).get_response()
        response.headers["Cache-Control"] = f"public, max-age={PHOTO_AGE}"
        return response
