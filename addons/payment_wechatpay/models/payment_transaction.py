import logging
import re
from urllib.parse import quote

from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_cn_common.const import OPEN_STATES, REFERENCE_SUFFIX
from odoo.addons.payment_cn_common.tools.gateway import GatewayRejected, GatewayUnknown

from .. import const

_logger = logging.getLogger(__name__)

ORDERS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"
# Codes of WeChat Pay's refusals.
UNKNOWN_ORDER = ("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS")
NO_FUNDS = "NOT_ENOUGH"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === CREATE METHODS === #

    @api.model
    def _compute_reference(self, provider_code, prefix=None, separator="-", **kwargs):
        """Override of `payment`: WeChat Pay takes 6 to 32 letters and digits."""
        if provider_code != const.CODE:
            return super()._compute_reference(
                provider_code, prefix=prefix, separator=separator, **kwargs
            )
        prefix = prefix or self.sudo()._compute_reference_prefix("_", **kwargs)
        prefix = re.sub(r"[^0-9A-Za-z_]", "", prefix or "")
        if len(prefix) < const.REFERENCE_MIN:
            prefix = payment_utils.singularize_reference_prefix(
                prefix=prefix or "PAY", separator="_"
            )
        return super()._compute_reference(
            provider_code,
            prefix=prefix[: const.REFERENCE_MAX - REFERENCE_SUFFIX],
            separator="_",
            **kwargs,
        )

    # === PAYING === #

    def _wechatpay_create(self, scene):
        """Create the order and return what the client needs to pay it."""
        self.ensure_one()
        kind = const.SCENES.get(scene)
        if not kind:
            raise ValidationError(
                self.env._("WeChat Pay cannot be used here: %s.", scene)
            )
        provider = self.provider_id
        client = provider._wechatpay_client()
        app_id = provider._wechatpay_app_id(scene)
        body = {
            "appid": app_id,
            "mchid": client.mchid,
            "description": f"{self.company_id.name[:40]} {self.reference}",
            "out_trade_no": self.reference,
            "notify_url": provider.sudo().wechatpay_notify_url,
            "amount": {"total": self._wechatpay_cents(), "currency": "CNY"},
        }
        if kind == "jsapi":
            body["payer"] = {"openid": self._wechatpay_openid()}
        elif kind == "h5":
            address = payment_utils.get_customer_ip_address() or "127.0.0.1"
            body["scene_info"] = {
                "payer_client_ip": address,
                "h5_info": {"type": "Wap"},
            }
        answer = client.call("POST", f"{ORDERS}/{kind}", body)
        name = {"jsapi": "prepay_id", "h5": "h5_url", "native": "code_url"}[kind]
        if not answer.get(name):
            raise GatewayUnknown("WeChat Pay has returned no order.")
        if kind == "jsapi":
            return client.pay_params(app_id, answer[name])
        return {name: answer[name]}

    def _wechatpay_openid(self):
        payer = self.env.context.get("payment_payer") or {}
        openid = self._payer_id() or payer.get("openid")
        if not openid:
            raise ValidationError(
                self.env._("WeChat Pay needs to know who pays: sign in by WeChat.")
            )
        return openid

    def _wechatpay_cents(self):
        """Return the amount in cents, positive."""
        return round(abs(self.amount) * 100)

    # === ASKING, CLOSING, REFUNDING === #

    def _wechatpay_sync(self):
        """Ask WeChat Pay how payments and refunds stand, see `_gateway_sync`."""
        self.filtered(lambda tx: tx.provider_code == const.CODE)._gateway_sync()

    def _wechatpay_query(self):
        self.ensure_one()
        client = self.provider_id._wechatpay_client()
        number = quote(self.reference, safe="")
        path = f"{ORDERS}/out-trade-no/{number}?mchid={client.mchid}"
        try:
            data = client.call("GET", path)
        except GatewayRejected as error:
            if error.code not in UNKNOWN_ORDER:
                raise GatewayUnknown(str(error)) from error
            self._gateway_knows_nothing()
            return
        if data.get("out_trade_no") != self.reference:
            raise GatewayUnknown("The answer is about another order.")
        self._process(const.CODE, data)

    def _wechatpay_close(self):
        """Close the order, so that nobody pays it any more.

        One that was paid meanwhile becomes done. If the outcome is unknown, nothing
        changes.

        :return: whether the order is closed
        :rtype: bool
        """
        self.ensure_one()
        if self.state not in OPEN_STATES:
            return self.state == "cancel"
        client = self.provider_id._wechatpay_client()
        number = quote(self.reference, safe="")
        path = f"{ORDERS}/out-trade-no/{number}/close"
        try:
            client.call("POST", path, {"mchid": client.mchid})
        except GatewayUnknown:
            return False
        except GatewayRejected as error:
            if error.code not in (*UNKNOWN_ORDER, "ORDER_CLOSED"):
                self._wechatpay_sync()
                return self.state == "cancel"
        self._set_canceled()
        return True

    def _wechatpay_send_refund(self):
        self.ensure_one()
        source = self.source_transaction_id
        body = {
            "out_trade_no": source.reference,
            "out_refund_no": self.reference,
            "notify_url": self.provider_id.sudo().wechatpay_notify_url,
            "amount": {
                "refund": self._wechatpay_cents(),
                "total": source._wechatpay_cents(),
                "currency": "CNY",
            },
        }
        try:
            data = self.provider_id._wechatpay_client().call("POST", REFUNDS, body)
        except GatewayUnknown:
            self._set_pending()
            raise
        except GatewayRejected as error:
            if error.code == NO_FUNDS:
                self._gateway_wait(self._gateway_refusal(error))
            else:
                self._set_error(self._gateway_refusal(error))
            return
        if data.get("out_refund_no") != self.reference:
            raise GatewayUnknown("The answer is about another refund.")
        self._process(const.CODE, data)

    @api.model
    def _cron_wechatpay_sync(self):
        """Send the refunds that wait, and ask about payments without an answer."""
        self._gateway_sync_waiting(const.CODE)
