from odoo import fields, models

STAFF = "teahouse_base.teahouse_base_group_staff"


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    grant_ids = fields.One2many(
        "teahouse.grant", "booking_id", string="Access grants", groups=STAFF
    )
    access_log_ids = fields.One2many(
        "teahouse.access.log", "booking_id", string="Access log", groups=STAFF
    )

    # === HOOKS OF THE BOOKING === #

    def _on_confirmed(self):
        """Give every participant access and send the PINs to the locks."""
        result = super()._on_confirmed()
        self.sudo()._grant_access()
        self.sudo()._replan()
        self.sudo()._refresh_following()
        return result

    def _on_checked_in(self):
        """Power the room for the guests who just came in."""
        result = super()._on_checked_in()
        self.sudo()._power_room()
        self.sudo()._replan()
        return result

    def _on_extended(self, old_end):
        """Move rights, PINs and plan to the new end; the power stays on."""
        result = super()._on_extended(old_end)
        self.sudo()._follow_change()
        self.sudo()._refresh_following()
        return result

    def _on_room_changed(self, old_room):
        """Move rights, PINs and power to the new room."""
        result = super()._on_room_changed(old_room)
        for booking_sudo in self.sudo():
            booking_sudo._leave_room(old_room)
            booking_sudo._follow_change()
        return result

    def _on_rescheduled(self, old):
        """Move rights, PINs and plan to the new time, and to the room if that changed.

        Nobody is in yet: nothing is switched on, and what was goes off again.
        """
        result = super()._on_rescheduled(old)
        booking_sudo = self.sudo()
        if old["room"] != self.room_id:
            booking_sudo._leave_room(old["room"])
        booking_sudo._follow_change()
        booking_sudo._refresh_following()
        return result

    def _on_transferred(self, old_member):
        """Take what belongs to no account: the new guest has access of an own."""
        result = super()._on_transferred(old_member)
        self.sudo().grant_ids.filtered(
            lambda grant: grant.state == "active" and not grant.participant_id
        )._revoke()
        return result

    def _on_use_ended(self):
        """Switch the room off and take the rights away."""
        result = super()._on_use_ended()
        for booking_sudo in self.sudo():
            booking_sudo._close_room()
        self.sudo()._refresh_following()
        return result

    def _on_cancelled(self, by):
        """Take everything back that the confirmation gave."""
        result = super()._on_cancelled(by)
        self.sudo()._withdraw_access()
        self.sudo()._refresh_following()
        return result

    def _on_no_show(self):
        """Take everything back: nobody came."""
        result = super()._on_no_show()
        self.sudo()._withdraw_access()
        self.sudo()._refresh_following()
        return result

    def _on_participants_added(self, participants):
        """Give the new participants their own access."""
        result = super()._on_participants_added(participants)
        self.sudo()._grant_access()
        return result

    def _on_participants_removed(self, participants):
        """Take the access of removed participants away at once."""
        result = super()._on_participants_removed(participants)
        self.env["teahouse.grant"].sudo().search(
            [("participant_id", "in", participants.ids)]
        )._revoke()
        return result

    # === RIGHTS === #

    def _grant_access(self):
        """Make sure every participant of these live bookings has a grant."""
        grants_sudo = self.env["teahouse.grant"].sudo()
        for booking in self:
            if booking.state not in ("confirmed", "in_use"):
                continue
            if not booking.store_id.use_devices:
                continue
            valid_from, valid_to = booking._access_window()
            have = booking.grant_ids.filtered(lambda grant: grant.state == "active")
            vals = {
                "kind": "booking",
                "booking_id": booking.id,
                "store_id": booking.store_id.id,
                "room_id": booking.room_id.id,
                "valid_from": valid_from,
                "valid_to": valid_to,
            }
            people = booking.participant_ids.filtered(
                lambda participant: participant.state == "active"
            )
            rows = [
                {**vals, "participant_id": one.id, "member_id": one.member_id.id}
                for one in people - have.participant_id
            ]
            if not people and not have:
                # A guest at the counter has no account, but still needs a PIN.
                rows = [vals]
            grants_sudo.create(rows)

    def _follow_change(self):
        """Send rights, PINs and plan again after the window or room changed."""
        for booking in self:
            if booking.state not in ("confirmed", "in_use"):
                continue
            window = booking._access_window()
            booking.grant_ids._move(*window, room=booking.room_id)
            if booking.state == "in_use":
                booking._power_room(welcome=False)
            booking._replan()

    def _refresh_following(self):
        """Send rights and PINs of the next guests again: early entry may have changed.

        They come in early only once the stay before is over and the room clean.
        """
        for booking in self:
            following = booking._following()
            if following.state in ("confirmed", "in_use"):
                following.grant_ids._move(*following._access_window())

    def _withdraw_access(self):
        """Revoke all rights, close what is open, and undo what was switched on."""
        for booking in self:
            switched = booking._switched_devices()
            booking.grant_ids._revoke()
            booking._cancel_commands()
            booking._switch_off(switched)

    def _close_room(self):
        """End of use: rights and power, by the way in which it ended."""
        self.ensure_one()
        early = bool(self.ended_at and self.end and self.ended_at < self.end)
        if early:
            # They said that they have left; leaving itself needs no right.
            self.grant_ids._revoke()
        self._cancel_commands()
        self._plan_closing(early)
