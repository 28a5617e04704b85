import logging
import re
from datetime import timedelta
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..tools.wechatpay_client import GatewayRejected, GatewayUnknown

_logger = logging.getLogger(__name__)

ORDERS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"
OPEN_STATES = ("draft", "pending")
# Codes of WeChat Pay's refusals.
UNKNOWN_ORDER = ("ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS")
NO_FUNDS = "NOT_ENOUGH"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === HOOKS === #

    def _payer_id(self):
        """Return what the provider knows the payer by: here the openid.

        Callers override this, or give ``payment_payer={"openid": …}`` in the context.

        :rtype: str|None
        """
        self.ensure_one()
        return None

    # === CREATE METHODS === #

    @api.model
    def _get_specific_create_values(self, provider_code, values):
        """Override of `payment` to keep contact data out of the transactions.

        Nothing of this provider needs it, and it would lie there in clear.
        """
        result = super()._get_specific_create_values(provider_code, values)
        if provider_code != const.CODE:
            return result
        personal = (
            "partner_name partner_email partner_phone partner_address partner_zip "
            "partner_city partner_state_id partner_country_id"
        )
        return {**result, **dict.fromkeys(personal.split(), False)}

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
            prefix=prefix[: const.REFERENCE_MAX - const.REFERENCE_SUFFIX],
            separator="_",
            **kwargs,
        )

    def _create_child_transaction(self, amount, is_refund=False, **values):
        """Override of `payment` to refuse refunds of more than is left.

        The source row is written: of two refunds at once the second one waits, is
        replayed and then sees the first. Core counts only what is in the books.
        """
        if self.provider_code == const.CODE and is_refund:
            self.env.execute_query(
                SQL(
                    "UPDATE payment_transaction SET reference = reference "
                    "WHERE id = %s RETURNING id",
                    self.id,
                )
            )
            refunds = self.search(
                [
                    ("source_transaction_id", "=", self.id),
                    ("operation", "=", "refund"),
                    ("state", "not in", ("cancel", "error")),
                ]
            )
            left = self.amount + sum(refunds.mapped("amount"))
            if self.currency_id.compare_amounts(amount, left) > 0:
                raise UserError(
                    self.env._("A refund cannot exceed what is left of the payment.")
                )
        return super()._create_child_transaction(amount, is_refund=is_refund, **values)

    # === PAYING === #

    def _get_specific_processing_values(self, processing_values):
        """Override of `payment` to create the order and return ``pay_params``.

        The context says where the customer pays (``payment_scene``: mini_program,
        jsapi, h5, native or page) and who (``payment_payer``). It can be called again
        after an unknown outcome, which leaves the payment pending.
        """
        if self.provider_code != const.CODE:
            return super()._get_specific_processing_values(processing_values)
        if self.state not in OPEN_STATES:
            return {"pay_params": {}}
        scene = self.env.context.get("payment_scene") or "native"
        try:
            return {"pay_params": self._wechatpay_create(scene)}
        except GatewayUnknown:
            self._set_pending(state_message=self.env._("WeChat Pay has not answered."))
        except GatewayRejected as error:
            self._set_error(self._wechatpay_refusal(error))
        return {"pay_params": {}}

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

    @staticmethod
    def _wechatpay_refusal(error):
        """Return what staff read about a refusal."""
        return f"WeChat Pay: {error.message or error.code} ({error.code})"

    # === ASKING, CLOSING, REFUNDING === #

    def _wechatpay_sync(self):
        """Ask WeChat Pay how payments and refunds stand, and act upon the answers.

        A refund is asked for again under its number, which pays it once. What cannot
        be learnt now stays as it is.
        """
        for tx in self.filtered(lambda tx: tx.provider_code == const.CODE):
            try:
                if tx.operation == "refund":
                    tx._wechatpay_send_refund()
                else:
                    tx._wechatpay_query()
            except GatewayUnknown as error:
                _logger.info("Transaction %s: %s", tx.reference, error)

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
            age = fields.Datetime.now() - self.create_date
            if age > timedelta(hours=const.ORDER_LIFETIME_HOURS):
                self._set_canceled(self.env._("WeChat Pay knows no such order."))
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

    def _send_refund_request(self):
        """Override of `payment` to let a job send the refund once it is stored.

        A request that is replayed after a conflict would ask for it under a new
        number, and WeChat Pay would pay both.
        """
        if self.provider_code != const.CODE:
            return super()._send_refund_request()
        self._set_pending()
        self.env.ref("payment_wechatpay.cron_sync").sudo()._trigger()

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
                self._wechatpay_wait(self._wechatpay_refusal(error))
            else:
                self._set_error(self._wechatpay_refusal(error))
            return
        if data.get("out_refund_no") != self.reference:
            raise GatewayUnknown("The answer is about another refund.")
        self._process(const.CODE, data)

    def _wechatpay_wait(self, message):
        """Keep a refund open that needs somebody's help: it must not be sent anew."""
        self._set_pending()
        self.state_message = message
        _logger.error("Refund %s waits: %s", self.reference, message)

    @api.model
    def _cron_wechatpay_sync(self):
        """Send the refunds that wait, and ask about payments without an answer."""
        now = fields.Datetime.now()
        domain = Domain(
            [
                ("provider_code", "=", const.CODE),
                ("provider_id.state", "!=", "disabled"),
                ("state", "in", OPEN_STATES),
            ]
        ) & (
            Domain("operation", "=", "refund")
            | Domain("create_date", "<", now - timedelta(minutes=1))
            & Domain("create_date", ">", now - timedelta(days=const.SYNC_DAYS))
        )
        txs = self.search(domain, order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(txs))
        for tx in txs:
            tx = tx.try_lock_for_update().filtered_domain(domain)
            tx._wechatpay_sync()
            if not self.env["ir.cron"]._commit_progress(1):
                break
