from datetime import timedelta

from odoo import fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from .teahouse_booking_override import MANAGER

#: What was allowed when the stay was booked is not asked again if the start stays.
OF_THE_START = frozenset(("past", "lead", "horizon", "grid"))


class TeahouseBooking(models.Model):
    """Moving a stay to another time or room, as staff do it on the room board."""

    _inherit = "teahouse.booking"

    # === HOOK FOR UPPER ADDONS === #

    def _on_rescheduled(self, old):
        """Called once a booking (one) that has not begun lies elsewhere.

        :param dict old: room, start and end from before, naive UTC; and the change,
            the record of it
        """
        self._wake_job()
        self.env.ref("teahouse_booking.ir_cron_due").sudo()._trigger()
        self._notify_participants(
            "booking_moved", everybody=True, once=f":{fields.Datetime.now()}"
        )

    # === STEPS === #

    def _move(self, room, start, end, reason=None):
        """Let a stay (one) lie elsewhere.

        A later end alone is an extension, another room alone a room change: they wait
        for their payment. Anything else takes effect at once.

        :param room: of the same store
        :param start: naive UTC
        :param end: naive UTC
        :param str reason: of a manager who sets the room's rules aside
        :raise TeahouseError: slot_taken, invalid_request, invalid_state,
            outside_window, forbidden
        """
        self.ensure_one()
        start, end = (one.replace(second=0, microsecond=0) for one in (start, end))
        waive = self._waived(reason)
        same_times = (start, end) == (self.start, self.end)
        if same_times and room == self.room_id:
            return
        if self.state == "in_use":
            self._move_in_use(room, start, end, waive)
        elif self.state == "confirmed" and same_times:
            self._change_room(room, waive)
        elif (
            self.state == "confirmed"
            and (room, start) == (self.room_id, self.start)
            and end > self.end
        ):
            self._extend(end, waive)
        else:
            self._reschedule(room, start, end, waive)
        self._keep_override("move", reason)

    def _extend_by(self, minutes, reason=None):
        """Let a stay (one) end some minutes later, or earlier before it has begun.

        :param int minutes: negative for earlier
        :param str reason: of a manager who sets the room's rules aside
        :raise TeahouseError: as :meth:`_move`
        """
        self.ensure_one()
        end = self.end + timedelta(minutes=minutes)
        if minutes > 0 and self.state != "hold":
            self._extend(end, self._waived(reason))
            self._keep_override("extend", reason)
        else:
            self._move(self.room_id, self.start, end, reason)

    def _move_in_use(self, room, start, end, waive):
        """Move guests who are in the room: one thing at a time, and never the start."""
        if start != self.start:
            self._refuse(
                "invalid_state",
                self.env._("Guests are in the room: the start stays as it is."),
            )
        if room != self.room_id:
            if end != self.end:
                self._refuse(
                    "invalid_request",
                    self.env._("Change the room first, and the end afterwards."),
                )
            self._change_room(room, waive)
        elif end > self.end:
            self._extend(end, waive)
        else:
            self._refuse(
                "invalid_state",
                self.env._("Guests are in the room: check them out to end earlier."),
            )

    def _reschedule(self, room, start, end, waive):
        """Give a stay that has not begun another time, and perhaps another room."""
        pending = self.change_ids.filtered(lambda one: one.state == "pending")
        self._lock_rooms([self.room_id.id, room.id, *pending.new_room_id.ids])
        self._lock_rows()
        if self.state not in ("hold", "confirmed") or self.shadow_of_id:
            self._refuse_state()
        if room.store_id != self.store_id:
            message = self.env._("Choose another room of the same store.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "room_id", "message": message}]
            )
        if end <= fields.Datetime.now():
            message = self._problem_words(room, "past")["message"]
            raise TeahouseError(
                "invalid_request", message, [{"field": "end", "message": message}]
            )
        if start == self.start:
            waive = waive | OF_THE_START
        self._check_bookable(room, start, end, self.people, waive)
        self._drop_changes()
        self._expire_stale_holds(room)
        old = {"room": self.room_id, "start": self.start, "end": self.end}
        with self._refusing_overlap():
            self.write(
                {
                    "room_id": room.id,
                    "start": start,
                    "end": end,
                    "blocked_from": start,
                    "blocked_until": end + timedelta(minutes=room.turnover_minutes),
                    "paid_until": end,
                    "reminded_at": False,
                }
            )
            self.flush_recordset()
        self._log_step("move", "staff")
        change = self.env["teahouse.booking.change"].create(
            {
                "booking_id": self.id,
                "kind": "reschedule",
                "state": "applied",
                "old_start": old["start"],
                "new_start": start,
                "old_end": old["end"],
                "new_end": end,
                "old_room_id": old["room"].id,
                "new_room_id": room.id,
                "expires_at": fields.Datetime.now(),
            }
        )
        self._on_rescheduled({**old, "change": change})

    # === AT THE COUNTER === #

    def action_move_to(self, room_id, start, end, reason=None):
        """Move a stay (one) at the counter or on the board.

        :param start: naive UTC, as the web client sends it
        :param end: naive UTC
        :param str reason: of a manager who sets the room's rules aside
        """
        room = self.env["teahouse.room"].browse(room_id)
        room.check_access("read")
        to_datetime = fields.Datetime.to_datetime
        self._at_counter()._move(
            room.sudo(), to_datetime(start), to_datetime(end), reason
        )

    def board_move(self, room_id, start, end):
        """Move a stay (one) on the room board, or say what stands against it.

        As :meth:`action_move_to`; but a refusal is an answer here, with the one thing
        the board has to know of it: whether the caller may set it aside by a reason.

        :return: {"refused": words or False, "exception": bool}
        :rtype: dict
        """
        try:
            with self.env.cr.savepoint():
                self.action_move_to(room_id, start, end)
        except TeahouseError as error:
            exception = self.env.user.has_group(MANAGER) and self._would_move(
                room_id, start, end, self.env._("Exception")
            )
            return {"refused": str(error), "exception": exception}
        return {"refused": False, "exception": False}

    def _would_move(self, room_id, start, end, reason):
        """Tell whether a stay (one) could be moved with a reason.

        It is tried and taken back: which rules stand against a move is known by the
        steps of it alone, those of upper addons included.
        """
        try:
            with self.env.cr.savepoint() as savepoint:
                self.action_move_to(room_id, start, end, reason)
                savepoint.rollback()
        except TeahouseError:
            return False
        return True

    def action_extend(self, minutes, reason=None):
        """Let guests stay longer.

        :param str reason: of a manager who sets the room's rules aside
        """
        for booking_sudo in self._at_counter():
            booking_sudo._extend_by(minutes, reason)
