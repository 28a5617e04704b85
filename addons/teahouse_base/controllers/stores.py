from odoo.http import request

from ..api import ApiController, Page, api_route
from . import schemas

TAGS = ["Stores"]


class StoreController(ApiController):
    @api_route(
        "/stores",
        auth="public",
        query=schemas.StoreQuery,
        response=Page[schemas.StoreOut],
        summary="Stores, by distance if a place is given",
        tags=TAGS,
    )
    def list_stores(self, query):
        return request.env["teahouse.store"]._api_search(query)

    @api_route(
        "/stores/<int:store_id>",
        auth="public",
        response=schemas.StoreDetail,
        summary="A store with its rooms, photos and ways to get there",
        tags=TAGS,
    )
    def get_store(self, store_id):
        return request.env["teahouse.store"]._api_get(store_id)

    @api_route(
        "/rooms/<int:room_id>",
        auth="public",
        response=schemas.RoomOut,
        summary="A room",
        tags=TAGS,
    )
    def get_room(self, room_id):
        return request.env["teahouse.room"]._api_get(room_id)

    @api_route(
        "/photos/<int:photo_id>",
        auth="public",
        query=schemas.PhotoQuery,
        summary="A photo of a store or room",
        tags=TAGS,
        media_type="image/*",
    )
    def get_photo(self, photo_id, query):
        return request.env["teahouse.photo"]._api_image(photo_id, query)
