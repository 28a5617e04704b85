from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, api_route

from ..api import schemas

TAGS = ["Availability"]


class AvailabilityController(ApiController):
    @api_route(
        "/rooms/<int:room_id>/availability",
        auth="public",
        query=schemas.WindowQuery,
        response=schemas.AvailabilityOut,
        readonly=True,
        summary="When a room is free",
        tags=TAGS,
        errors=["not_found"],
    )
    def room_availability(self, room_id, query):
        return request.env["teahouse.room"]._api_availability(room_id, query)

    @api_route(
        "/stores/<int:store_id>/availability",
        auth="public",
        query=schemas.WindowQuery,
        response=schemas.StoreAvailabilityOut,
        readonly=True,
        summary="When the rooms of a store are free",
        tags=TAGS,
        errors=["not_found"],
    )
    def store_availability(self, store_id, query):
        return request.env["teahouse.store"]._api_availability(store_id, query)
