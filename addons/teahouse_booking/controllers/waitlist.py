from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, api_route

from ..api import schemas

TAGS = ["Waiting list"]


class WaitlistController(ApiController):
    @api_route(
        "/waitlist",
        methods="POST",
        auth="member",
        request=schemas.WaitlistCreate,
        response=schemas.WaitlistOut,
        status=201,
        idempotency="optional",
        rate="write",
        summary="Wait for a time that is taken",
        tags=TAGS,
        errors=["not_found", "forbidden", "outside_window", "invalid_state"],
    )
    def join_waitlist(self, body):
        return request.env["teahouse.waitlist"]._api_create(body)

    @api_route(
        "/waitlist",
        auth="member",
        response=schemas.WaitlistItems,
        readonly=True,
        summary="What I wait for",
        tags=TAGS,
    )
    def list_waitlist(self):
        return request.env["teahouse.waitlist"]._api_list()

    @api_route(
        "/waitlist/<int:wish_id>/accept",
        methods="POST",
        auth="member",
        response=schemas.BookingOut,
        status=201,
        idempotency="optional",
        rate="write",
        summary="Book what is offered",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def accept_offer(self, wish_id):
        return request.env["teahouse.waitlist"]._api_accept(wish_id)

    @api_route(
        "/waitlist/<int:wish_id>",
        methods="DELETE",
        auth="member",
        status=204,
        rate="write",
        summary="Wait no longer",
        tags=TAGS,
        errors=["not_found"],
    )
    def leave_waitlist(self, wish_id):
        request.env["teahouse.waitlist"]._api_cancel(wish_id)
