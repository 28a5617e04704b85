import logging
from decimal import Decimal

from odoo import fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

from .. import engine

_logger = logging.getLogger(__name__)


class TeahouseBookingChange(models.Model):
    _inherit = "teahouse.booking.change"

    charge_line_ids = fields.One2many("teahouse.charge.line", "change_id")
    new_paid_until = fields.Datetime(
        readonly=True, help="Until when the stay is covered once this takes effect."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        compute="_compute_amount", help="What the change costs; negative comes back."
    )

    def _compute_amount(self):
        for change in self:
            change.amount = sum(change.sudo().charge_line_ids.mapped("amount"))

    def _requirements(self):
        """Override of `teahouse_booking`: what the change costs has to be paid."""
        unmet = super()._requirements()
        booking = self.booking_id
        owed = booking.currency_id.round(booking._charged() - booking.amount_paid)
        waits = any(line.amount > 0 for line in self.sudo().charge_line_ids)
        return [*unmet, "payment"] if owed > 0 and waits else unmet

    def _on_requested(self):
        """Override of `teahouse_booking` to price the change."""
        result = super()._on_requested()
        self.booking_id._lock_money()
        if self.kind == "extension":
            self._charge_extension()
        else:
            self._charge_room_change()
        return result

    def _charge_extension(self):
        """Charge what the whole stay costs more to its new end."""
        self.ensure_one()
        offer = self.booking_id._extension_offer(self.new_end)
        self.new_paid_until = offer["paid_until"]
        self._charge(
            kind="extension",
            name=offer["name"],
            amount=offer["amount"],
            minutes=offer["minutes"],
            start=offer["start"],
            end=offer["end"],
        )

    def _charge_room_change(self):
        """Charge the difference between the rooms, or give it back."""
        self.ensure_one()
        amount = self.booking_id._room_change_amount(self.new_room_id)
        if not self.currency_id.is_zero(amount):
            self._charge(
                kind="adjustment",
                name=self.env._("Change to room %s", self.new_room_id.name),
                amount=amount,
                reason=self.env._("Room change"),
                room_id=self.new_room_id.id,
            )

    def _charge(self, **values):
        return (
            self.env["teahouse.charge.line"]
            .sudo()
            .create(
                {
                    "booking_id": self.booking_id.id,
                    "change_id": self.id,
                    "state": "pending",
                    "unit_price": values["amount"],
                    "sequence": 20,
                    **values,
                }
            )
        )

    def _api_values(self):
        """Override of `teahouse_booking` to add what the change costs."""
        values = super()._api_values()
        if self.booking_id._api_viewer() == "guest":
            return {**values, "currency": None, "amount": None}
        return {**values, **self.booking_id._money_values(amount=self.amount)}

    def _apply(self):
        """Override of `teahouse_booking`: the charge counts from now on."""
        result = super()._apply()
        lines = self.sudo().charge_line_ids.filtered(
            lambda line: line.state == "pending"
        )
        lines.write({"state": "open"})
        if self.new_paid_until:
            self.booking_id.paid_until = self.new_paid_until
        self.booking_id._refund_surplus(self.env._("The stay costs less now"))
        return result

    def _on_released(self):
        """Override of `teahouse_booking`: nothing is owed for it any more."""
        result = super()._on_released()
        # A new change may follow at once, and only one may wait.
        self.flush_recordset(["state"])
        lines = self.sudo().charge_line_ids.filtered(
            lambda line: line.state == "pending"
        )
        lines._void(self.env._("Not paid in time"))
        for booking in self.sudo().booking_id.filtered("transaction_ids"):
            booking._close_attempts()
            booking._refund_surplus(self.env._("The change did not take place"))
        return result


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _on_paid(self):
        """Override to let a change that waited for payment take effect.

        Cannot it any more, its money goes back.
        """
        super()._on_paid()
        for change in self.change_ids.filtered(lambda one: one.state == "pending"):
            # The answer to the payment must not fail over the change.
            try:
                with self.env.cr.savepoint():
                    change._try_apply()
            except TeahouseError as error:
                _logger.info("Booking %s: change refused, %s", self.ref, error.code)
                change._release("cancelled")

    def _release_late_changes(self):
        """Give up changes that ran out although their job is late."""
        now = fields.Datetime.now()
        self.change_ids.filtered(
            lambda one: one.state == "pending" and one.expires_at <= now
        )._release("expired")

    def _on_rescheduled(self, old):
        """Override of `teahouse_booking`: charge or give back what it costs now.

        By the prices in force when the stay was sold. What is more is due, and does not
        stand in the way; what is less goes back. Discounts stay as they are.
        """
        result = super()._on_rescheduled(old)
        self._lock_money()
        if self.kind != "timed" or not self.tariff_snapshot:
            return result
        moved = old["room"] != self.room_id
        offer = self._cheapest(self.start, self.end, self.room_id if moved else None)
        if not offer:
            raise self.env["teahouse.tariff"]._no_tariff()
        self.paid_until = to_utc_naive(offer.billed_end)
        # Never below nothing: discounts may be worth more than the new time.
        amount = max(
            offer.amount - self._charged_for_stay(), -Decimal(str(self._charged()))
        )
        if not self.currency_id.is_zero(float(amount)):
            old["change"]._charge(
                kind="adjustment",
                state="open",
                name=self.env._(
                    "Moved to %s", f"{self.store_id._local(self.start):%m-%d %H:%M}"
                ),
                reason=self.env._("Another time"),
                amount=float(amount),
                room_id=self.room_id.id,
            )
        if moved:
            self._take_tariffs_of_room()
        if self.state == "confirmed":
            self._refund_surplus(self.env._("The stay costs less now"))
        return result

    def _take_tariffs_of_room(self):
        """Price what follows by the tariffs of the present room."""
        tariffs, calendar = self.room_id._tariffs_for(
            self.start, self.create_date, self.member_id
        )
        day = self.store_id._local(self.start).date()
        self.tariff_snapshot = engine.dump(tariffs, calendar, day)
