from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportController(http.Controller):
    @http.route(
        "/teahouse_billing/reports/<int:wizard_id>/xlsx", type="http", auth="user"
    )
    def report_xlsx(self, wizard_id):
        """Send the workbook of a report that the user has opened."""
        wizard = request.env["teahouse.report.wizard"].browse(wizard_id).exists()
        if not wizard or wizard.create_uid != request.env.user:
            raise request.not_found()
        content, name = wizard._xlsx()
        return request.make_response(
            content,
            [
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
