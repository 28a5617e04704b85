from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, api_route
from odoo.addons.teahouse_booking.api.schemas import BookingOut

from ..api import schemas

TAGS = ["Marketing"]


class CouponController(ApiController):
    @api_route(
        "/me/coupons",
        auth="member",
        query=schemas.CouponQuery,
        response=Page[schemas.CouponOut],
        readonly=True,
        summary="My coupons",
        tags=TAGS,
    )
    def my_coupons(self, query):
        return request.env["loyalty.card"]._api_my_coupons(query)

    @api_route(
        "/coupons",
        auth="public",
        response=schemas.ClaimableList,
        readonly=True,
        summary="Coupons that can be claimed",
        tags=TAGS,
    )
    def claimable(self):
        return request.env["loyalty.program"]._api_claimable()

    @api_route(
        "/coupons/<int:program_id>/claim",
        methods="POST",
        auth="member",
        response=schemas.CouponOut,
        status=201,
        idempotency="optional",
        summary="Claim a coupon",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def claim(self, program_id):
        return request.env["loyalty.program"]._api_claim(program_id)

    @api_route(
        "/coupons/redeem-code",
        methods="POST",
        auth="member",
        request=schemas.CodeRedeem,
        response=schemas.CouponOut,
        status=201,
        idempotency="optional",
        summary="Get the coupon of a code, typed or scanned",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def redeem_code(self, body):
        return request.env["loyalty.program"]._api_redeem_code(body.code)

    @api_route(
        "/bookings/<string:ref>/discounts",
        methods="PUT",
        auth="member",
        request=schemas.DiscountsPut,
        response=BookingOut,
        summary="Choose coupons and points for a stay on hold",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def set_discounts(self, ref, body):
        return request.env["teahouse.booking"]._api_set_discounts(ref, body)

    @api_route(
        "/gifts",
        auth="public",
        response=schemas.GiftList,
        summary="Gifts for points",
        tags=TAGS,
    )
    def gifts(self):
        return request.env["teahouse.gift"]._api_list()

    @api_route(
        "/gifts/<int:gift_id>/redeem",
        methods="POST",
        response=schemas.GiftOrderOut,
        status=201,
        idempotency="required",
        summary="Take a gift for points",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def redeem_gift(self, gift_id):
        return request.env["teahouse.gift"]._api_redeem(gift_id)

    @api_route(
        "/me/gifts",
        response=schemas.GiftOrderList,
        summary="My gifts, with their pick-up codes",
        tags=TAGS,
    )
    def my_gifts(self):
        return request.env["teahouse.gift.order"]._api_mine()
