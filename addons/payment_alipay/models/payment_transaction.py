import logging
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, urls

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..tools.alipay_client import GatewayRejected, GatewayUnknown

_logger = logging.getLogger(__name__)

OPEN_STATES = ("draft", "pending")
# Codes of Alipay's refusals.
UNKNOWN_ORDER = "ACQ.TRADE_NOT_EXIST"
NO_FUNDS = "ACQ.SELLER_BALANCE_NOT_ENOUGH"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === HOOKS === #

    def _payer_id(self):
        """Return what the provider knows the payer by: here the buyer's id.

        Callers override this, or give ``payment_payer={"buyer_id": …}`` in the context.

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
            return {"pay_params": self._alipay_create(scene)}
        except GatewayUnknown:
            self._set_pending(state_message=self.env._("Alipay has not answered."))
        except GatewayRejected as error:
            self._set_error(self._alipay_refusal(error))
        return {"pay_params": {}}

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
            "timeout_express": f"{const.ORDER_LIFETIME_HOURS * 60}m",
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

    @staticmethod
    def _alipay_refusal(error):
        """Return what staff read about a refusal."""
        return f"Alipay: {error.message or error.code} ({error.code})"

    # === ASKING, CLOSING, REFUNDING === #

    def _alipay_call(self, method, **content):
        client = self.provider_id._alipay_client()
        return client.call(f"alipay.trade.{method}", content)

    def _alipay_sync(self):
        """Ask Alipay how payments and refunds stand, and act upon the answers.

        A refund is asked for again under its number, which pays it once. What cannot
        be learnt now stays as it is.
        """
        for tx in self.filtered(lambda tx: tx.provider_code == const.CODE):
            try:
                if tx.operation == "refund":
                    tx._alipay_send_refund()
                else:
                    tx._alipay_query()
            except GatewayUnknown as error:
                _logger.info("Transaction %s: %s", tx.reference, error)

    def _alipay_query(self):
        self.ensure_one()
        try:
            data = self._alipay_call("query", out_trade_no=self.reference)
        except GatewayRejected as error:
            if error.code != UNKNOWN_ORDER:
                raise GatewayUnknown(str(error)) from error
            # An order exists only after the customer has come to Alipay with it.
            age = fields.Datetime.now() - self.create_date
            if age > timedelta(hours=const.ORDER_LIFETIME_HOURS):
                self._set_canceled(self.env._("Alipay knows no such order."))
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

    def _send_refund_request(self):
        """Override of `payment` to let a job send the refund once it is stored.

        A request that is replayed after a conflict would ask for it under a new
        number, and Alipay would pay both.
        """
        if self.provider_code != const.CODE:
            return super()._send_refund_request()
        self._set_pending()
        self.env.ref("payment_alipay.cron_sync").sudo()._trigger()

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
                self._set_pending()
                self.state_message = self._alipay_refusal(error)
                _logger.error("Refund %s waits: %s", self.reference, error.code)
            else:
                self._set_error(self._alipay_refusal(error))
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
            tx._alipay_sync()
            if not self.env["ir.cron"]._commit_progress(1):
                break
