from datetime import timedelta

from odoo import api, fields, models

BATCH = 200


class TeahouseBooking(models.Model):
    """Due rows: what happens by itself. Late jobs do what is right now."""

    _inherit = "teahouse.booking"

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        bookings._wake_job()
        return bookings

    def _wake_job(self):
        """Have the job run when something of these bookings becomes due."""
        cron = self.env.ref("teahouse_booking.ir_cron_due", raise_if_not_found=False)
        if not cron:
            return
        moments = {
            moment for booking in self for moment in booking.sudo()._due_moments()
        }
        now = fields.Datetime.now()
        ahead = [moment for moment in moments if moment > now]
        if ahead:
            cron.sudo()._trigger(at=ahead)

    def _due_moments(self):
        """Return the instants at which the job has to look at a booking (one)."""
        self.ensure_one()
        store = self.store_id
        moments = [self.end, self.start + timedelta(minutes=store.no_show_minutes)]
        if self.state == "hold":
            moments.append(self.hold_expires_at)
        if store.auto_check_in:
            moments.append(self.start)
        if store.at_end == "run_on":
            moments.append(self.end + timedelta(minutes=store.overtime_max_minutes))
        return moments

    def _on_extended(self, old_end):
        result = super()._on_extended(old_end)
        self._wake_job()
        return result

    @api.model
    def _run_due(self):
        """Do what is due now, each booking in its own transaction."""
        for find, step in (
            (self._due_holds, "_expire_due"),
            (self._due_changes, "_expire_due"),
            (self._due_check_ins, "_check_in_due"),
            (self._due_no_shows, "_no_show_due"),
            (self._due_ends, "_end_due"),
        ):
            for record in find():
                locked = record.try_lock_for_update()
                if locked:
                    getattr(locked, step)()
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    def _due_holds(self):
        return self.search(
            [("state", "=", "hold"), ("hold_expires_at", "<=", fields.Datetime.now())],
            limit=BATCH,
        )

    def _expire_due(self):
        if self.state == "hold" and self.hold_expires_at <= fields.Datetime.now():
            self._expire()

    def _due_changes(self):
        return self.env["teahouse.booking.change"].search(
            [("state", "=", "pending"), ("expires_at", "<=", fields.Datetime.now())],
            limit=BATCH,
        )

    def _due_check_ins(self):
        return self.search(
            [
                ("state", "=", "confirmed"),
                ("start", "<=", fields.Datetime.now()),
                ("store_id.auto_check_in", "=", True),
            ],
            limit=BATCH,
        )

    def _check_in_due(self):
        if self.state == "confirmed" and self.start <= fields.Datetime.now():
            self._check_in("start", at=self.start)

    def _due_no_shows(self):
        now = fields.Datetime.now()
        # Stores differ in their patience: the rest is decided booking by booking.
        return self.search(
            [("state", "=", "confirmed"), ("start", "<=", now)], limit=BATCH
        ).filtered(lambda booking: booking._is_no_show(now))

    def _is_no_show(self, now):
        self.ensure_one()
        patience = timedelta(minutes=self.store_id.no_show_minutes)
        # A stay shorter than the patience is over when it is over.
        return now >= min(self.start + patience, self.end)

    def _no_show_due(self):
        if self.state == "confirmed" and self._is_no_show(fields.Datetime.now()):
            self._mark_no_show()

    def _due_ends(self):
        return self.search(
            [("state", "=", "in_use"), ("end", "<=", fields.Datetime.now())],
            limit=BATCH,
        ).filtered(lambda booking: booking._use_ends_at() <= fields.Datetime.now())

    def _use_ends_at(self):
        """Return when use ends by itself: the end, or the end of overtime."""
        self.ensure_one()
        if self.store_id.at_end == "cut":
            return self.end
        latest = self.end + timedelta(minutes=self.store_id.overtime_max_minutes)
        following = self.search(
            [
                ("room_id", "=", self.room_id.id),
                ("id", "!=", self.id),
                ("start", ">=", self.end),
                ("state", "in", ("hold", "confirmed")),
            ],
            order="start",
            limit=1,
        )
        return min(latest, following.start) if following else latest

    def _end_due(self):
        ends_at = self._use_ends_at()
        if self.state == "in_use" and ends_at <= fields.Datetime.now():
            self._checkout("end", at=ends_at)


class TeahouseBookingChange(models.Model):
    _inherit = "teahouse.booking.change"

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        cron = self.env.ref("teahouse_booking.ir_cron_due", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at=changes.mapped("expires_at"))
        return changes

    def _expire_due(self):
        if self.state == "pending" and self.expires_at <= fields.Datetime.now():
            self._release("expired")
