from odoo import api, models

from .. import const

PAID = ("TRADE_SUCCESS", "TRADE_FINISHED")


class PaymentTransaction(models.Model):
    """What the gateway reports, and what becomes of it."""

    _inherit = "payment.transaction"

    @api.model
    def _extract_reference(self, provider_code, payment_data):
        """Override of `payment` to find the number, that of a refund first."""
        if provider_code != const.CODE:
            return super()._extract_reference(provider_code, payment_data)
        return payment_data.get("out_request_no") or payment_data.get("out_trade_no")

    def _extract_amount_data(self, payment_data):
        """Override of `payment` to read what was paid or is refunded.

        It is the order's total: what the payer gave may be less by a coupon.
        """
        if self.provider_code != const.CODE:
            return super()._extract_amount_data(payment_data)
        if self.operation == "refund":
            if payment_data.get("refund_status") != "REFUND_SUCCESS":
                return None
            amount = payment_data.get("refund_amount")
        elif payment_data.get("trade_status") in PAID:
            amount = payment_data.get("total_amount")
        else:
            return None
        return {"amount": float(amount or 0), "currency_code": "CNY"}

    def _alipay_apply(self, payment_data):
        """Act upon a report whose amount agrees."""
        if self.operation == "refund":
            if payment_data.get("refund_status") == "REFUND_SUCCESS":
                self._gateway_note_number(payment_data.get("trade_no"))
                self._set_done()
            else:
                self._set_pending()
        elif payment_data.get("trade_status") in PAID:
            self._gateway_note_number(payment_data.get("trade_no"))
            # Money that comes after a cancellation is there all the same.
            self._set_done(extra_allowed_states=("cancel",))
        elif payment_data.get("trade_status") == "TRADE_CLOSED":
            self._set_canceled()
