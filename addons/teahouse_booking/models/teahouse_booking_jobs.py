import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import BLOCKING_STATES

_logger = logging.getLogger(__name__)

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
        now = fields.Datetime.now()
        moments = {
            moment
            for booking in self.sudo()
            for moment in booking._due_moments()
            if moment > now
        }
        if not moments:
            return
        # What `ir.cron._trigger` would do for moments to come, by one statement.
        _model, cron_id = self.env["ir.model.data"]._xmlid_to_res_model_res_id(
            "teahouse_booking.ir_cron_due", raise_if_not_found=True
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO ir_cron_trigger
                          (cron_id, call_at, create_uid, create_date, write_uid,
                           write_date)
                   SELECT %s, unnest(%s::timestamp[]), %s, now() AT TIME ZONE 'UTC',
                          %s, now() AT TIME ZONE 'UTC'""",
                cron_id,
                sorted(moments),
                self.env.uid,
                self.env.uid,
            )
        )
        self.env["ir.cron.trigger"].invalidate_model()

    def _due_moments(self):
        """Return the instants at which the job has to look at a booking (one)."""
        self.ensure_one()
        store = self.store_id
        moments = [
            self.start,
            self.start + timedelta(minutes=store.no_show_minutes),
            self.end,
        ]
        if self.state == "hold":
            moments.append(self.hold_expires_at)
        if store.reminder_minutes:
            moments.append(self.start - timedelta(minutes=store.reminder_minutes))
        if store.at_end == "run_on":
            moments.append(self.end + timedelta(minutes=store.overtime_max_minutes))
        return moments

    def _on_extended(self, old_end):
        result = super()._on_extended(old_end)
        self._wake_job()
        return result

    @api.model
    def _run_due(self):
        """Do what is due now, each in a transaction of its own."""
        for find, step in (
            (self._due_changes, "_expire_due"),
            (self._due_holds, "_expire_due"),
            (self._due_reminders, "_remind_due"),
            (self._due_check_ins, "_check_in_due"),
            (self._due_no_shows, "_no_show_due"),
            (self._due_ends, "_end_due"),
        ):
            for record in find():
                record._run_step(step)
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    def _run_step(self, step):
        """Do one due step; a booking that others change right now comes next time."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self._lock_stays()
                getattr(self, step)()
        except (psycopg2.OperationalError, TeahouseError) as error:
            _logger.info("Booking %s: %s put off, %s", self.ref, step, error)
        except Exception:
            # One bad row must not keep the rooms of all others powered and unsettled.
            _logger.exception("Booking %s: %s failed", self.ref, step)

    @api.model
    def _due(self, condition):
        """Return bookings ``b`` of stores ``s`` for which a condition holds."""
        self.env["teahouse.store"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT b.id
                  FROM teahouse_booking b JOIN teahouse_store s ON s.id = b.store_id
                 WHERE %s
                 ORDER BY b.start, b.id LIMIT %s
                """,
                condition,
                BATCH,
            )
        )
        return self.browse([booking_id for (booking_id,) in rows])

    def _due_changes(self):
        now = fields.Datetime.now()
        domain = [("state", "=", "pending"), ("expires_at", "<=", now)]
        return (
            self.env["teahouse.booking.change"].search(domain, limit=BATCH).booking_id
        )

    def _due_holds(self):
        now = fields.Datetime.now()
        return self._due(SQL("b.state = 'hold' AND b.hold_expires_at <= %s", now))

    def _expire_due(self):
        now = fields.Datetime.now()
        self.change_ids.filtered(
            lambda one: one.state == "pending" and one.expires_at <= now
        )._release("expired")
        if self.state == "hold" and self.hold_expires_at <= now:
            self._expire()

    def _due_reminders(self):
        # Who booked when the time had come already knows.
        return self._due(
            SQL(
                """
                b.state = 'confirmed' AND b.reminded_at IS NULL AND b.start > %(now)s
                AND b.start - s.reminder_minutes * interval '1 min'
                    BETWEEN b.confirmed_at AND %(now)s
                AND s.reminder_minutes > 0
                """,
                now=fields.Datetime.now(),
            )
        )

    def _remind_due(self):
        if self.state == "confirmed" and not self.reminded_at:
            self.reminded_at = fields.Datetime.now()
            self._notify_participants("booking_reminder", everybody=True)

    def _due_check_ins(self):
        return self._due(
            SQL(
                "b.state = 'confirmed' AND b.start <= %s AND s.auto_check_in",
                fields.Datetime.now(),
            )
        )

    def _check_in_due(self):
        if self.state == "confirmed":
            self._check_in("start", at=self.start)

    def _due_no_shows(self):
        # A stay shorter than the patience of the store is over when it is over.
        return self._due(
            SQL(
                """b.state = 'confirmed' AND s.auto_check_in IS NOT TRUE AND %s >=
                   least(b.start + s.no_show_minutes * interval '1 min', b."end")""",
                fields.Datetime.now(),
            )
        )

    def _no_show_due(self):
        if self.state == "confirmed":
            self._mark_no_show()

    def _due_ends(self):
        # In stores that run on, use ends with the overtime or when the next begins.
        return self._due(
            SQL(
                """
                b.state = 'in_use' AND b."end" <= %(now)s AND (
                    s.at_end = 'cut'
                    OR b."end" + s.overtime_max_minutes * interval '1 min' <= %(now)s
                    OR EXISTS (SELECT 1 FROM teahouse_booking n
                                WHERE n.room_id = b.room_id AND n.id <> b.id
                                  AND n.start BETWEEN b."end" AND %(now)s
                                  AND n.state IN %(blocking)s))
                """,
                now=fields.Datetime.now(),
                blocking=BLOCKING_STATES,
            )
        )

    def _use_ends_at(self):
        """Return when use ends by itself: the end, or the end of overtime."""
        self.ensure_one()
        if self.store_id.at_end == "cut":
            return self.end
        latest = self.end + timedelta(minutes=self.store_id.overtime_max_minutes)
        following = self._next_in_room()
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
        cron_sudo = self.env.ref("teahouse_booking.ir_cron_due").sudo()
        cron_sudo._trigger(at=changes.mapped("expires_at"))
        return changes
