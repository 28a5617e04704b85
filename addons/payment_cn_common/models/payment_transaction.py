import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import const
from ..tools.gateway import GatewayRejected, GatewayUnknown

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """What the gateways have in common.

    Each brings, by its code: ``_<code>_create(scene)`` (the order, returns what the
    client needs), ``_<code>_query()``, ``_<code>_send_refund()``, ``_<code>_close()``
    and ``_<code>_apply(payment_data)``.
    """

    _inherit = "payment.transaction"

    def _is_chinese(self):
        return self.provider_code in const.GATEWAYS

    def _of_gateway(self, verb):
        """Return this gateway's way of doing something."""
        self.ensure_one()
        return getattr(self, f"_{self.provider_code}_{verb}")

    # === HOOKS === #

    def _payer_id(self):
        """Return what the provider knows the payer by: openid, or the buyer's id.

        Callers override this, or give ``payment_payer={"openid": …}`` (WeChat Pay) or
        ``{"buyer_id": …}`` (Alipay) in the context.

        :rtype: str|None
        """
        self.ensure_one()
        return None

    # === CREATE METHODS === #

    @api.model
    def _get_specific_create_values(self, provider_code, values):
        """Override of `payment` to keep contact data out of the transactions.

        No gateway needs it, and it would lie there in clear.
        """
        result = super()._get_specific_create_values(provider_code, values)
        if provider_code not in const.GATEWAYS:
            return result
        personal = (
            "partner_name partner_email partner_phone partner_address partner_zip "
            "partner_city partner_state_id partner_country_id"
        )
        return {**result, **dict.fromkeys(personal.split(), False)}

    def _create_child_transaction(self, amount, is_refund=False, **values):
        """Override of `payment` to refuse refunds of more than is left.

        The source row is written: of two refunds at once the second one waits, is
        replayed and then sees the first. Core counts only what is in the books.
        """
        if is_refund and self._is_chinese():
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
        if not self._is_chinese():
            return super()._get_specific_processing_values(processing_values)
        if self.state not in const.OPEN_STATES:
            return {"pay_params": {}}
        scene = self.env.context.get("payment_scene") or "native"
        try:
            return {"pay_params": self._of_gateway("create")(scene)}
        except GatewayUnknown:
            self._set_pending(
                state_message=self.env._(
                    "%s has not answered.", const.GATEWAYS[self.provider_code]
                )
            )
        except GatewayRejected as error:
            self._set_error(self._gateway_refusal(error))
        return {"pay_params": {}}

    def _gateway_refusal(self, error):
        """Return what staff read about a refusal."""
        name = const.GATEWAYS[self.provider_code]
        return f"{name}: {error.message or error.code} ({error.code})"

    # === ASKING, REFUNDING === #

    def _gateway_sync(self):
        """Ask how payments and refunds stand, and act upon the answers.

        A refund is asked for again under its number, which pays it once. What cannot
        be learnt now stays as it is.
        """
        for tx in self:
            verb = "send_refund" if tx.operation == "refund" else "query"
            try:
                tx._of_gateway(verb)()
            except GatewayUnknown as error:
                _logger.info("Transaction %s: %s", tx.reference, error)

    def _gateway_knows_nothing(self):
        """Give an order up that the gateway does not know, once it is old.

        Before that its creation may still be on its way.
        """
        age = fields.Datetime.now() - self.create_date
        if age > timedelta(hours=const.ORDER_LIFETIME_HOURS):
            name = const.GATEWAYS[self.provider_code]
            self._set_canceled(self.env._("%s knows no such order.", name))

    def _send_refund_request(self):
        """Override of `payment` to let a job send the refund once it is stored.

        A request that is replayed after a conflict would ask for it under a new
        number, and the gateway would pay both.
        """
        if not self._is_chinese():
            return super()._send_refund_request()
        self._set_pending()
        self.env.ref(f"payment_{self.provider_code}.cron_sync").sudo()._trigger()

    def _gateway_wait(self, message):
        """Keep a refund open that needs somebody's help: it must not be sent anew."""
        self._set_pending()
        self.state_message = message
        _logger.error("Refund %s waits: %s", self.reference, message)

    @api.model
    def _gateway_sync_waiting(self, code):
        """Send the refunds that wait, and ask about payments without an answer.

        No row is locked while the gateway is asked: a notification that comes
        meanwhile is faster, and its outcome stays.

        :param str code: of the provider
        """
        now = fields.Datetime.now()
        domain = Domain(
            [
                ("provider_code", "=", code),
                ("provider_id.state", "!=", "disabled"),
                ("state", "in", const.OPEN_STATES),
            ]
        ) & (
            Domain("operation", "=", "refund")
            | Domain("create_date", "<", now - timedelta(minutes=1))
            & Domain("create_date", ">", now - timedelta(days=const.SYNC_DAYS))
        )
        txs = self.search(domain, order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(txs))
        for tx in txs:
            try:
                tx.filtered_domain(domain)._gateway_sync()
                self.env.flush_all()
            except psycopg2.OperationalError:
                self.env.cr.rollback()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    # === REPORTS === #

    def _process(self, provider_code, payment_data):
        """Override of `payment` to let the books follow at once."""
        tx = super()._process(provider_code, payment_data)
        if provider_code in const.GATEWAYS:
            if tx and not tx.is_post_processed and tx.state in ("done", "cancel"):
                self.env.ref("payment.cron_post_process_payment_tx").sudo()._trigger()
        return tx

    def _apply_updates(self, payment_data):
        """Override of `payment` to update the transaction.

        A wrong amount is refused here too: core lets its second report pass, because
        the state does not change any more.
        """
        if not self._is_chinese():
            return super()._apply_updates(payment_data)
        if self._gateway_amount_agrees(payment_data):
            self._of_gateway("apply")(payment_data)
        else:
            _logger.error("Transaction %s: reported amount differs.", self.reference)

    def _gateway_amount_agrees(self, payment_data):
        amount_data = self._extract_amount_data(payment_data)
        if amount_data is None:
            return True
        amount, currency = amount_data["amount"], amount_data["currency_code"]
        return currency == self.currency_id.name and not (
            self.currency_id.compare_amounts(amount, abs(self.amount))
        )

    def _gateway_note_number(self, number):
        """Note the gateway's number, once: a repetition that writes meets others."""
        if number and self.provider_reference != number:
            self.provider_reference = number
