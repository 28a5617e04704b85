import base64
import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class ResCompany(models.Model):
    _inherit = "res.company"

    teahouse_einvoice_service = fields.Selection(
        [("none", "By hand")],
        string="E-invoice service",
        default="none",
        required=True,
        help="Who issues the tax invoices that guests ask for. Addons for a service "
        "add it here.",
    )


class TeahouseInvoiceRequest(models.Model):
    """How a tax invoice is issued, and comes to who asked for it."""

    _inherit = "teahouse.invoice.request"

    document = fields.Binary(
        string="Tax invoice (PDF)", attachment=True, help="Goes to the guest by mail."
    )
    document_name = fields.Char()
    delivered_at = fields.Datetime(string="Mailed on", readonly=True, copy=False)
    problem = fields.Char(
        readonly=True, copy=False, help="Why the service has not issued it."
    )

    # === ISSUING === #

    def _issue_none(self):
        """Issue by hand: staff enter the number and the document.

        The hook of e-invoice services: an addon adds its code to
        `teahouse_einvoice_service` of the company and brings ``_issue_<code>()``. It is
        called by a job, outside of any stay's transaction, and may be called again for
        the same request, whose id the service has to take as its order number.

        :return: (number, PDF as bytes), None where it is not ready yet
        :raise Exception: refused; kept as the request's problem, and tried again
        """
        return None

    @api.model
    def _cron_issue(self):
        """Have services issue what is asked for, of stays whose bill is closed."""
        domain = [
            ("state", "=", "requested"),
            ("booking_id.settlement_state", "=", "settled"),
            ("company_id.teahouse_einvoice_service", "!=", "none"),
        ]
        requests = self.search(domain, order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(requests))
        for request in requests:
            request._issue_by_service()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _issue_by_service(self):
        self.ensure_one()
        service = self.company_id.teahouse_einvoice_service
        try:
            with self.env.cr.savepoint():
                issued = getattr(self, f"_issue_{service}")()
        except Exception as error:
            # Whatever a service does: the other requests go on.
            _logger.exception("Tax invoice request %s could not be issued.", self.id)
            self.problem = str(error)[:250]
            return
        if issued:
            number, content = issued
            self.write(
                {
                    "number": number,
                    "document": base64.b64encode(content),
                    "document_name": f"{number}.pdf",
                    "problem": False,
                }
            )
            self.action_issued()

    def action_issued(self):
        """Override: what was issued goes to the guest at once."""
        result = super().action_issued()
        for request in self.filtered(lambda one: not one.delivered_at):
            request._deliver()
        return result

    # === DELIVERING === #

    def action_deliver(self):
        """Send the mail again, to the address that stands here now."""
        for request in self:
            if request.state != "issued":
                raise UserError(self.env._("It is not issued yet."))
            request._deliver()

    def _deliver(self):
        """Mail the tax invoice as PDF, or the bill where staff have added none."""
        self.ensure_one()
        if not self.email:
            return
        lang = self.booking_id.sudo().member_id.lang or self.env.lang
        request = self.with_context(lang=lang)
        content, name = request._document_to_send()
        store = request.store_id.name
        self.env["mail.mail"].sudo().create(
            {
                "subject": request.env._("Invoice of your stay at %s", store),
                "body_html": request._mail_body(),
                "email_to": self.email,
                "email_from": self.company_id.email_formatted
                or self.env.user.email_formatted,
                # The address shall not stay in clear.
                "auto_delete": True,
                "attachment_ids": [
                    fields.Command.create(
                        {"name": name, "raw": content, "mimetype": "application/pdf"}
                    )
                ],
            }
        )
        self.delivered_at = fields.Datetime.now()

    def _document_to_send(self):
        """Return the PDF and its name."""
        self.ensure_one()
        booking_sudo = self.booking_id.sudo()
        if self.document:
            name = self.document_name or f"{self.number or booking_sudo.ref}.pdf"
            return base64.b64decode(self.document), name
        return booking_sudo._bill_pdf(), f"bill-{booking_sudo.ref}.pdf"

    def _mail_body(self):
        values = {
            "title": self.title,
            "amount": self.currency_id.format(self.amount),
            "ref": self.booking_id.sudo().ref,
        }
        text = self.env._(
            "Attached is the invoice for %(title)s: %(amount)s, booking %(ref)s.",
            **values,
        )
        return Markup("<p>%s</p>") % text
