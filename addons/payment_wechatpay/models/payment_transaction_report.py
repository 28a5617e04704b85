import logging

from odoo import api, models

from .. import const

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """What the gateway reports, and what becomes of it."""

    _inherit = "payment.transaction"

    @api.model
    def _extract_reference(self, provider_code, payment_data):
        """Override of `payment` to find the number, that of a refund first."""
        if provider_code != const.CODE:
            return super()._extract_reference(provider_code, payment_data)
        return payment_data.get("out_refund_no") or payment_data.get("out_trade_no")

    def _extract_amount_data(self, payment_data):
        """Override of `payment` to read what was paid or is refunded.

        It is the order's total: what the payer gave may be less by a coupon.
        """
        if self.provider_code != const.CODE:
            return super()._extract_amount_data(payment_data)
        data = payment_data.get("amount") or {}
        if self.operation == "refund":
            # Notifications of refunds name no currency.
            return {
                "amount": (data.get("refund") or 0) / 100,
                "currency_code": data.get("currency", "CNY"),
            }
        if payment_data.get("trade_state") not in ("SUCCESS", "REFUND"):
            return None
        return {
            "amount": (data.get("total") or 0) / 100,
            "currency_code": data.get("currency"),
        }

    def _wechatpay_amount_agrees(self, payment_data):
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
        if not self._wechatpay_amount_agrees(payment_data):
            _logger.error("Transaction %s: reported amount differs.", self.reference)
            return
        if self.operation == "refund":
            self._wechatpay_apply_refund(payment_data)
        else:
            self._wechatpay_apply_payment(payment_data)

    def _wechatpay_apply_payment(self, payment_data):
        state = payment_data.get("trade_state")
        if state in ("SUCCESS", "REFUND"):
            self._wechatpay_note_number(payment_data.get("transaction_id"))
            # Money that comes after a cancellation is there all the same.
            self._set_done(extra_allowed_states=("cancel",))
        elif state in ("CLOSED", "REVOKED"):
            self._set_canceled()
        elif state == "PAYERROR":
            self._set_error(self.env._("WeChat Pay: the payment has failed."))

    def _wechatpay_apply_refund(self, payment_data):
        # Notifications and answers have different words for it.
        state = payment_data.get("refund_status") or payment_data.get("status")
        self._wechatpay_note_number(payment_data.get("refund_id"))
        if state == "SUCCESS":
            self._set_done()
        elif state == "CLOSED":
            self._set_canceled(self.env._("WeChat Pay has closed the refund."))
        elif state == "ABNORMAL":
            self._wechatpay_wait(
                self.env._("The refund did not arrive: settle it with WeChat Pay.")
            )
        else:
            self._set_pending()

    def _wechatpay_note_number(self, number):
        """Note WeChat Pay's number, once: a repetition that writes meets others."""
        if number and self.provider_reference != number:
            self.provider_reference = number
