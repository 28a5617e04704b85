from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.teahouse_base.api import iso, money_str

RECEIVED_STATES = ("in_process", "paid")


class TeahouseBooking(models.Model):
    """Money that staff take and give back at the counter."""

    _inherit = "teahouse.booking"

    counter_payment_ids = fields.One2many(
        "account.payment",
        "teahouse_booking_id",
        string="Counter payments",
        readonly=True,
        groups="account.group_account_invoice",
    )

    def _sum_transactions(self):
        """Override to count what passed over the counter."""
        paid, refunded = super()._sum_transactions()
        for payment in self.sudo().counter_payment_ids:
            if payment.state not in RECEIVED_STATES:
                continue
            if payment.payment_type == "inbound":
                paid += payment.amount
            else:
                refunded += payment.amount
        return paid, refunded

    def _payment_moves(self):
        """Override to match what passed over the counter, too."""
        return super()._payment_moves() | self.sudo().counter_payment_ids.move_id

    def _bill_payments(self, zone):
        """Override to show what was paid and given back at the counter, too."""
        result = super()._bill_payments(zone)
        for payment in self.sudo().counter_payment_ids.sorted("id"):
            if payment.state not in RECEIVED_STATES:
                continue
            refund = payment.payment_type == "outbound"
            amount = -payment.amount if refund else payment.amount
            result.append(
                {
                    "kind": "refund" if refund else "payment",
                    "name": self.env._("Refund") if refund else self.env._("Payment"),
                    "method": "cash" if payment.journal_id.type == "cash" else "bank",
                    "reference": payment.name or "",
                    "state": "done",
                    "amount": money_str(amount, self.currency_id),
                    "at": iso(payment.create_date, zone),
                }
            )
        return sorted(result, key=lambda entry: entry["at"])

    def _register_counter(self, journal, amount):
        """Note money that was taken, or given back, at the counter.

        :param journal: account.journal (sudo) of cash or a bank
        :param float amount: positive if taken, at most what is due; negative if given
            back, at most what lies there too much
        :return: the account.payment (sudo)
        :raise UserError: another amount
        """
        self.ensure_one()
        if amount > 0:
            self.sudo().transaction_ids._withdraw()
        self._lock_money()
        if amount > 0:
            # An open attempt may have been paid meanwhile: less is due then.
            self._close_attempts(refresh=True)
        limit = self.amount_due if amount > 0 else self.amount_surplus
        too_much = self.currency_id.compare_amounts(abs(amount), limit) > 0
        if too_much or self.currency_id.is_zero(amount):
            raise UserError(
                self.env._("At most %s here.", self.currency_id.format(limit))
            )
        payments_sudo = self.env["account.payment"].sudo().with_company(self.company_id)
        payment_sudo = payments_sudo.create(self._counter_values(journal, amount))
        payment_sudo.action_post()
        self.env["teahouse.audit"]._log("payment.counter", self, {"amount": amount})
        if amount > 0 and self.state == "hold":
            self._try_confirm()
        elif amount > 0:
            self._on_paid()
        self._reconcile()
        return payment_sudo

    def _counter_values(self, journal, amount):
        return {
            "amount": abs(amount),
            "payment_type": "inbound" if amount > 0 else "outbound",
            "partner_type": "customer",
            "partner_id": self._invoice_partner().commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "date": self.store_id._local(fields.Datetime.now()).date(),
            "memo": self.ref,
            "teahouse_booking_id": self.id,
        }
