from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, PageQuery, api_route
from odoo.addons.teahouse_base.controllers.schemas import PhotoQuery

from ..api import schemas

TAGS = ["Reviews"]


class ReviewController(ApiController):
    @api_route(
        "/bookings/<string:ref>/review",
        methods="POST",
        auth="member",
        request=schemas.ReviewCreate,
        response=schemas.ReviewOut,
        status=201,
        idempotency="optional",
        rate="write",
        summary="Review a completed stay",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def create_review(self, ref, body):
        return request.env["teahouse.review"]._api_create(ref, body)

    @api_route(
        "/stores/<int:store_id>/reviews",
        auth="public",
        query=PageQuery,
        response=Page[schemas.ReviewOut],
        readonly=True,
        summary="Reviews of a store",
        tags=TAGS,
        errors=["not_found"],
    )
    def list_reviews(self, store_id, query):
        return request.env["teahouse.review"]._api_list(store_id, query)

    @api_route(
        "/reviews/<int:review_id>/photos/<int:upload_id>",
        auth="public",
        query=PhotoQuery,
        summary="A photo of a review",
        tags=TAGS,
        media_type="image/*",
        errors=["not_found"],
    )
    def get_review_photo(self, review_id, upload_id, query):
        return request.env["teahouse.review"]._api_photo(review_id, upload_id, query)

    @api_route(
        "/me/favourites",
        auth="member",
        response=schemas.FavouriteList,
        readonly=True,
        summary="My favourite stores",
        tags=TAGS,
    )
    def list_favourites(self):
        return request.env["teahouse.favourite"]._api_list()

    @api_route(
        "/me/favourites/<int:store_id>",
        methods="PUT",
        auth="member",
        response=schemas.FavouriteOut,
        summary="Make a store a favourite",
        tags=TAGS,
        errors=["not_found"],
    )
    def add_favourite(self, store_id):
        return request.env["teahouse.favourite"]._api_add(store_id)

    @api_route(
        "/me/favourites/<int:store_id>",
        methods="DELETE",
        auth="member",
        response=schemas.FavouriteOut,
        summary="Drop a favourite",
        tags=TAGS,
    )
    def remove_favourite(self, store_id):
        return request.env["teahouse.favourite"]._api_remove(store_id)
