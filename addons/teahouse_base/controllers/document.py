from odoo.http import Response, request

from ..api import ApiController, api_route


class DocumentController(ApiController):
    @api_route(
        "/openapi.json",
        auth="public",
        summary="This description, as OpenAPI 3.1",
        tags=["Description"],
    )
    def openapi_document(self):
        return request.env["teahouse.api.document"]._openapi()

    @api_route(
        "/docs",
        auth="public",
        summary="This description, to read",
        tags=["Description"],
        media_type="text/html",
    )
    def docs(self):
        values = request.env["teahouse.api.document"]._page_values()
        page = request.env["ir.qweb"]._render("teahouse_base.api_docs", values)
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'",
            ),
        ]
        return Response(f"<!DOCTYPE html>\n{page}", headers=headers)
