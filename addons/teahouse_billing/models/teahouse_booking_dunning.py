from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: Days after the settlement on which guests are reminded.
REMIND_AFTER = "1,3,7,14"


class ResCompany(models.Model):
    _inherit = "res.company"

    teahouse_reminder_days = fields.Char(
        string="Reminders after days",
        default=REMIND_AFTER,
        help="Days after the settlement of an unpaid stay, parted by commas; empty for "
        "no reminders.",
    )

    @api.constrains("teahouse_reminder_days")
    def _check_teahouse_reminder_days(self):
        for company in self:
            try:
                days = company._teahouse_reminder_days()
            except ValueError:
                days = [0]
            if any(day < 1 for day in days) or days != sorted(set(days)):
                raise ValidationError(
                    self.env._("Enter days that rise, such as 1,3,7.")
                )

    def _teahouse_reminder_days(self):
        """Return the days after the settlement on which guests are reminded."""
        self.ensure_one()
        return [
            int(day) for day in (self.teahouse_reminder_days or "").split(",") if day
        ]


class TeahouseBooking(models.Model):
    """Guests who owe something hear of it, a few times and then staff do."""

    _inherit = "teahouse.booking"

    reminder_count = fields.Integer(string="Reminders", readonly=True, copy=False)
    dunned_at = fields.Datetime(string="Reminded on", readonly=True, copy=False)
    reminder_hold = fields.Char(
        string="No reminders because",
        copy=False,
        tracking=True,
        help="While a complaint is looked at, for instance. The guest stays blocked.",
    )
    overdue_days = fields.Integer(compute="_compute_overdue_days")

    @api.depends("amount_due", "settled_at")
    def _compute_overdue_days(self):
        now = fields.Datetime.now()
        for booking in self:
            owed = booking.amount_due > 0 and booking.settled_at
            booking.overdue_days = (now - booking.settled_at).days if owed else 0

    @api.model
    def _free_fields(self):
        """Override: managers may hold reminders back; see the view's groups."""
        free = super()._free_fields()
        if self.env.user.has_groups(
            "teahouse_base.teahouse_base_group_manager,"
            "teahouse_base.teahouse_base_group_accountant"
        ):
            return {*free, "reminder_hold"}
        return free

    @api.model
    def _cron_remind(self):
        """Remind guests of settled stays that are not paid."""
        domain = [
            ("settlement_state", "=", "settled"),
            ("amount_due", ">", 0),
            ("reminder_hold", "=", False),
            ("member_id", "!=", False),
        ]
        bookings = self.search(domain, order="settled_at, id")
        self.env["ir.cron"]._commit_progress(remaining=len(bookings))
        for booking in bookings:
            booking = booking.try_lock_for_update().filtered_domain(domain)
            if booking and booking._is_reminder_due():
                booking._remind()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _is_reminder_due(self):
        """Tell whether the next reminder's day has come.

        Never two on one day, even where the job did not run for a week.
        """
        self.ensure_one()
        days = self.company_id._teahouse_reminder_days()
        if self.reminder_count >= len(days):
            return False
        now = fields.Datetime.now()
        day = timedelta(days=1)
        if self.dunned_at and now < self.dunned_at + day:
            return False
        return now >= self.settled_at + days[self.reminder_count] * day

    def _remind(self):
        """Tell the guest what is due; the same reminder is never sent twice."""
        for booking in self:
            count = booking.reminder_count + 1
            booking.env["teahouse.notification"].sudo()._notify(
                booking.member_id,
                "payment_reminder",
                {
                    "ref": booking.ref,
                    "store": booking.store_id.name,
                    "due": booking.currency_id.format(booking.amount_due),
                    "days": booking.overdue_days,
                },
                f"reminder-{booking.id}-{count}",
            )
            booking.sudo().write(
                {"reminder_count": count, "dunned_at": fields.Datetime.now()}
            )

    def action_remind(self):
        """Remind guests now.

        :raise UserError: nothing is due, nobody to tell, or a reminder went out today
        """
        self._check_money_right()
        for booking in self:
            booking._lock_money()
            if booking.amount_due <= 0 or booking.settlement_state != "settled":
                raise UserError(self.env._("Nothing is due of %s.", booking.ref))
            if not booking.member_id:
                raise UserError(self.env._("Walk-in guests cannot be reminded."))
            last = booking.dunned_at
            if last and fields.Datetime.now() < last + timedelta(days=1):
                raise UserError(
                    self.env._("The guest of %s was reminded today.", booking.ref)
                )
            booking._remind()
