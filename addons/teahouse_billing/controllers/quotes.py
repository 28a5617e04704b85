from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, api_route

from ..api.quotes import QuoteCreate, QuoteOut


class QuoteController(ApiController):
    @api_route(
        "/quotes",
        methods="POST",
        auth="public",
        request=QuoteCreate,
        response=QuoteOut,
        rate="read",
        readonly=True,
        summary="What a stay would cost",
        tags=["Money"],
        errors=["not_found", "no_tariff"],
    )
    def quote(self, body):
        return request.env["teahouse.tariff"]._api_quote(body)
