from datetime import timedelta

from odoo import fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso, to_utc_naive

from ..const import LIVE_STATES


class TeahouseBookingChange(models.Model):
    """An extension or a room change that a guest asked for.

    While it waits for payment its time is kept by the same constraint as everything
    else: an extension reaches into `blocked_until`, another room is kept by a shadow
    booking. Applied or released, nothing of that stays behind.
    """

    _name = "teahouse.booking.change"
    _description = "Change of a booking"
    _order = "id desc"

    booking_id = fields.Many2one(
        "teahouse.booking", required=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one(related="booking_id.store_id", store=True)
    company_id = fields.Many2one(related="booking_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("extension", "Extension"),
            ("room_change", "Room change"),
            ("reschedule", "Another time"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("pending", "Waiting for payment"),
            ("applied", "Applied"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        default="pending",
        required=True,
    )
    old_start = fields.Datetime()
    new_start = fields.Datetime()
    old_end = fields.Datetime()
    new_end = fields.Datetime()
    old_room_id = fields.Many2one("teahouse.room")
    new_room_id = fields.Many2one("teahouse.room")
    shadow_id = fields.Many2one("teahouse.booking", ondelete="set null")
    expires_at = fields.Datetime(required=True)

    _one_pending = models.UniqueIndex(
        "(booking_id) WHERE state = 'pending'", "Another change waits for payment."
    )
    _due = models.Index("(expires_at) WHERE state = 'pending'")

    # === HOOKS FOR UPPER ADDONS === #

    def _requirements(self):
        """Return the codes of what is missing before this change takes effect."""
        self.ensure_one()
        return []

    def _on_requested(self):
        """Called once a change (one) keeps its time."""

    def _on_released(self):
        """Called once changes are given up without effect."""

    # === STEPS === #

    def _try_apply(self):
        """Apply the pending changes for which nothing is missing."""
        for change in self.filtered(lambda one: one.state == "pending"):
            if not change._requirements():
                change._apply()

    def _apply(self):
        self.ensure_one()
        booking = self.booking_id
        booking._lock_stays()
        booking._check_changeable()
        self.state = "applied"
        if self.kind == "extension":
            self._apply_extension()
        else:
            self._apply_room_change()

    def _apply_extension(self):
        booking, old_end = self.booking_id, self.booking_id.end
        booking.write(
            {
                "end": self.new_end,
                "paid_until": max(booking.paid_until or old_end, self.new_end),
            }
        )
        booking._on_extended(old_end)

    def _apply_room_change(self):
        """Move into the room that the shadow keeps.

        During use, what was used of the old room stays blocked, cleaning included: the
        shadow goes on as the record of it.
        """
        booking, shadow = self.booking_id, self.shadow_id
        old_room, moved_in = booking.room_id, booking.blocked_from
        turnover = timedelta(minutes=self.new_room_id.turnover_minutes)
        with booking._refusing_overlap():
            shadow._set_state("expired", ("hold",))
            booking.write(
                {
                    "room_id": self.new_room_id.id,
                    "blocked_from": shadow.start,
                    "blocked_until": booking.end + turnover,
                }
            )
        if booking.state == "in_use":
            left = max(shadow.start, moved_in + timedelta(minutes=1))
            shadow.write(
                {
                    "room_id": old_room.id,
                    "start": moved_in,
                    "end": left,
                    "blocked_from": moved_in,
                    "blocked_until": left
                    + timedelta(minutes=old_room.turnover_minutes),
                    "ended_at": left,
                    "state": "completed",
                }
            )
            shadow._make_cleaning_tasks()
        booking._on_room_changed(old_room)

    def _release(self, state):
        """Give the kept time back.

        :param str state: expired or cancelled
        """
        for change in self.filtered(lambda one: one.state == "pending"):
            booking = change.booking_id
            change.state = state
            if change.kind == "extension":
                turnover = timedelta(minutes=booking.room_id.turnover_minutes)
                booking.blocked_until = booking.end + turnover
            change.shadow_id._set_state("expired", ("hold",))
            change.flush_recordset(["state"])
            change._on_released()


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _check_changeable(self):
        """:raise TeahouseError: invalid_state"""
        self.ensure_one()
        if self.state not in LIVE_STATES:
            self._refuse_state()

    def _extend(self, new_end, waive=frozenset()):
        """Reserve a later end, and let it take effect once nothing is missing.

        :param new_end: naive UTC, whole minutes
        :param waive: codes of rules that do not count, see :meth:`_waived`
        :return: the change
        :raise TeahouseError: slot_taken with the latest possible end, invalid_request,
            invalid_state
        """
        self.ensure_one()
        self._lock_stays()
        self._check_changeable()
        room = self.room_id
        self._expire_stale_holds(room)
        if new_end <= max(self.end, fields.Datetime.now()):
            message = self.env._("An extension ends later than the stay does now.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "end", "message": message}]
            )
        longest = self.start + timedelta(minutes=room.max_minutes)
        if new_end > longest and "long" not in waive:
            words = self._problem_words(room, "long")
            raise TeahouseError("invalid_request", words["message"], [words])
        if "closed" not in waive:
            room._check_open_for(self.end, new_end)
        self._drop_changes()
        turnover = timedelta(minutes=room.turnover_minutes)
        try:
            with self._refusing_overlap():
                self.blocked_until = new_end + turnover
                change = self.env["teahouse.booking.change"].create(
                    {
                        "booking_id": self.id,
                        "kind": "extension",
                        "old_end": self.end,
                        "new_end": new_end,
                        "expires_at": self._change_deadline(),
                    }
                )
        except TeahouseError as error:
            raise self._explain_taken(new_end) from error
        change._on_requested()
        change._try_apply()
        return change

    def _explain_taken(self, new_end):
        """Return the refusal of an extension: until when it could go, else rooms."""
        self.ensure_one()
        following = self._next_in_room()
        zone = self.store_id._zone()
        if following:
            turnover = timedelta(minutes=self.room_id.turnover_minutes)
            latest = following.start - turnover
            if latest > self.end:
                message = self.env._(
                    "Possible until %s.", f"{self.store_id._local(latest):%H:%M}"
                )
                errors = [{"field": "end", "message": iso(latest, zone)}]
                return TeahouseError("slot_taken", message, errors)
        message = self.env._("The room is taken afterwards: another room may be free.")
        return TeahouseError("slot_taken", message)

    def _change_room(self, room, waive=frozenset()):
        """Reserve another room, and move there once nothing is missing.

        :param waive: codes of rules that do not count, see :meth:`_waived`
        :raise TeahouseError: slot_taken, invalid_request, invalid_state
        """
        self.ensure_one()
        self._lock_rooms([self.room_id.id, room.id])
        self._lock_rows()
        self._check_changeable()
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        since = max(self.start, now)
        if since >= self.end:
            self._refuse("invalid_state", self.env._("The stay is over."))
        if room == self.room_id or room.store_id != self.store_id:
            message = self.env._("Choose another room of the same store.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "room_id", "message": message}]
            )
        if self.people > room.capacity:
            words = self._problem_words(room, "people")
            raise TeahouseError("invalid_request", words["message"], [words])
        if "closed" not in waive:
            if room.state != "open":
                raise TeahouseError(
                    "outside_window", self.env._("This room is closed at the moment.")
                )
            room._check_open_for(since, self.end)
        self._drop_changes()
        deadline = self._change_deadline()
        shadow = self.create(
            {
                "partner_id": self.partner_id.id,
                "room_id": room.id,
                "member_id": self.member_id.id,
                "start": since,
                "end": self.end,
                "people": self.people,
                "source": self.source,
                "hold_expires_at": deadline,
                "shadow_of_id": self.id,
            }
        )
        change = self.env["teahouse.booking.change"].create(
            {
                "booking_id": self.id,
                "kind": "room_change",
                "old_room_id": self.room_id.id,
                "new_room_id": room.id,
                "shadow_id": shadow.id,
                "expires_at": deadline,
            }
        )
        change._on_requested()
        change._try_apply()
        return change

    def _change_deadline(self):
        self.ensure_one()
        return fields.Datetime.now() + timedelta(minutes=self.store_id.hold_minutes)

    def _api_extend(self, ref, body):
        """Extend the member's stay. Upper addons ask for the price first."""
        booking_sudo = self._api_find(ref, booker=True)
        new_end = to_utc_naive(body.end).replace(second=0, microsecond=0)
        booking_sudo._extend(new_end)
        return booking_sudo._api_values()

    def _api_change_room(self, ref, body):
        """Move the member's stay to another room."""
        booking_sudo = self._api_find(ref, booker=True)
        room_sudo = self.env["teahouse.room"]._api_find(body.room_id)
        booking_sudo._change_room(room_sudo)
        return booking_sudo._api_values()
