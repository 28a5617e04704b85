import logging
import re

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import urls

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_cn_common.const import (
    OPEN_STATES,
    ORDER_LIFETIME_HOURS,
    REFERENCE_SUFFIX,
)
from odoo.addons.payment_cn_common.tools.gateway import GatewayRejected, GatewayUnknown

from .. import const

_logger = logging.getLogger(__name__)

# Codes of Alipay's refusals.
UNKNOWN_ORDER = "ACQ.TRADE_NOT_EXIST"
NO_FUNDS = "ACQ.SELLER_BALANCE_NOT_ENOUGH"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === CREATE METHODS === #

    @api.model
    def _compute_reference(self, provider_code, prefix=None, separator="-", **kwargs):
        """Override of `payment`: Alipay takes up to 64 letters, digits and `_`."""
        if provider_code != const.CODE:
            return super()._compute_reference(
                provider_code, prefix=prefix, separator=separator, **kwargs
            )
        prefix = prefix or self.sudo()._compute_reference_prefix("_", **kwargs)
        prefix = re.sub(r"[^0-9A-Za-z_]", "", prefix or "")
        if not prefix:
            prefix = payment_utils.singularize_reference_prefix(
                prefix="PAY", separator="_"
            )
        return super()._compute_reference(
            provider_code,
            prefix=prefix[: const.REFERENCE_MAX - REFERENCE_SUFFIX],
            separator="_",
            **kwargs,
        )

    # === PAYING === #

    def _alipay_create(self, scene):
        """Create the order and return what the client needs to pay it."""
        self.ensure_one()
        method = const.SCENES.get(scene)
        if not method:
            raise ValidationError(self.env._("Alipay cannot be used here: %s.", scene))
        provider_sudo = self.provider_id.sudo()
        client = provider_sudo._alipay_client()
        content = {
            "out_trade_no": self.reference,
            "total_amount": self._alipay_amount(),
            "subject": f"{self.company_id.name[:40]} {self.reference}",
            "product_code": const.PRODUCTS[method],
            "timeout_express": f"{ORDER_LIFETIME_HOURS * 60}m",
        }
        extra = {"notify_url": provider_sudo.alipay_notify_url}
        if scene in ("h5", "page"):
            if self.landing_route:
                base_url = provider_sudo.get_base_url()
                extra["return_url"] = urls.urljoin(base_url, self.landing_route)
            return {f"{scene}_url": client.page_url(method, content, **extra)}
        if method == "alipay.trade.create":
            content["op_app_id"] = client.app_id
            content.update(self._alipay_buyer())
        answer = client.call(method, content, **extra)
        theirs, ours = (
            ("qr_code", "code_url") if scene == "native" else ("trade_no", "tradeNO")
        )
        if not answer.get(theirs):
            raise GatewayUnknown("Alipay has returned no order.")
        return {ours: answer[theirs]}

    def _alipay_buyer(self):
        payer = self.env.context.get("payment_payer") or {}
        buyer = self._payer_id() or payer.get("buyer_id") or payer.get("openid")
        if not buyer:
            raise ValidationError(
                self.env._("Alipay needs to know who pays: sign in by Alipay.")
            )
        is_old_id = re.fullmatch(r"2088\d{12}", buyer)
        return {"buyer_id" if is_old_id else "buyer_open_id": buyer}

    def _alipay_amount(self):
        """Return the amount as Alipay writes it, positive."""
        return f"{abs(self.amount):.2f}"

    # === ASKING, CLOSING, REFUNDING === #

    def _alipay_call(self, method, **content):
        client = self.provider_id._alipay_client()
        return client.call(f"alipay.trade.{method}", content)

    def _alipay_sync(self):
        """Ask Alipay how payments and refunds stand, see `_gateway_sync`."""
        self.filtered(lambda tx: tx.provider_code == const.CODE)._gateway_sync()

    def _alipay_query(self):
        self.ensure_one()
        try:
            data = self._alipay_call("query", out_trade_no=self.reference)
        except GatewayRejected as error:
            if error.code != UNKNOWN_ORDER:
                raise GatewayUnknown(str(error)) from error
            # An order exists only after the customer has come to Alipay with it.
            self._gateway_knows_nothing()
            return
        if data.get("out_trade_no") != self.reference:
            raise GatewayUnknown("The answer is about another order.")
        self._process(const.CODE, data)

    def _alipay_close(self):
        """Close the order, so that nobody pays it any more.

        One that was paid meanwhile becomes done. If the outcome is unknown, nothing
        changes.

        :return: whether the order is closed
        :rtype: bool
        """
        self.ensure_one()
        if self.state not in OPEN_STATES:
            return self.state == "cancel"
        try:
            self._alipay_call("close", out_trade_no=self.reference)
        except GatewayUnknown:
            return False
        except GatewayRejected as error:
            if error.code != UNKNOWN_ORDER:
                self._alipay_sync()
                return self.state == "cancel"
        self._set_canceled()
        return True

    def _alipay_send_refund(self):
        self.ensure_one()
        numbers = {
            "out_trade_no": self.source_transaction_id.reference,
            "out_request_no": self.reference,
        }
        try:
            self._alipay_call("refund", refund_amount=self._alipay_amount(), **numbers)
        except GatewayUnknown:
            self._set_pending()
            raise
        except GatewayRejected as error:
            if error.code == NO_FUNDS:
                self._gateway_wait(self._gateway_refusal(error))
            else:
                self._set_error(self._gateway_refusal(error))
            return
        # That it was taken does not say that it has arrived.
        self._set_pending()
        try:
            data = self._alipay_call("fastpay.refund.query", **numbers)
        except GatewayRejected as error:
            raise GatewayUnknown(str(error)) from error
        if data.get("out_request_no") == self.reference:
            self._process(const.CODE, data)

    @api.model
    def _cron_alipay_sync(self):
        """Send the refunds that wait, and ask about payments without an answer."""
        self._gateway_sync_waiting(const.CODE)
