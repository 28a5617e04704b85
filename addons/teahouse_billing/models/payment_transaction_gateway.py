import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

WAITING_STATES = ("draft", "pending")
OPEN_STATES = (*WAITING_STATES, "authorized")
# Gateways forget an unpaid order long before.
CLOSE_DAYS = 3


class PaymentTransaction(models.Model):
    """What is said to payment providers, and when.

    Providers outside answer when they like, or never. What is wanted of them is
    stored and committed first, then they are asked with nothing locked, and what they
    said is a transaction of its own. After a crash between any two of these steps the
    stored part is found again by a job.
    """

    _inherit = "payment.transaction"

    teahouse_intent = fields.Char(
        string="Wish to pay",
        readonly=True,
        copy=False,
        help="What the client named its request by; repeated, it gets this attempt.",
    )
    teahouse_closing = fields.Boolean(
        string="To be closed",
        readonly=True,
        copy=False,
        help="Nobody shall pay this any more; the provider is being told.",
    )

    _teahouse_closing_index = models.Index("(id) WHERE teahouse_closing")
    _teahouse_intent_index = models.UniqueIndex(
        "(teahouse_booking_id, teahouse_intent) WHERE teahouse_intent IS NOT NULL",
        "This payment was begun already.",
    )

    def _keep(self):
        """Store what was done so far, before somebody outside hears of it.

        Locks go with it. Whatever follows starts from the rows as they are then.
        """
        if not all(tx._is_local() for tx in self):
            # The one place where a commit is the point: the wish to pay must outlive
            # a crash while the provider carries it out.
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _is_wanted(self):
        """Tell whether the attempt can still be begun at the provider."""
        self.ensure_one()
        return self.state in WAITING_STATES and not self.teahouse_closing

    def _start_kept(self, scene, payer):
        """Begin an attempt at the provider, see `_start`; it is stored by now.

        :raise UserError: it cannot be begun so; it is given up then
        """
        self.ensure_one()
        try:
            params = self._start(scene, payer)
        except UserError:
            self._close()
            self._keep()
            raise
        if not self._is_local():
            self._keep()
            # It may have been given up while its order was being made there.
            self.filtered(lambda tx: tx.state == "cancel")._want_closed()
        return params

    def _withdraw(self):
        """Ask how open attempts stand, and have those closed that nobody paid.

        Nothing may be locked, nor half done, when this is called: with providers
        outside it commits.
        """
        for tx in self:
            if tx.operation == "refund":
                continue
            for verb in ("sync", "close"):
                if tx.state in WAITING_STATES:
                    tx._keep()
                    tx._at_provider(verb)
            if tx.state in ("done", "cancel") and not tx.is_post_processed:
                tx._post_process()
            tx._keep()

    def _refresh(self):
        """Ask the provider how payments stand, and act upon the answer."""
        for tx in self:
            if tx.state in OPEN_STATES:
                tx._at_provider("sync")
            if not tx.is_post_processed:
                tx._post_process()

    def _close(self, message=None):
        """Close attempts that nobody shall pay any more.

        With a provider outside this is a wish: its job tells it at once after the
        commit, and until it has agreed the attempt is open. Money that comes in all
        the same is taken, see `_set_done`.
        """
        wanted = self.filtered(lambda tx: tx.state in OPEN_STATES)
        outside = wanted.filtered(lambda tx: not tx._is_local())
        (wanted - outside)._set_canceled(message)
        outside.filtered(lambda tx: not tx.teahouse_closing)._want_closed()

    def _want_closed(self):
        if self:
            self.write({"teahouse_closing": True})
            self.env.ref("teahouse_billing.cron_close_attempts").sudo()._trigger()

    @api.model
    def _cron_close_attempts(self):
        """Tell the providers which orders nobody shall pay any more."""
        domain = [("teahouse_closing", "=", True)]
        txs = self.search(domain, order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(txs))
        for tx in txs:
            try:
                tx.filtered_domain(domain)._close_at_provider()
            except psycopg2.OperationalError:
                # Somebody reports on it right now; the next run sees what.
                self.env.cr.rollback()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _close_at_provider(self):
        for tx in self:
            if tx.state == "cancel":
                # It may have been made there after we gave it up.
                tx._reopen()
            if tx.state not in OPEN_STATES:
                tx.teahouse_closing = False
                continue
            tx._at_provider("sync")
            tx._keep()
            if tx.state in WAITING_STATES:
                tx._at_provider("close")
            age = fields.Datetime.now() - tx.create_date
            if tx.state in OPEN_STATES and (
                age > timedelta(days=CLOSE_DAYS) or not tx._has_verb("close")
            ):
                tx._set_canceled()
            if tx.state not in OPEN_STATES:
                tx.teahouse_closing = False
                if not tx.is_post_processed:
                    tx._post_process()

    def _look_again(self):
        """Have the provider asked once more about what it may have done after all."""
        for tx in self.filtered(lambda tx: tx.operation != "refund"):
            tx._want_closed()

    def _reopen(self):
        """Have another look at an attempt that was given up."""
        self.write({"state": "pending", "is_post_processed": False})

    def _has_verb(self, verb):
        return hasattr(self, f"_{self.provider_code}_{verb}")

    def _at_provider(self, verb):
        """Let the provider do something with a transaction, if it knows how to.

        Providers offer ``_<code>_sync`` (ask how it stands and report through
        `_process`) and ``_<code>_close`` (let nobody pay it any more).
        """
        self.ensure_one()
        method = getattr(self, f"_{self.provider_code}_{verb}", None)
        return method() if method else None
