from odoo import models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _on_cancelled(self, by):
        """Override of `teahouse_booking`: give back by the policy, keep the rest."""
        result = super()._on_cancelled(by)
        for booking in self:
            percent = booking._refund_percent(by)
            booking._close_stay(percent, self.env._("Cancellation fee"))
        return result

    def _on_no_show(self):
        """Override of `teahouse_booking`: nothing comes back."""
        result = super()._on_no_show()
        for booking in self:
            booking._close_stay(0, self.env._("Not used, no refund"))
        return result

    def _on_expired(self):
        """Override of `teahouse_booking`: nobody shall pay for it any more.

        Money on its way is still taken, and revives the booking or goes back.
        """
        result = super()._on_expired()
        for booking in self.sudo().filtered("transaction_ids"):
            booking._close_attempts()
            booking._refund_surplus(self.env._("The slot was not kept"))
        return result

    def _close_stay(self, percent, fee_name):
        """Take the charges of a stay back that will not happen, but for a fee.

        :param percent: what of the payment goes back, 0 to 100; a deposit and what
            upper addons exempt goes back whole
        :param str fee_name: of the line for the kept part
        """
        self.ensure_one()
        self._lock_money()
        self._close_attempts()
        fee = self._cancellation_fee(percent)
        lines = self.sudo().charge_line_ids.filtered(lambda line: line.state != "void")
        lines._void(self.env._("The stay did not take place"))
        if fee > 0:
            lines.create(
                {
                    "booking_id": self.id,
                    "kind": "fee",
                    "name": fee_name,
                    "unit_price": fee,
                    "amount": fee,
                    "sequence": 90,
                }
            )
        self._try_settle()

    def _cancellation_fee(self, percent):
        """Return what is kept when this percentage of the payment goes back."""
        self.ensure_one()
        exempt = sum(
            line.amount
            for line in self.sudo().charge_line_ids
            if line.state == "open" and line.kind == "deposit"
        )
        paid = max(0.0, min(self.amount_paid, self.amount_total) - exempt)
        back = self.currency_id.round(paid * percent / 100)
        return self.currency_id.round(paid - back)

    def _cancellation_preview(self):
        """Override of `teahouse_booking` to say it in money."""
        self.ensure_one()
        preview = super()._cancellation_preview()
        fee = self._cancellation_fee(preview["refund_percent"])
        back = self.currency_id.round(self.amount_paid - fee)
        return {**preview, **self._money_values(refund=back, fee=fee)}

    # === WHO OWES MONEY === #

    def _prepare_create(self, member, room, body):
        """Override of `teahouse_booking` to refuse who has an unpaid stay."""
        self._check_nothing_due(member)
        return super()._prepare_create(member, room, body)

    def _check_nothing_due(self, member):
        """Refuse new bookings of a member with an unpaid stay.

        :raise TeahouseError: payment_due
        """
        owed = self.sudo().search(
            [
                ("member_id", "=", member.id),
                ("member_id", "!=", False),
                ("state", "in", ("completed", "cancelled", "no_show")),
                ("amount_due", ">", 0),
            ],
            limit=1,
        )
        if owed:
            raise TeahouseError(
                "payment_due",
                self.env._("Please pay what is due of booking %s first.", owed.ref),
            )
