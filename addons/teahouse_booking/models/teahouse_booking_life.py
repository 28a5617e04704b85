from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import BLOCKING_STATES
from ..engine.policy import refund_percent
from ..engine.rules import minutes


class TeahouseBooking(models.Model):
    """The steps of a stay, each with the hook on which upper addons stand."""

    _inherit = "teahouse.booking"

    # === HOOKS FOR UPPER ADDONS === #

    def _confirm_requirements(self):
        """Return the codes of what is still missing before a hold is confirmed.

        Note: `self.ensure_one()`.
        """
        self.ensure_one()
        return []

    def _on_held(self):
        """Called once a hold has been made."""

    def _on_confirmed(self):
        """Called once bookings are confirmed."""
        for booking in self:
            booking._notify_participants("booking_confirmed")

    def _on_checked_in(self):
        """Called once guests have come in."""

    def _on_extended(self, old_end):
        """Called once a booking (one) has a new end.

        :param old_end: naive UTC
        """

    def _on_room_changed(self, old_room):
        """Called once a booking (one) has another room."""

    def _on_use_ended(self):
        """Called once stays are completed; `ended_at` is set."""
        self._make_cleaning_tasks()

    def _on_cancelled(self, by):
        """Called once bookings are cancelled.

        :param str by: customer or store
        """
        for booking in self:
            booking._notify_participants("booking_cancelled")

    def _on_expired(self):
        """Called once holds have run out."""
        for booking in self:
            booking._notify_participants("booking_expired")

    def _on_no_show(self):
        """Called once nobody has come."""
        for booking in self:
            booking._notify_participants("booking_no_show")

    def _on_participants_added(self, participants):
        """Called once people take part in a booking (one)."""

    def _on_participants_removed(self, participants):
        """Called once people no longer take part in a booking (one)."""

    # === STEPS === #

    def _lock_rows(self):
        """Let one transaction at a time change these bookings.

        Odoo reads a snapshot: a row that somebody changed since then makes this fail
        and the whole request is tried again, so the state read afterwards is true.
        """
        if self.ids:
            self.env.cr.execute(
                SQL(
                    """SELECT id FROM teahouse_booking WHERE id = ANY(%s)
                        ORDER BY id FOR NO KEY UPDATE""",
                    self.ids,
                ),
                log_exceptions=False,
            )
            self.invalidate_recordset(["state"])

    def _refuse(self, code, message):
        raise TeahouseError(code, message)

    def _refuse_state(self):
        """:raise TeahouseError: invalid_state, telling the state"""
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        self._refuse(
            "invalid_state",
            self.env._("Not possible: the booking is %s.", states[self.state]),
        )

    def _try_confirm(self):
        """Confirm the holds for which nothing is missing.

        A hold that ran out is confirmed if its slot is still free: the room's lock and
        the constraint decide.

        :raise TeahouseError: slot_taken, when somebody else has it now
        """
        for booking in self:
            booking._lock_stays()
            if booking.state not in ("hold", "expired"):
                continue
            if booking._confirm_requirements():
                continue
            if booking.state == "expired":
                booking._expire_stale_holds(booking.room_id)
            with booking._refusing_overlap():
                booking._set_state(
                    "confirmed",
                    ("hold", "expired"),
                    {"confirmed_at": fields.Datetime.now()},
                )
            booking._on_confirmed()

    def _check_in(self, source, at=None):
        """Note that guests came in; done already, nothing happens.

        :param str source: door, pin, staff, start
        :param at: instant of entry, naive UTC; now by default
        :raise TeahouseError: invalid_state
        """
        self._lock_stays()
        now = fields.Datetime.now()
        entered = min(at or now, now)
        for booking in self.filtered(lambda one: one.state == "confirmed"):
            if entered >= booking.end:
                booking._refuse("outside_window", self.env._("The stay is over."))
        moved = self._set_state("in_use", ("confirmed",), {"checked_in_at": entered})
        for booking in moved:
            booking._log_step("check_in", source)
        moved._on_checked_in()

    def _checkout(self, source, at=None):
        """End the use; done already, nothing happens.

        The room stays blocked for its turnover from the actual end, which frees the
        rest of a stay that ended early.

        :param str source: guest, staff, evidence, end
        :param at: instant of leaving, naive UTC; now by default
        :raise TeahouseError: invalid_state
        """
        self._lock_stays()
        for booking in self.filtered(lambda one: one.state != "completed"):
            if booking.state != "in_use":
                booking._refuse_state()
            booking._drop_changes()
            left = max(at or fields.Datetime.now(), booking.checked_in_at)
            vals = {"ended_at": left}
            try:
                with booking._refusing_overlap():
                    kept = {"blocked_until": booking._blocked_after(left)}
                    booking._set_state("completed", ("in_use",), {**vals, **kept})
            except TeahouseError:
                # Overtime into what somebody else took just now: keep what we have.
                booking._set_state("completed", ("in_use",), vals)
            booking._log_step("checkout", source)
            booking._on_use_ended()

    def _blocked_after(self, left):
        """Return until when the room is kept after an actual end.

        A stay that ran over its end takes only what nobody else has. Guests who left
        before their own start still had the room opened: it is cleaned at the start.
        """
        self.ensure_one()
        turnover = timedelta(minutes=self.room_id.turnover_minutes)
        wanted = max(left, self.start) + turnover
        following = self._next_in_room()
        if following:
            wanted = min(wanted, following.start)
        return max(wanted, self.blocked_from + timedelta(minutes=1))

    def _next_in_room(self):
        """Return the next stay in the room after the booked end of this one."""
        self.ensure_one()
        return self.search(
            [
                ("room_id", "=", self.room_id.id),
                ("id", "!=", self.id),
                ("start", ">=", self.end),
                ("state", "in", BLOCKING_STATES),
            ],
            order="start",
            limit=1,
        )

    def _expire(self):
        """End holds that ran out."""
        expired = self._set_state("expired", ("hold",))
        expired.filtered(lambda booking: not booking.shadow_of_id)._on_expired()

    def _mark_no_show(self, source="job"):
        """Note that nobody came. Check-in and no-show exclude each other.

        :param str source: job or staff
        :raise TeahouseError: invalid_state
        """
        self._lock_stays()
        for booking in self.filtered(lambda one: one.state == "confirmed"):
            if booking.start > fields.Datetime.now():
                booking._refuse(
                    "outside_window", self.env._("The stay has not begun yet.")
                )
        self._drop_changes()
        moved = self._set_state("no_show", ("confirmed",))
        for booking in moved:
            booking._log_step("no_show", source)
        moved._on_no_show()

    def _cancel(self, by, reason=None):
        """Cancel before use.

        :param str by: customer (before the start only) or store
        :raise TeahouseError: invalid_state
        """
        self._lock_stays()
        now = fields.Datetime.now()
        for booking in self.filtered(lambda one: one.state != "cancelled"):
            started = booking.state == "confirmed" and booking.start <= now
            if by == "customer" and started:
                booking._refuse(
                    "invalid_state",
                    self.env._("The stay has begun: it can no longer be cancelled."),
                )
            booking._drop_changes()
            booking._set_state(
                "cancelled",
                ("hold", "confirmed"),
                {
                    "cancelled_at": now,
                    "cancelled_by": by,
                    "cancel_reason": reason or False,
                },
            )
            booking._log_step("cancel", by)
            booking._on_cancelled(by)

    def _refund_percent(self, by="customer", at=None):
        """Return what part of the money a cancellation gives back, in percent."""
        self.ensure_one()
        if by == "store":
            return 100
        left = self.start - (at or fields.Datetime.now())
        return refund_percent(self.policy_snapshot or [], minutes(left))

    def _cancellation_preview(self):
        """Return what a cancellation now would mean. Upper addons add the money."""
        self.ensure_one()
        before_start = self.start > fields.Datetime.now()
        return {
            "cancellable": self.state == "hold"
            or (self.state == "confirmed" and before_start),
            "refund_percent": self._refund_percent(),
            "policy": [
                {"minutes_before_start": rows[0], "percent": rows[1]}
                for rows in self.policy_snapshot or []
            ],
        }

    def _drop_changes(self):
        """Give up extensions and room changes that wait for payment."""
        changes_sudo = self.sudo().change_ids
        changes_sudo.filtered(lambda one: one.state == "pending")._release("cancelled")

    def _log_step(self, action, source):
        self.ensure_one()
        self.env["teahouse.audit"]._log(
            f"booking.{action}", self, {"ref": self.ref, "source": source}
        )

    def _notify_participants(self, template, everybody=False, once=""):
        """Tell the booker, never twice for one step.

        :param bool everybody: tell all who take part
        :param str once: tells apart steps that may come again
        """
        self.ensure_one()
        members_sudo = self.sudo().member_id
        if everybody:
            active = self.sudo().participant_ids.filtered(lambda o: o.state == "active")
            members_sudo |= active.member_id
        if members_sudo and not self.shadow_of_id:
            self._notify_members(members_sudo, template, once)

    def _notify_members(self, members, template, once=""):
        """Tell members about a booking (one)."""
        self.ensure_one()
        local = self.store_id._local(self.start)
        self.env["teahouse.notification"].sudo()._notify(
            members,
            template,
            {
                "store": self.store_id.name,
                "room": self.room_id.name,
                "start": f"{local:%Y-%m-%d %H:%M}",
                "ref": self.ref,
            },
            event_key=f"{template}:{self.ref}{once}",
        )
