import re

from odoo import fields, models
from odoo.tools import format_datetime

from odoo.addons.field_encrypted.keyring import keyring
from odoo.addons.teahouse_base.api import (
    decode_cursor,
    encode_cursor,
    iso,
    money_str,
    page,
)
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive
from odoo.addons.teahouse_booking.tools.qr import data_url

MAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _bill_values(self):
        """Return the bill: what was charged, paid, given back, and what is due.

        Live while the stay goes on. All amounts are strings, tax included.
        """
        self.ensure_one()
        zone = self.store_id._zone()
        lines = self._bill_lines()
        invoice = self.invoice_ids.filtered(lambda move: move.state == "posted")[:1]
        return {
            "ref": self.ref,
            "state": self.state,
            "store": self.store_id.name,
            "room": self.room_id.name,
            "start": iso(self.start, zone),
            "end": iso(self.ended_at or self.end, zone),
            "elapsed_minutes": self._bill_elapsed(),
            "lines": [line._api_values() for line in lines],
            **self._money_values(
                amount_total=self.amount_total,
                amount_paid=self.amount_paid,
                amount_refunded=self.amount_refunded,
                amount_due=self.amount_due,
            ),
            "payments": self._bill_payments(zone),
            "payment_state": self.payment_state,
            "settlement_state": self.settlement_state,
            "settled_at": iso(self.settled_at, zone),
            "invoice": invoice
            and {
                "number": invoice.name,
                "date": invoice.invoice_date.isoformat(),
                "amount": money_str(invoice.amount_total, self.currency_id),
            }
            or None,
        }

    def _bill_lines(self):
        self.ensure_one()
        return self.charge_line_ids.filtered(lambda line: line.state != "void")

    def _bill_elapsed(self):
        """Return the whole minutes since the guest may use the room, as of now."""
        self.ensure_one()
        until = self.ended_at or fields.Datetime.now()
        if until <= self.start or self.state not in ("in_use", "completed"):
            return 0
        return int((until - self.start).total_seconds() // 60)

    def _bill_payments(self, zone):
        """Return payments and refunds that count, in the order they happened."""
        self.ensure_one()
        result = []
        for tx in self.transaction_ids.sorted("id"):
            refund = tx.operation == "refund"
            if tx.state != "done" and not (
                refund and tx.state in ("draft", "pending", "authorized")
            ):
                continue
            result.append(
                {
                    "kind": "refund" if refund else "payment",
                    "name": self.env._("Refund") if refund else self.env._("Payment"),
                    "method": tx.teahouse_method,
                    "reference": tx.reference,
                    "state": tx._api_state(),
                    "amount": money_str(tx.amount, self.currency_id),
                    "at": iso(tx.last_state_change or tx.create_date, zone),
                }
            )
        return result

    def _bill_title(self):
        return self.env._("Bill")

    def _bill_time(self, instant):
        """Return an instant on the store's clock as people read it."""
        self.ensure_one()
        return format_datetime(
            self.env, instant, tz=self.store_id.tz, dt_format="medium"
        )

    def _bill_pdf(self):
        """Return the bill as a PDF document.

        Once settled it is kept, until something about its money changes: rendering
        takes seconds.

        :rtype: bytes
        """
        self.ensure_one()
        if self.settlement_state != "settled":
            return self._render_bill()
        name = self._bill_file_name()
        attachments_sudo = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        kept = attachments_sudo.search([*domain, ("name", "=", name)], limit=1)
        if kept:
            return kept.raw
        attachments_sudo.search([*domain, ("name", "=like", "bill-%")]).filtered(
            lambda old: old.name.endswith(f"-{self._bill_lang()}.pdf")
        ).unlink()
        content = self._render_bill()
        attachments_sudo.create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return content

    def _bill_lang(self):
        return self.env.lang or "en_US"

    def _bill_file_name(self):
        """Return a name that changes with what the bill says."""
        return f"bill-{self.ref}-{self.money_version}-{self._bill_lang()}.pdf"

    def _render_bill(self):
        reports = self.env["ir.actions.report"].sudo()
        content, _kind = reports._render_qweb_pdf(
            "teahouse_billing.action_report_bill", self.ids
        )
        return content

    # === API === #

    def _api_own(self, ref):
        """Return the current member's booking (sudo) of this reference.

        :raise TeahouseError: not_found, also for somebody else's
        """
        booking_sudo = self.sudo().search([("ref", "=", ref)], limit=1)
        booking_sudo._check_payer()
        return booking_sudo

    def _api_bill(self, ref):
        """Return the bill of the current member's booking."""
        return self._api_own(ref)._bill_values()

    def _api_bill_pdf(self, ref):
        """Return the bill as PDF and a name for the file."""
        booking_sudo = self._api_own(ref)
        return booking_sudo._bill_pdf(), f"bill-{booking_sudo.ref}.pdf"

    def _api_bills(self, query):
        """Return the current member's bills, newest first.

        :param query: has ``start`` and ``end`` (aware instants of the start of the
            stay, half open, or None), ``limit``, ``cursor``
        :return: a page of bills
        """
        member = self.env["teahouse.member"]._current()
        domain = [
            ("member_id", "=", member.id),
            ("state", "not in", ("hold", "expired")),
            ("charge_line_ids", "!=", False),
        ]
        if query.start:
            domain.append(("start", ">=", to_utc_naive(query.start)))
        if query.end:
            domain.append(("start", "<", to_utc_naive(query.end)))
        if after := decode_cursor(self.env, query.cursor, int):
            domain.append(("id", "<", after[0]))
        found = self.sudo().search(domain, order="id desc", limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = encode_cursor(shown[-1].id) if len(found) > query.limit else None
        return page([booking._bill_values() for booking in shown], cursor)

    def _api_pay(self, ref, body, key=None):
        """Pay what is due of the current member's booking.

        :param body: has ``method`` and ``scene``
        :param str key: the request's idempotency key: sent again, the request goes on
            with the attempt that it began
        """
        booking_sudo = self._api_own(ref)
        intent = key and keyring().mac("payment intent", key.encode()).hex()[:32]
        tx_sudo, params = booking_sudo._pay(body.method, body.scene, intent)
        if code := params.get("code_url"):
            # At a desk the customer scans it with the phone.
            params = {**params, "code_png": data_url(code)}
        return {**tx_sudo._api_values(), "pay_params": params}

    def _api_request_invoice(self, ref, body):
        """Ask for the tax invoice of a stay.

        :param body: has ``title``, ``tax_number`` and ``email``
        """
        booking_sudo = self._api_own(ref)
        if not MAIL_PATTERN.fullmatch(body.email):
            message = self.env._("This is not a mail address.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "email", "message": message}]
            )
        requests_sudo = self.env["teahouse.invoice.request"].sudo()
        return requests_sudo._request(booking_sudo, body)._api_values()
