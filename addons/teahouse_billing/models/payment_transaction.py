import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

API_STATES = {
    "draft": "pending",
    "pending": "pending",
    "authorized": "pending",
    "done": "done",
    "cancel": "cancelled",
    "error": "failed",
}


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    teahouse_booking_id = fields.Many2one(
        "teahouse.booking",
        string="Booking",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    teahouse_method = fields.Char(
        string="API payment method", readonly=True, help="The method asked for."
    )
    teahouse_reason = fields.Char(
        string="Refund reason", readonly=True, help="Why the money goes back."
    )

    # === WHOSE IT IS === #

    @api.model
    def _owner_fields(self):
        """Return the fields that name what is paid; upper addons add theirs.

        Payments with one of them are the house's: no contact data in them, refunds
        that follow them, late money that is taken.
        """
        return ["teahouse_booking_id"]

    def _of_the_house(self):
        return self.filtered(lambda tx: any(tx[name] for name in self._owner_fields()))

    # === CREATE METHODS === #

    @api.model
    def _get_specific_create_values(self, provider_code, values):
        """Override of `payment` to keep the payer's contact data out of payments."""
        result = super()._get_specific_create_values(provider_code, values)
        if not any(values.get(name) for name in self._owner_fields()):
            return result
        personal = (
            "partner_name partner_email partner_phone partner_address partner_zip "
            "partner_city partner_state_id partner_country_id"
        )
        return {**result, **dict.fromkeys(personal.split(), False)}

    def _create_child_transaction(
        self, amount, is_refund=False, **custom_create_values
    ):
        """Override of `payment` to refuse refunds of more than was paid.

        Core counts posted refunds only, so two refunds at once could exceed the
        payment. The source row is written here, hence the second of two parallel
        refunds waits, fails to serialise, is replayed and then sees the first.
        """
        if is_refund:
            self._lock_refunds()
            if self.currency_id.compare_amounts(amount, self._refundable()) > 0:
                raise UserError(
                    self.env._("A refund cannot exceed what is left of the payment.")
                )
        if self._of_the_house():
            for name in self._owner_fields():
                custom_create_values.setdefault(name, self[name].id)
            custom_create_values.setdefault("teahouse_method", self.teahouse_method)
            # Gateways take no hyphen in the number of a refund.
            custom_create_values.setdefault(
                "reference",
                self._compute_reference(
                    self.provider_code, prefix=f"RF{self.reference}", separator="_"
                ),
            )
        return super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )

    def _book_payment(self):
        """Put a confirmed payment into the books before its refund gets there.

        A refund may overtake the job that post-processes its payment. Core books no
        payment that has a finished refund: the books would show money going back
        that never came.
        """
        self.ensure_one()
        if self.state == "done" and self.operation != "refund" and not self.payment_id:
            self.with_company(self.company_id)._create_payment()

    def _lock_refunds(self):
        """Make whoever refunds the same payment at the same time come after us."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE payment_transaction SET reference = reference WHERE id IN %s",
                tuple(self.ids),
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset(["child_transaction_ids"])

    def _refundable(self):
        """Return what of a confirmed payment has not gone back and is not about to."""
        self.ensure_one()
        if self.state != "done" or self.operation == "refund":
            return 0.0
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state not in ("cancel", "error")
        )
        return self.currency_id.round(self.amount + sum(refunds.mapped("amount")))

    # === PROCESSING === #

    def _process(self, provider_code, payment_data):
        """Override of `payment` for two reasons.

        The booking is locked before its transaction, in the order everybody keeps.
        And a wrong amount stays an error however often it is reported: core lets the
        second report of it through, because the state no longer changes.
        """
        tx = self or self._search_by_reference(provider_code, payment_data)
        tx.teahouse_booking_id._lock_money()
        if tx and tx.state == "error" and not tx._amount_agrees(payment_data):
            tx._alarm_amount()
            return tx
        before = tx.state
        tx = super(PaymentTransaction, tx)._process(provider_code, payment_data)
        if tx.state == "error" and before != "error":
            if not tx._amount_agrees(payment_data):
                tx._alarm_amount()
        return tx

    def _amount_agrees(self, payment_data):
        """Tell whether a report states the amount and currency of the transaction.

        True where the provider opts out of the check.
        """
        self.ensure_one()
        data = self._extract_amount_data(payment_data)
        if data is None:
            return True
        amount, currency = data.get("amount"), data.get("currency_code")
        return bool(
            amount
            and currency == self.currency_id.name
            and not self.currency_id.compare_amounts(amount, abs(self.amount))
        )

    def _alarm_amount(self):
        _logger.warning("Transaction %s: reported amount differs.", self.reference)
        self.env["teahouse.audit"]._log("payment.wrong_amount", self)

    def _set_done(self, *, state_message=None, extra_allowed_states=()):
        """Override of `payment` to take money that arrives after a cancellation.

        Who is paid then decides whether it is still of use or goes back.
        """
        ours = self._of_the_house()
        done = super(PaymentTransaction, self - ours)._set_done(
            state_message=state_message, extra_allowed_states=extra_allowed_states
        )
        if ours:
            done |= super(PaymentTransaction, ours)._set_done(
                state_message=state_message,
                extra_allowed_states=(*extra_allowed_states, "cancel"),
            )
            self.env.ref("payment.cron_post_process_payment_tx").sudo()._trigger()
        return done

    def _post_process(self):
        """Override of `payment` to let the booking answer to money that moved."""
        for tx in self:
            # One by one: core posts the invoices of the whole recordset each time.
            tx.teahouse_booking_id._lock_money()
            super(PaymentTransaction, tx)._post_process()
            if tx.teahouse_booking_id and tx.state == "done":
                tx.teahouse_booking_id._on_money_moved(tx)

    # === VERBS OF THE BOOKING === #

    def _start(self, scene=None, payer=None):
        """Ask the provider for what the client needs to pay.

        :param str scene: where the client pays: mini_program, jsapi, h5, native, page
        :param dict payer: what the provider needs to know of the payer
        :return: parameters for the client, empty where it has nothing to do
        :rtype: dict
        """
        self.ensure_one()
        if self._is_instant():
            data = {"reference": self.reference, "simulated_state": "done"}
            self._process("demo", data)
            return {}
        tx = self.with_context(
            payment_scene=scene,
            payment_payer=payer or {},
            payment_expires_at=self.teahouse_booking_id._payment_deadline(),
        )
        values = {
            "provider_id": tx.provider_id.id,
            "provider_code": tx.provider_code,
            "reference": tx.reference,
            "amount": tx.amount,
            "currency_id": tx.currency_id.id,
            "partner_id": tx.partner_id.id,
        }
        values = tx._get_specific_processing_values(values)
        return values.get("pay_params", values)

    def _is_instant(self):
        """Tell whether the payment is made by asking for it, as in a demonstration."""
        return self.provider_code == "demo"

    def _refund_back(self, amount, reason):
        """Send part of a payment back to where it came from.

        Providers inside the house answer at once. For the others the refund is
        stored first and sent by a job: a refund that is asked for twice under two
        numbers is paid twice.

        :param float amount: positive, at most what is left of the payment
        :param str reason: shown to staff
        :return: the refund transaction
        """
        self.ensure_one()
        self._book_payment()
        refund = self._create_child_transaction(
            amount, is_refund=True, teahouse_reason=reason
        )
        if self._is_local():
            refund._send_refund()
        else:
            cron = self.env.ref("teahouse_billing.cron_send_refunds")
            cron.sudo()._trigger()
        return refund

    def _is_local(self):
        """Tell whether the provider lives in this database and cannot be lost."""
        return self.provider_code == "demo"

    def _send_refund(self):
        """Ask the provider to pay a refund that is stored already."""
        self.ensure_one()
        try:
            self._send_refund_request()
        except ValidationError as error:
            self._set_error(str(error))
        if self.state == "error":
            self.env["teahouse.audit"]._log("refund.failed", self)
        elif self.state == "done":
            self._post_process()

    def action_teahouse_retry_refund(self):
        """Send a refund again that the provider has refused."""
        for refund in self.filtered(lambda tx: tx.operation == "refund"):
            if refund.state != "error":
                continue
            booking = refund.teahouse_booking_id
            booking._check_money_right()
            booking.sudo()._refund_surplus(refund.teahouse_reason)

    @api.model
    def _cron_send_refunds(self):
        """Send refunds that wait, and those whose answer was lost, again."""
        domain = fields.Domain("operation", "=", "refund")
        domain &= fields.Domain("state", "in", ("draft", "pending"))
        domain &= fields.Domain.OR(
            [(name, "!=", False)] for name in self._owner_fields()
        )
        refunds = self.search(domain)
        self.env["ir.cron"]._commit_progress(remaining=len(refunds))
        for refund in refunds:
            refund = refund.try_lock_for_update().filtered_domain(domain)
            if refund:
                refund._send_refund()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    # === API === #

    @api.model
    def _api_find(self, reference):
        """Return the current member's transaction (sudo) with this reference.

        :raise TeahouseError: not_found, also for somebody else's
        """
        tx_sudo = self.sudo().search([("reference", "=", reference)], limit=1)
        tx_sudo.teahouse_booking_id._check_payer()
        return tx_sudo

    @api.model
    def _api_refresh(self, reference):
        """Ask the provider how the current member's payment stands."""
        tx_sudo = self._api_find(reference)
        tx_sudo._refresh()
        return tx_sudo._api_values()

    def _api_state(self):
        """Return the state in the words of the API."""
        self.ensure_one()
        return API_STATES[self.state]

    def _api_values(self):
        """Return the payment as the API shows it."""
        self.ensure_one()
        booking = self.teahouse_booking_id
        return {
            "reference": self.reference,
            "booking": booking.ref,
            "method": self.teahouse_method,
            "state": self._api_state(),
            **booking._money_values(amount=self.amount),
        }
