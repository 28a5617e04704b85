from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, PageQuery, api_route
from odoo.addons.teahouse_booking.api.schemas import BookingOut

from ..api import balance as schemas
from ..api.schemas import InquiryOut

TAGS = ["Balance"]


class BalanceController(ApiController):
    def _intent(self):
        """Return what the client names its wish by."""
        return request.httprequest.headers.get("Idempotency-Key")

    @api_route(
        "/me/balance",
        response=schemas.BalanceOut,
        summary="My balance",
        tags=TAGS,
    )
    def balance(self):
        return request.env["teahouse.wallet"]._api_balance()

    @api_route(
        "/me/balance/entries",
        query=PageQuery,
        response=Page[schemas.BalanceEntry],
        summary="My statement",
        tags=TAGS,
    )
    def entries(self, query):
        return request.env["teahouse.wallet"]._api_entries(query)

    @api_route(
        "/balance/packages",
        query=schemas.PackageQuery,
        response=schemas.PackageList,
        summary="Top-ups with a bonus",
        tags=TAGS,
        errors=["not_found"],
    )
    def packages(self, query):
        return request.env["teahouse.balance.package"]._api_list(query)

    @api_route(
        "/me/balance/top-ups",
        methods="POST",
        request=schemas.TopUpCreate,
        response=schemas.PurchaseStarted,
        status=201,
        idempotency="required",
        summary="Top up",
        tags=TAGS,
        errors=["not_found", "invalid_state", "forbidden", "payment_failed"],
    )
    def top_up(self, body):
        return request.env["teahouse.purchase"]._api_top_up(body, self._intent())

    @api_route(
        "/me/balance/payout-requests",
        methods="POST",
        request=schemas.PayoutRequest,
        response=InquiryOut,
        status=201,
        idempotency="required",
        summary="Ask for the balance back",
        tags=TAGS,
        errors=["invalid_state"],
    )
    def ask_payout(self, body):
        return request.env["teahouse.wallet"]._api_ask_payout(body)

    @api_route(
        "/me/purchases",
        methods="POST",
        request=schemas.PurchaseCreate,
        response=schemas.PurchaseStarted,
        status=201,
        idempotency="required",
        summary="Buy a card or a tier",
        tags=TAGS,
        errors=["not_found", "invalid_state", "forbidden", "payment_failed"],
    )
    def buy(self, body):
        return request.env["teahouse.purchase"]._api_buy(body, self._intent())

    @api_route(
        "/cards",
        response=schemas.CardProductList,
        summary="Hour and count cards for sale",
        tags=TAGS,
    )
    def card_products(self):
        return request.env["teahouse.card.product"]._api_list()

    @api_route(
        "/me/cards",
        response=schemas.CardList,
        summary="My hour and count cards",
        tags=TAGS,
    )
    def cards(self):
        return request.env["teahouse.card"]._api_mine()

    @api_route(
        "/bookings/<string:ref>/card-payments",
        methods="POST",
        request=schemas.CardPay,
        response=BookingOut,
        idempotency="required",
        summary="Pay with a card, as far as it goes",
        tags=TAGS,
        errors=["not_found", "invalid_state", "payment_failed"],
    )
    def pay_with_card(self, ref, body):
        return request.env["teahouse.card"]._api_pay(ref, body)

    @api_route(
        "/vouchers/redeem",
        methods="POST",
        request=schemas.VoucherRedeem,
        response=BookingOut,
        status=201,
        idempotency="required",
        summary="Turn a group-buy voucher into a stay",
        tags=TAGS,
        errors=["not_found", "slot_taken", "payment_failed", "outside_window"],
    )
    def redeem_voucher(self, body):
        return request.env["teahouse.voucher"]._api_redeem(body)
