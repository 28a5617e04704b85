from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

#: What the back office may write; everything else follows from a step of the stay.
FREE_FIELDS = {"note", "people"}


class TeahouseBooking(models.Model):
    """What staff do at the counter.

    Each step checks that the user may change the booking, and is then done with full
    rights: the fields of a booking are never written one by one.
    """

    _inherit = "teahouse.booking"

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            free = self._free_fields()
            if any(
                name not in free and not name.startswith(("message_", "activity_"))
                for name in vals
            ):
                raise TeahouseError(
                    "forbidden", self.env._("Use the buttons of the booking.")
                )
        return super().write(vals)

    @api.model
    def _free_fields(self):
        """Return what the back office may write; upper addons may add to it."""
        return FREE_FIELDS

    def _check_counter(self, step, by=None):
        """Hook: refuse a step at the counter that the calling user may not do.

        :param str step: confirm, cancel
        :param str by: of a cancellation: customer or store
        """

    @api.constrains("people", "room_id")
    def _check_people(self):
        for booking in self:
            if not 1 <= booking.people <= booking.room_id.capacity:
                raise TeahouseError(
                    "invalid_request",
                    self._problem_words(booking.room_id, "people")["message"],
                )

    def _at_counter(self):
        """Return these bookings with full rights, for a user who may change them."""
        self.check_access("write")
        return self.sudo()

    def action_confirm(self):
        """Confirm holds at the counter, whatever is still missing."""
        self._check_counter("confirm")
        for booking_sudo in self._at_counter():
            booking_sudo._lock_stays()
            with booking_sudo._refusing_overlap():
                moved = booking_sudo._set_state(
                    "confirmed", ("hold",), {"confirmed_at": fields.Datetime.now()}
                )
            booking_sudo._log_step("confirm", "staff")
            moved._on_confirmed()

    def action_check_in(self):
        """Note at the counter that guests came in.

        :raise TeahouseError: outside_window, before they may
        """
        for booking_sudo in self._at_counter():
            opens, _closes = booking_sudo._access_window()
            if fields.Datetime.now() < opens:
                local = booking_sudo.store_id._local(opens)
                raise TeahouseError(
                    "outside_window",
                    self.env._("Guests may come in from %s.", f"{local:%m-%d %H:%M}"),
                )
            booking_sudo._check_in("staff")

    def action_checkout(self):
        """End the use at the counter."""
        self._at_counter()._checkout("staff")

    def action_mark_no_show(self):
        """Note at the counter that nobody came."""
        self._at_counter()._mark_no_show("staff")

    def action_move(self, room_id, reason=None):
        """Move a stay (one) to another room.

        :param str reason: of a manager who sets the room's rules aside
        """
        room = self.env["teahouse.room"].browse(room_id)
        room.check_access("read")
        booking_sudo = self._at_counter()
        booking_sudo._change_room(room.sudo(), self._waived(reason))
        booking_sudo._keep_override("room_change", reason)

    def action_cancel(self, by, reason):
        """Cancel with a reason.

        :param str by: customer, as the policy says; store, all money goes back
        """
        if by not in ("customer", "store"):
            raise TeahouseError("invalid_request", self.env._("Who cancels?"))
        self._check_counter("cancel", by)
        self._at_counter()._cancel(by, reason)

    @api.model
    def _book_at_counter(self, room, member, vals, reason=None):
        """Book for a customer, by the room's rules.

        :param room: of a store of the calling user
        :param member: sudo; empty for a customer who is only a partner
        :param dict vals: start, end, people and what else is known
        :param str reason: of a manager who sets the room's rules aside
        """
        room.check_access("read")
        waive = self._waived(reason)
        if vals.get("source") == "walk_in":
            # They stand at the door, whatever the clock shows.
            waive |= {"past", "lead", "grid"}
        if "holds" not in waive:
            self._check_open_holds(member, room.store_id)
        if member:
            member._check_can_book(room.store_id)
            people = [fields.Command.create({"member_id": member.id, "role": "booker"})]
            vals = {**vals, "member_id": member.id, "participant_ids": people}
        self._check_bookable(room, vals["start"], vals["end"], vals["people"], waive)
        booking_sudo = self.sudo().create(
            [{"room_id": room.id, "source": "staff", **vals}]
        )
        booking_sudo._log_step("book", "staff")
        booking_sudo._keep_override("book", reason)
        booking_sudo._on_held()
        booking_sudo._try_confirm()
        if booking_sudo.source == "walk_in" and booking_sudo.state == "confirmed":
            booking_sudo._check_in("staff")
        return booking_sudo.sudo(self.env.su)
