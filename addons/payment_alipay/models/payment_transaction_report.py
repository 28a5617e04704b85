import logging

from odoo import api, models

from .. import const

_logger = logging.getLogger(__name__)

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

    def _alipay_amount_agrees(self, payment_data):
        amount_data = self._extract_amount_data(payment_data)
        if amount_data is None:
            return True
        amount, currency = amount_data["amount"], amount_data["currency_code"]
        return currency == self.currency_id.name and not (
            self.currency_id.compare_amounts(amount, abs(self.amount))
        )

    def _process(self, provider_code, payment_data):
        """Override of `payment` to let the books follow at once."""
        if provider_code != const.CODE:
            return super()._process(provider_code, payment_data)
        tx = super()._process(provider_code, payment_data)
        if tx and not tx.is_post_processed and tx.state in ("done", "cancel"):
            self.env.ref("payment.cron_post_process_payment_tx").sudo()._trigger()
        return tx

    def _apply_updates(self, payment_data):
        """Override of `payment` to update the transaction.

        A wrong amount is refused here too: core lets its second report pass, because
        the state does not change any more.
        """
        if self.provider_code != const.CODE:
            return super()._apply_updates(payment_data)
        if not self._alipay_amount_agrees(payment_data):
            _logger.error("Transaction %s: reported amount differs.", self.reference)
        elif self.operation == "refund":
            if payment_data.get("refund_status") == "REFUND_SUCCESS":
                self._alipay_note_number(payment_data.get("trade_no"))
                self._set_done()
            else:
                self._set_pending()
        elif payment_data.get("trade_status") in PAID:
            self._alipay_note_number(payment_data.get("trade_no"))
            # Money that comes after a cancellation is there all the same.
            self._set_done(extra_allowed_states=("cancel",))
        elif payment_data.get("trade_status") == "TRADE_CLOSED":
            self._set_canceled()

    def _alipay_note_number(self, number):
        """Note Alipay's number, once: a repetition that writes meets others."""
        if number and self.provider_reference != number:
            self.provider_reference = number
