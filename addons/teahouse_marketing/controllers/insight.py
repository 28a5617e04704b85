from odoo import http
from odoo.http import content_disposition, request

from odoo.addons.teahouse_billing.controllers.reports import XLSX


class InsightController(http.Controller):
    @http.route(
        "/teahouse_marketing/insight/xlsx", type="http", auth="user", readonly=True
    )
    def insight_xlsx(self, days=28, store_id=0, companies="", **_kwargs):
        """Send the figures of the dashboard, for the companies that are looked at."""
        try:
            days, store_id = int(days), int(store_id)
            chosen = [int(one) for one in companies.split(",") if one]
        except ValueError:
            raise request.not_found() from None
        own = request.env.user.company_ids
        chosen = [one for one in chosen if one in own.ids] or own.ids
        insight = request.env["teahouse.insight"].with_context(
            allowed_company_ids=chosen
        )
        content, name = insight._xlsx(store_id or None, days)
        return request.make_response(
            content,
            [
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
