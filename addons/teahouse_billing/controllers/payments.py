from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, api_route

from ..api.payments import (
    BillOut,
    BillQuery,
    GoodsList,
    GoodsOrder,
    GoodsQuery,
    InvoiceRequest,
    InvoiceRequestOut,
    PaymentCreate,
    PaymentOut,
    PaymentStarted,
)

TAGS = ["Money"]


class PaymentController(ApiController):
    @api_route(
        "/bookings/<string:ref>/payments",
        methods="POST",
        request=PaymentCreate,
        response=PaymentStarted,
        idempotency="required",
        admit=("teahouse.booking", "_api_admit_payment"),
        summary="Pay what is due",
        tags=TAGS,
        errors=["not_found", "invalid_state", "forbidden", "payment_failed"],
    )
    def pay(self, ref, body):
        key = request.httprequest.headers.get("Idempotency-Key")
        return request.env["teahouse.booking"]._api_pay(ref, body, key)

    @api_route(
        "/payments/<string:reference>",
        response=PaymentOut,
        summary="State of a payment",
        tags=TAGS,
        errors=["not_found"],
    )
    def payment(self, reference):
        return request.env["payment.transaction"]._api_find(reference)._api_values()

    @api_route(
        "/payments/<string:reference>/refresh",
        methods="POST",
        response=PaymentOut,
        summary="Ask the provider how a payment stands",
        tags=TAGS,
        errors=["not_found"],
    )
    def refresh(self, reference):
        return request.env["payment.transaction"]._api_refresh(reference)

    @api_route(
        "/bookings/<string:ref>/bill",
        response=BillOut,
        summary="The bill, live while the stay goes on",
        tags=TAGS,
        errors=["not_found"],
    )
    def bill(self, ref):
        return request.env["teahouse.booking"]._api_bill(ref)

    @api_route(
        "/bookings/<string:ref>/bill.pdf",
        summary="The bill as PDF",
        tags=TAGS,
        errors=["not_found"],
        media_type="application/pdf",
        readonly=False,
    )
    def bill_pdf(self, ref):
        content, name = request.env["teahouse.booking"]._api_bill_pdf(ref)
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", f'attachment; filename="{name}"'),
        ]
        return request.make_response(content, headers)

    @api_route(
        "/me/bills",
        query=BillQuery,
        response=Page[BillOut],
        summary="My bills, newest first",
        tags=TAGS,
    )
    def bills(self, query):
        return request.env["teahouse.booking"]._api_bills(query)

    @api_route(
        "/bookings/<string:ref>/invoice-request",
        methods="POST",
        request=InvoiceRequest,
        response=InvoiceRequestOut,
        status=201,
        idempotency="optional",
        summary="Ask for the tax invoice of a stay",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def invoice_request(self, ref, body):
        return request.env["teahouse.booking"]._api_request_invoice(ref, body)

    @api_route(
        "/goods",
        auth="public",
        query=GoodsQuery,
        response=GoodsList,
        summary="What can be ordered to the rooms of a store",
        tags=TAGS,
        errors=["not_found"],
    )
    def goods(self, query):
        return request.env["product.product"]._api_goods(query.store_id)

    @api_route(
        "/bookings/<string:ref>/goods",
        methods="POST",
        request=GoodsOrder,
        response=BillOut,
        status=201,
        idempotency="optional",
        summary="Order goods to the room",
        tags=TAGS,
        errors=["not_found", "invalid_state"],
    )
    def order_goods(self, ref, body):
        return request.env["teahouse.booking"]._api_order_goods(ref, body)
