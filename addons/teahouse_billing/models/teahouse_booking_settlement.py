import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.teahouse_base.exceptions import TeahouseError

_logger = logging.getLogger(__name__)

# What can be settled: nothing more will happen in the room.
SETTLE_STATES = ("completed", "cancelled", "no_show")


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _on_use_ended(self):
        """Override of `teahouse_booking`: the stay is over, settle it at once."""
        result = super()._on_use_ended()
        self._try_settle()
        return result

    def _try_settle(self):
        """Settle bookings without ever standing in the way of what ended them.

        What fails is noted on the booking, shown to staff, and tried again by a job.
        """
        for booking in self:
            try:
                with self.env.cr.savepoint():
                    booking._settle()
            except psycopg2.OperationalError:
                # The whole request is replayed.
                raise
            except Exception as error:
                _logger.exception("Booking %s could not be settled.", booking.ref)
                booking.sudo().settle_error = str(error)[:250]

    def _settle(self):
        """Close the account of one booking: charge, invoice, match, give back.

        Safe to call again, and by several at once: the first settles, the others
        find it done. Either everything of it is stored or nothing.

        :raise TeahouseError: invalid_state while the stay may still go on
        """
        self.ensure_one()
        self._lock_money()
        if self.settlement_state == "settled":
            return
        if self.state not in SETTLE_STATES:
            raise TeahouseError(
                "invalid_state", self.env._("The stay is not over yet.")
            )
        booking_sudo = self.sudo()
        booking_sudo._close_attempts(refresh=True)
        booking_sudo._charge_final()
        booking_sudo._invoice_charges()
        booking_sudo.write(
            {
                "settlement_state": "settled",
                "settled_at": fields.Datetime.now(),
                "settle_error": False,
            }
        )
        booking_sudo._cover_due()
        booking_sudo._refund_surplus(self.env._("Settlement"))
        booking_sudo._reconcile()
        booking_sudo._on_settled()

    def _charge_final(self):
        """Turn what was agreed into what the stay has really cost.

        Deposits are released, and what was never paid for and never took effect is
        taken back.
        """
        self.ensure_one()
        self._charge_real_use()
        lines = self.charge_line_ids
        lines.filtered(lambda line: line.state == "pending")._void(
            self.env._("Not paid in time")
        )
        lines.filtered(
            lambda line: line.kind == "deposit" and line.state == "open"
        )._void(self.env._("Deposit settled"))

    def _cover_due(self):
        """Take what is still due from where upper addons may take it."""
        self.ensure_one()
        for method, limit in self._due_cover_methods():
            amount = self.currency_id.round(min(self.amount_due, limit))
            if amount <= 0:
                continue
            provider_sudo = self._provider(method)
            tx_sudo = self._create_transaction(provider_sudo, method, amount=amount)
            tx_sudo._start()
            if tx_sudo.state == "done":
                tx_sudo._post_process()

    def _on_settled(self):
        """Tell the guest; upper addons act upon the settled amounts."""
        for booking in self.filtered("member_id"):
            template = "payment_due" if booking.amount_due > 0 else "bill_ready"
            self.env["teahouse.notification"].sudo()._notify(
                booking.member_id,
                template,
                {
                    "ref": booking.ref,
                    "store": booking.store_id.name,
                    "total": booking.currency_id.format(booking.amount_total),
                    "due": booking.currency_id.format(booking.amount_due),
                },
                f"settled-{booking.id}",
            )

    # === INVOICE === #

    def _invoice_charges(self):
        """Post the invoice of all charges that are on none yet.

        That is the one invoice of the stay, or later a credit note or a further
        invoice for an adjustment.

        :return: the posted account.move, empty where there is nothing to invoice
        :raise UserError: the books would not show the very amount of the charges
        """
        self.ensure_one()
        lines = self.charge_line_ids._invoiceable()
        if not lines:
            return self.env["account.move"]
        company = self.company_id
        company._teahouse_setup_accounting()
        amount = self.currency_id.round(sum(lines.mapped("amount")))
        sign = -1 if amount < 0 else 1
        moves = self.env["account.move"].with_company(company)
        move = moves.create(self._invoice_values(lines, sign))
        if self.currency_id.compare_amounts(move.amount_total, sign * amount):
            raise UserError(
                self.env._("The invoice would differ from the charges; check the tax.")
            )
        move.action_post()
        return move

    def _invoice_values(self, lines, sign):
        today = self.store_id._local(fields.Datetime.now()).date()
        return {
            "move_type": "out_invoice" if sign > 0 else "out_refund",
            "partner_id": self._invoice_partner().id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": today,
            "invoice_origin": self.ref,
            "ref": self.ref,
            "fiscal_position_id": False,
            "invoice_payment_term_id": False,
            "teahouse_booking_id": self.id,
            "invoice_line_ids": [
                fields.Command.create(line._invoice_line_values(sign)) for line in lines
            ],
        }

    # === JOB === #

    @api.model
    def _cron_settle(self):
        """Settle what ended and was not settled: after a crash, or a problem since
        removed."""
        domain = [
            ("state", "in", SETTLE_STATES),
            ("settlement_state", "=", "open"),
            ("shadow_of_id", "=", False),
        ]
        bookings = self.search(domain, order="settle_error nulls first, id")
        self.env["ir.cron"]._commit_progress(remaining=len(bookings))
        for booking in bookings:
            booking = booking.try_lock_for_update().filtered_domain(domain)
            booking._try_settle()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    # === VERBS OF THE BACK OFFICE === #

    def action_settle(self):
        """Settle by hand what the automatic settlement left open."""
        self._check_money_right()
        for booking in self:
            booking._settle()

    def _check_money_right(self):
        """Let only those pass who deal with the guests' bills, in their stores.

        :raise AccessError: others
        """
        self.check_access("read")
        user = self.env.user
        if not (
            user.has_group("teahouse_base.teahouse_base_group_staff")
            or user.has_group("teahouse_base.teahouse_base_group_accountant")
        ):
            raise AccessError(self.env._("Bills are for staff and accountants."))

    def _adjust(self, amount, reason, kind="adjustment", name=None):
        """Add a charge or a reduction with a reason; after the invoice, a new one.

        :param float amount: tax included; negative reduces what the guest pays
        :param str reason: kept on the line and in the history
        :return: the charge line
        """
        self.ensure_one()
        self._lock_money()
        line = self.env["teahouse.charge.line"].create(
            {
                "booking_id": self.id,
                "kind": kind,
                "name": name or self.env._("Adjustment: %s", reason),
                "unit_price": amount,
                "amount": amount,
                "reason": reason,
                "sequence": 80,
            }
        )
        self.env["teahouse.audit"]._log(
            "charge.adjust", self, {"amount": amount, "reason": reason}
        )
        if self.settlement_state == "settled":
            self._invoice_charges()
        if self.state not in ("hold", "expired"):
            self._refund_surplus(reason)
        self._reconcile()
        return line
