from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, api_route

from ..api import schemas

TAGS = ["Bookings"]


class BookingController(ApiController):
    @api_route(
        "/bookings",
        methods="POST",
        auth="member",
        request=schemas.BookingCreate,
        response=schemas.BookingOut,
        status=201,
        idempotency="required",
        admit=("teahouse.booking", "_api_admit"),
        rate="write",
        summary="Book a room",
        tags=TAGS,
        errors=[
            "slot_taken",
            "outside_window",
            "forbidden",
            "not_found",
            "payment_due",
        ],
    )
    def create_booking(self, body):
        return request.env["teahouse.booking"]._api_create(body)

    @api_route(
        "/bookings",
        auth="member",
        query=schemas.BookingQuery,
        response=Page[schemas.BookingOut],
        readonly=True,
        summary="My bookings",
        tags=TAGS,
    )
    def list_bookings(self, query):
        return request.env["teahouse.booking"]._api_list(query)

    @api_route(
        "/bookings/<string:ref>",
        auth="member",
        response=schemas.BookingOut,
        readonly=True,
        summary="A booking",
        tags=TAGS,
        errors=["not_found"],
    )
    def get_booking(self, ref):
        return request.env["teahouse.booking"]._api_get(ref)

    @api_route(
        "/bookings/<string:ref>/cancellation",
        auth="member",
        response=schemas.CancellationOut,
        readonly=True,
        summary="What a cancellation now would give back",
        tags=TAGS,
        errors=["not_found"],
    )
    def preview_cancellation(self, ref):
        return request.env["teahouse.booking"]._api_cancellation(ref)

    @api_route(
        "/bookings/<string:ref>/cancel",
        methods="POST",
        auth="member",
        request=schemas.CancelRequest,
        response=schemas.BookingOut,
        idempotency="optional",
        rate="write",
        summary="Cancel before the start",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def cancel_booking(self, ref, body):
        return request.env["teahouse.booking"]._api_cancel(ref, body)

    @api_route(
        "/bookings/<string:ref>/extensions",
        methods="POST",
        auth="member",
        request=schemas.ExtensionCreate,
        response=schemas.BookingOut,
        status=201,
        idempotency="required",
        rate="write",
        summary="Stay longer",
        tags=TAGS,
        errors=["not_found", "invalid_state", "slot_taken", "outside_window"],
    )
    def extend_booking(self, ref, body):
        return request.env["teahouse.booking"]._api_extend(ref, body)

    @api_route(
        "/bookings/<string:ref>/room-change",
        methods="POST",
        auth="member",
        request=schemas.RoomChangeCreate,
        response=schemas.BookingOut,
        idempotency="optional",
        rate="write",
        summary="Move to another room",
        tags=TAGS,
        errors=["not_found", "invalid_state", "slot_taken", "outside_window"],
    )
    def change_room(self, ref, body):
        return request.env["teahouse.booking"]._api_change_room(ref, body)

    @api_route(
        "/bookings/<string:ref>/checkout",
        methods="POST",
        auth="member",
        response=schemas.BookingOut,
        idempotency="optional",
        rate="write",
        summary="End the stay now",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def checkout(self, ref):
        return request.env["teahouse.booking"]._api_checkout(ref)

    @api_route(
        "/bookings/<string:ref>/invitations",
        methods="POST",
        auth="member",
        response=schemas.InvitationOut,
        status=201,
        idempotency="optional",
        rate="write",
        summary="A link for friends who come along",
        tags=TAGS,
        errors=["not_found", "invalid_state", "forbidden"],
    )
    def invite(self, ref):
        return request.env["teahouse.booking"]._api_invite(ref)

    @api_route(
        "/invitations/<string:token>/accept",
        methods="POST",
        auth="member",
        response=schemas.BookingOut,
        idempotency="optional",
        rate="write",
        summary="Come along",
        tags=TAGS,
        errors=["not_found", "invalid_state", "forbidden"],
    )
    def accept_invitation(self, token):
        return request.env["teahouse.booking"]._api_accept_invitation(token)

    @api_route(
        "/bookings/<string:ref>/participants/<int:participant_id>",
        methods="DELETE",
        auth="member",
        status=204,
        rate="write",
        summary="Take a guest's access away",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def remove_participant(self, ref, participant_id):
        request.env["teahouse.booking"]._api_remove_participant(ref, participant_id)

    @api_route(
        "/bookings/<string:ref>/pass",
        auth="member",
        response=schemas.PassOut,
        readonly=True,
        summary="QR code and PIN for the door",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def get_pass(self, ref):
        return request.env["teahouse.booking"]._api_pass(ref)
