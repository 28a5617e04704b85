"""What this addon knows about a member: told on request, forgotten on request."""

from odoo import models

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_base.tools.timeutil import iso


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _export(self):
        """Override: what was paid, invoiced and asked for."""
        mine = [("partner_id", "=", self.sudo().partner_id.id)]
        payments_sudo = self.env["payment.transaction"].sudo().search(mine)
        moves_sudo = self.env["account.move"].sudo()
        return {
            **super()._export(),
            "payments": [
                {
                    "reference": tx.reference,
                    "method": tx.provider_code,
                    "state": tx.state,
                    "amount": money_str(tx.amount, tx.currency_id),
                    "currency": tx.currency_id.name,
                    "at": self._iso(tx.create_date),
                }
                for tx in payments_sudo
            ],
            "invoices": [
                {
                    "number": move.name,
                    "date": move.invoice_date and move.invoice_date.isoformat(),
                    "amount": money_str(move.amount_total, move.currency_id),
                    "currency": move.currency_id.name,
                }
                for move in moves_sudo.search(
                    [
                        *mine,
                        ("move_type", "in", ("out_invoice", "out_refund")),
                        ("state", "=", "posted"),
                    ]
                )
            ],
            "invoice_requests": [
                {
                    "booking": one.booking_id.ref,
                    "title": one.title,
                    "tax_number": one.tax_number or None,
                    "email": one.email or None,
                    "state": one.state,
                }
                for one in self._invoice_requests()
            ],
        }

    def _invoice_requests(self):
        requests_sudo = self.env["teahouse.invoice.request"].sudo()
        return requests_sudo.search([("booking_id.member_id", "=", self.id)])

    def _forget(self, member_sudo):
        """Override: the books stay, and name the contact, which says nothing now.

        The title of a tax invoice that was issued belongs to the books.
        """
        result = super()._forget(member_sudo)
        partner = member_sudo.partner_id
        moves = member_sudo.env["account.move"].search(
            [("partner_id", "=", partner.id)]
        )
        moves.write({"invoice_partner_display_name": partner.name})
        requests = member_sudo._invoice_requests().with_env(member_sudo.env)
        requests.write({"email": False})
        not_issued = requests.filtered(lambda one: one.state != "issued")
        not_issued.write({"title": "-", "tax_number": False})
        return result


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _export(self):
        """Override of `teahouse_booking`: what the stay cost, line by line."""
        zone = self.store_id._zone()
        return {
            **super()._export(),
            "currency": self.currency_id.name,
            "amount_total": money_str(self.amount_total, self.currency_id),
            "amount_paid": money_str(self.amount_paid, self.currency_id),
            "lines": [
                {
                    "kind": line.kind,
                    "name": line.name,
                    "start": iso(line.start, zone),
                    "end": iso(line.end, zone),
                    "amount": money_str(line.amount, self.currency_id),
                }
                for line in self.charge_line_ids
            ],
        }
