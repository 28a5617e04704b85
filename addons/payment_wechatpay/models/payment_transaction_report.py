from odoo import api, models

from .. import const


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

    def _wechatpay_apply(self, payment_data):
        """Act upon a report whose amount agrees."""
        if self.operation == "refund":
            self._wechatpay_apply_refund(payment_data)
        else:
            self._wechatpay_apply_payment(payment_data)

    def _wechatpay_apply_payment(self, payment_data):
        state = payment_data.get("trade_state")
        if state in ("SUCCESS", "REFUND"):
            self._gateway_note_number(payment_data.get("transaction_id"))
            # Money that comes after a cancellation is there all the same.
            self._set_done(extra_allowed_states=("cancel",))
        elif state in ("CLOSED", "REVOKED"):
            self._set_canceled()
        elif state == "PAYERROR":
            self._set_error(self.env._("WeChat Pay: the payment has failed."))

    def _wechatpay_apply_refund(self, payment_data):
        # Notifications and answers have different words for it.
        state = payment_data.get("refund_status") or payment_data.get("status")
        self._gateway_note_number(payment_data.get("refund_id"))
        if state == "SUCCESS":
            self._set_done()
        elif state == "CLOSED":
            self._set_canceled(self.env._("WeChat Pay has closed the refund."))
        elif state == "ABNORMAL":
            self._gateway_wait(
                self.env._("The refund did not arrive: settle it with WeChat Pay.")
            )
        else:
            self._set_pending()
