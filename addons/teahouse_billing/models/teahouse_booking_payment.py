import logging

from odoo import api, fields, models
from odoo.tools import config, str2bool

from odoo.addons.teahouse_base.exceptions import TeahouseError

_logger = logging.getLogger(__name__)

PAYABLE_STATES = ("hold", "confirmed", "in_use", "completed", "cancelled", "no_show")


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    # === PAYING === #

    def _on_held(self):
        """Override of `teahouse_booking`: discounts come off before anybody pays."""
        result = super()._on_held()
        for booking in self:
            self.env["teahouse.charge.line"]._refresh_discounts(booking)
        return result

    def _confirm_requirements(self):
        """Override of `teahouse_booking`: what is due has to be paid first."""
        unmet = super()._confirm_requirements()
        # Not `amount_due`, which is nothing once a hold has run out.
        owed = self.currency_id.round(self._charged() - self.amount_paid)
        return [*unmet, "payment"] if owed > 0 else unmet

    def _api_payment_methods(self):
        """Return the payment methods of the API and the provider codes behind them.

        Upper addons and providers add theirs.
        """
        return {"wechat": "wechatpay", "alipay": "alipay", "demo": "demo"}

    @api.model
    def _api_admit_payment(self, body):
        """Called before anything is written for a payment.

        Upper addons let those who pay out of one purse come one after the other.

        :param body: has ``method``
        """

    def _payer_values(self, tx, scene=None):
        """Return what a provider has to know of the payer: WeChat's openid, Alipay's
        buyer id, of the member who is paying.

        :param tx: the transaction, or none
        :param str scene: where the client pays
        """
        kinds = {"wechatpay": ("wechat", "openid"), "alipay": ("alipay", "buyer_id")}
        member = self.env["teahouse.member"]._current()
        if not member or tx.provider_code not in kinds:
            return {}
        kind, name = kinds[tx.provider_code]
        domain = [("member_id", "=", member.id), ("provider", "=", kind)]
        app_id = getattr(tx.provider_id.sudo(), f"_{tx.provider_code}_app_id")(scene)
        if app_id:
            domain.append(("app_id", "=", app_id))
        identity_sudo = self.env["teahouse.identity"].sudo().search(domain, limit=1)
        return {name: identity_sudo.subject} if identity_sudo else {}

    def _provider(self, method):
        """Return the provider (sudo) that serves a payment method here.

        :raise TeahouseError: forbidden for the demonstration where it is not allowed,
            invalid_request for a method that the company does not offer
        """
        self.ensure_one()
        code = self._api_payment_methods().get(method)
        allowed = str2bool(config.get("teahouse_allow_demo_payment") or "", False)
        if code == "demo" and not allowed:
            raise TeahouseError(
                "forbidden", self.env._("Demonstration payments are off here.")
            )
        providers_sudo = self.env["payment.provider"].sudo()
        provider_sudo = providers_sudo.search(
            [
                *providers_sudo._check_company_domain(self.company_id),
                ("code", "=", code or "none"),
                ("state", "in", ("enabled", "test")),
            ],
            limit=1,
        )
        if not code or not provider_sudo.journal_id:
            message = self.env._("This payment method is not offered.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "method", "message": message}]
            )
        return provider_sudo

    def _open_methods(self):
        """Return the methods by which this booking can be paid now, none if not due."""
        self.ensure_one()
        if not self._is_payable():
            return []
        found = []
        for method in self._api_payment_methods():
            try:
                self._provider(method)
            except TeahouseError:
                continue
            found.append(method)
        return found

    def _pay(self, method, scene=None, intent=None):
        """Begin a payment of everything that is due.

        An attempt that is still open is asked about and closed first, so that one
        booking has one open attempt. The attempt is stored before anybody outside
        hears of it, and nothing is locked while we wait for an answer.

        :param str method: a key of `_api_payment_methods`
        :param str scene: where the client pays
        :param str intent: what the client names its wish to pay by: called again with
            it, the same attempt goes on
        :return: the transaction (sudo) and the parameters for the client
        :raise TeahouseError: invalid_state where there is nothing to pay
        """
        self.ensure_one()
        provider_sudo = self._provider(method)
        tx_sudo = self._begun(intent)
        if not tx_sudo:
            self.sudo().transaction_ids._withdraw()
            self._lock_money()
            self._release_late_changes()
            self._close_attempts()
            self._check_payable()
            tx_sudo = self._create_transaction(
                provider_sudo, method, teahouse_intent=intent
            )
            tx_sudo._keep()
        params = {}
        if tx_sudo._is_wanted():
            params = tx_sudo._start_kept(scene, self._payer_values(tx_sudo, scene))
        if tx_sudo.state == "done" and not tx_sudo.is_post_processed:
            tx_sudo._post_process()
        return tx_sudo, params

    def _begun(self, intent):
        """Return the attempt (sudo) that this wish to pay began, if it did."""
        self.ensure_one()
        txs_sudo = self.sudo().transaction_ids
        return txs_sudo.filtered(lambda tx: intent and tx.teahouse_intent == intent)[:1]

    def _is_kept(self):
        """Tell whether the booking stands, or stood, so that paying makes sense."""
        self.ensure_one()
        lapsed = self.state == "hold" and self.hold_expires_at <= fields.Datetime.now()
        return self.state in PAYABLE_STATES and not lapsed

    def _is_payable(self):
        """Tell whether something is due that can be paid now."""
        return self._is_kept() and not self.currency_id.is_zero(self.amount_due)

    def _check_payable(self):
        self.ensure_one()
        if not self._is_kept():
            raise TeahouseError(
                "invalid_state", self.env._("The booking is not kept any more.")
            )
        if not self._is_payable():
            raise TeahouseError("invalid_state", self.env._("There is nothing to pay."))

    def _create_transaction(self, provider_sudo, method, **values):
        """Create the transaction (sudo) for what is due; the client has no say."""
        self.ensure_one()
        txs_sudo = self.env["payment.transaction"].sudo()
        return txs_sudo.create(
            {
                "provider_id": provider_sudo.id,
                "payment_method_id": self._payment_method(provider_sudo).id,
                "reference": txs_sudo._compute_reference(
                    provider_sudo.code, prefix=self._payment_prefix(), separator="_"
                ),
                "amount": self.amount_due,
                "currency_id": self.currency_id.id,
                "partner_id": self._invoice_partner().id,
                "operation": "online_direct",
                # Where a provider's own page sends the customer afterwards.
                "landing_route": f"/teahouse/app/bookings/{self.ref}",
                "teahouse_booking_id": self.id,
                "teahouse_method": method,
                **values,
            }
        )

    def _payment_deadline(self):
        """Return until when what is due can be paid, naive UTC, None for no limit."""
        self.ensure_one()
        pending = self.change_ids.filtered(lambda change: change.state == "pending")
        if self.state == "hold":
            return self.hold_expires_at
        return pending[:1].expires_at or None

    def _payment_prefix(self):
        """Return a payment number that gateways take: letters and digits, short."""
        ref = "".join(sign for sign in self.ref if sign.isalnum() and sign.isascii())
        return f"BK{ref[:20].upper()}"

    def _payment_method(self, provider_sudo):
        methods = provider_sudo.with_context(active_test=False).payment_method_ids
        method = methods[:1] or self.env["payment.method"].sudo().search(
            [("code", "=", "unknown")], limit=1
        )
        return method

    def _close_attempts(self, refresh=False):
        """Close the open payment attempts of the bookings.

        Nobody outside is spoken to here, where the room is locked: see
        `payment.transaction._close`.

        :param bool refresh: where an answer costs no waiting, ask for it first: the
            guest may just have paid
        """
        for tx_sudo in self.sudo().transaction_ids:
            if tx_sudo.operation == "refund" or tx_sudo.state == "error":
                continue
            if refresh and tx_sudo._is_local():
                tx_sudo._withdraw()
            tx_sudo._close()

    # === MONEY MOVED === #

    def _on_money_moved(self, tx):
        """Answer to a transaction that is done and stands in the books.

        A payment confirms what waits for it. What came too late or too often goes
        back.

        :param tx: the transaction, a payment or a refund
        """
        self.ensure_one()
        # A refund never asks for more refunds: whoever ordered it is still counting.
        if tx.operation != "refund":
            self._on_payment_arrived(tx)
            self._refund_surplus(self.env._("Paid more than due"))
        elif self.state != "expired":
            self._tell("refund_sent", tx)
        self._reconcile()

    def _on_payment_arrived(self, tx):
        self.ensure_one()
        if self.state in ("expired", "cancelled"):
            if not self._revive():
                self._refuse_money(tx)
        elif self.state == "hold":
            self._try_confirm()
        else:
            self._on_paid()

    def _revive(self):
        """Take the slot of a lapsed hold again, if it is free.

        :return: whether the booking is on again
        """
        self.ensure_one()
        if self.state != "expired" or self.end <= fields.Datetime.now():
            return False
        try:
            self._try_confirm()
        except TeahouseError as error:
            if error.code != "slot_taken":
                raise
        return self.state == "confirmed"

    def _refuse_money(self, tx):
        """Send back money that came for a slot that is gone, and say so."""
        self.ensure_one()
        self.env["teahouse.audit"]._log("payment.too_late", tx)
        self._tell("payment_refused", tx)

    def _tell(self, template, tx):
        """Tell the booker about money that moved, once."""
        self.ensure_one()
        if not self.member_id:
            return
        amount = self.currency_id.format(abs(tx.amount))
        self.env["teahouse.notification"].sudo()._notify(
            self.member_id,
            template,
            {"ref": self.ref, "amount": amount},
            f"{template}:{tx.reference}",
        )

    # === GIVING BACK === #

    def _refund_surplus(self, reason):
        """Send back what was paid beyond the charges, newest payment first.

        :param str reason: shown to staff
        :return: the refund transactions (sudo)
        """
        refunds = self.env["payment.transaction"].sudo()
        for booking in self:
            surplus = booking.currency_id.round(booking.amount_paid - booking._claim())
            if surplus > 0:
                refunds |= booking._refund_amount(surplus, reason)
        return refunds

    def _refund_amount(self, amount, reason):
        """Send an amount back by the payments it came with, newest first.

        What no provider can send back stays as a surplus that staff see.
        """
        self.ensure_one()
        refunds = self.env["payment.transaction"].sudo()
        payments = self.sudo().transaction_ids.filtered(
            lambda tx: tx.operation != "refund" and tx.state == "done"
        )
        for tx in payments.sorted("id", reverse=True):
            part = min(amount, tx._refundable())
            if part <= 0 or tx.provider_id.support_refund == "none":
                continue
            refunds |= tx._refund_back(part, reason)
            amount = self.currency_id.round(amount - part)
            if amount <= 0:
                break
        if amount > 0:
            _logger.warning("Booking %s: a surplus could not be refunded.", self.ref)
            self.env["teahouse.audit"]._log("refund.impossible", self)
        return refunds

    # === BOOKS === #

    def _invoice_partner(self):
        """Return the partner (sudo) whose receivable carries the booking."""
        self.ensure_one()
        partner = self.sudo().partner_id or self.sudo().member_id.partner_id
        return partner or self.company_id._teahouse_walk_in_partner()

    def _posted_invoices(self):
        """Return the posted invoices and credit notes (sudo)."""
        return self.sudo().invoice_ids.filtered(lambda move: move.state == "posted")

    def _receivable_lines(self):
        """Return all receivable entries (sudo) of the bookings, matched or not."""
        moves = self._payment_moves().filtered(lambda move: move.state == "posted")
        lines = (moves | self._posted_invoices()).line_ids
        return lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _reconcile(self):
        """Match payments, refunds and invoices of each booking with one another."""
        for booking in self:
            lines = booking._receivable_lines().filtered(
                lambda line: not line.reconciled
            )
            for same in lines.grouped("account_id").values():
                signs = {line.balance > 0 for line in same}
                if len(signs) == 2:
                    same.reconcile()
