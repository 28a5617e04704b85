from odoo import fields, models

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseInvoiceRequest(models.Model):
    """A guest's wish for a tax invoice (fapiao), which staff issue elsewhere."""

    _name = "teahouse.invoice.request"
    _description = "Tax invoice request"
    _inherit = ["field.encrypted.mixin"]
    _order = "id desc"
    _rec_name = "title"
    _check_company_auto = True

    booking_id = fields.Many2one(
        "teahouse.booking", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="booking_id.company_id", store=True)
    store_id = fields.Many2one(related="booking_id.store_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(related="booking_id.amount_total")
    title = fields.Char(required=True)
    tax_number = fields.Char()
    email = Encrypted(string="Mail address")
    number = fields.Char(string="Invoice number", help="Of the tax invoice issued.")
    state = fields.Selection(
        [("requested", "Requested"), ("issued", "Issued"), ("refused", "Refused")],
        default="requested",
        required=True,
        index=True,
    )
    reason = fields.Char(string="Reason of refusal")

    _booking_unique = models.UniqueIndex(
        "(booking_id) WHERE state != 'refused'",
        "This stay has a tax invoice request already.",
    )

    def _request(self, booking, body):
        """Store the wish; a wish that nobody has answered yet is replaced.

        :param booking: sudo
        :param body: has ``title``, ``tax_number`` and ``email``
        :raise TeahouseError: invalid_state where nothing was charged, or the invoice
            was issued already
        """
        open_request = self.search(
            [("booking_id", "=", booking.id), ("state", "!=", "refused")], limit=1
        )
        if not booking.amount_total or open_request.state == "issued":
            raise TeahouseError(
                "invalid_state", self.env._("There is nothing to invoice.")
            )
        values = {
            "title": body.title,
            "tax_number": body.tax_number,
            "email": body.email,
        }
        if open_request:
            open_request.write(values)
            return open_request
        return self.create({"booking_id": booking.id, **values})

    def action_issued(self):
        """Note that the tax invoice was issued."""
        self.write({"state": "issued"})

    def action_refuse(self):
        """Note that no tax invoice will be issued."""
        self.write({"state": "refused"})

    def _api_values(self):
        """Return the request as the API shows it."""
        self.ensure_one()
        return {
            "id": self.id,
            "state": self.state,
            "title": self.title,
            "tax_number": self.tax_number or None,
            "number": self.number or None,
            **self.booking_id._money_values(amount=self.booking_id.amount_total),
        }
