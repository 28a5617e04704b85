import json
import time

from odoo import api, models
from odoo.tools import hash_sign, verify_hash_signed

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso, to_aware

from ..const import LIVE_STATES
from ..engine.passes import STEP_SECONDS, Pass, sign
from ..tools import qr

INVITATION_SCOPE = "teahouse_booking.invitation"


class TeahouseBooking(models.Model):
    """Passes and invitations: who may come in."""

    _inherit = "teahouse.booking"

    def _participant(self, member):
        """Return the active participation (sudo) of a member in a booking."""
        self.ensure_one()
        return self.sudo().participant_ids.filtered(
            lambda one: one.member_id == member and one.state == "active"
        )

    def _pass_number(self, participant):
        """Return the number in the QR text that names who comes."""
        return participant.id

    def _pass_values(self, participant):
        """Return the pass of a participant: QR text and picture, PIN, window.

        The text changes every minute; `refresh_at` tells when to ask again.

        :raise TeahouseError: invalid_state
        """
        self.ensure_one()
        if self.state not in LIVE_STATES:
            self._refuse_state()
        zone = self.store_id._zone()
        valid_from, valid_to = self._access_window()
        now = int(time.time())
        content = Pass(
            grant=self._pass_number(participant),
            store=self.store_id.id,
            room=self.room_id.id,
            valid_from=int(to_aware(valid_from, zone).timestamp()) // 60,
            valid_to=int(to_aware(valid_to, zone).timestamp()) // 60,
        )
        text = sign(content, self.store_id._pass_secret(), now)
        return {
            "qr": text,
            "qr_png": qr.data_url(text),
            "pin": participant.pin,
            "valid_from": iso(valid_from, zone),
            "valid_to": iso(valid_to, zone),
            "refresh_in": STEP_SECONDS - now % STEP_SECONDS,
        }

    def _api_pass(self, ref):
        """Return the pass of the member who asks."""
        booking_sudo = self._api_find(ref)
        member_sudo = self.env["teahouse.member"]._current()
        return booking_sudo._pass_values(booking_sudo._participant(member_sudo))

    def _api_invite(self, ref):
        """Return a link by which others take part, good until the stay ends."""
        booking_sudo = self._api_find(ref, booker=True)
        booking_sudo._check_changeable()
        token = hash_sign(
            self.sudo().env,
            INVITATION_SCOPE,
            [booking_sudo.ref, booking_sudo._removed_count()],
            expiration=booking_sudo._access_window()[1],
        )
        return {
            "token": token,
            "url": f"{booking_sudo.get_base_url()}/teahouse/app#/invitations/{token}",
        }

    def _removed_count(self):
        """Return how many people were removed: links from before then are void.

        Otherwise a guest whom the booker removed would come back by the same link.
        """
        self.ensure_one()
        return len(self.participant_ids.filtered(lambda one: one.state == "removed"))

    @api.model
    def _api_accept_invitation(self, token):
        """Take part in the booking that a link names; again, nothing changes.

        :raise TeahouseError: not_found, invalid_state
        """
        try:
            ref, removed = verify_hash_signed(
                self.sudo().env, INVITATION_SCOPE, token
            ) or (None, 0)
        except (ValueError, json.JSONDecodeError):
            ref, removed = None, 0
        booking_sudo = self.sudo().search([("ref", "=", ref)]) if ref else None
        if not booking_sudo or booking_sudo._removed_count() != removed:
            raise TeahouseError(
                "not_found", self.env._("This invitation is not valid any more.")
            )
        member_sudo = self.env["teahouse.member"]._current()
        member_sudo._check_can_book(booking_sudo.store_id)
        booking_sudo._lock_stays()
        booking_sudo._check_changeable()
        if not booking_sudo._participant(member_sudo):
            booking_sudo._add_participant(member_sudo)
        return booking_sudo._api_values()

    def _add_participant(self, member):
        """Let a member take part.

        :raise TeahouseError: invalid_state, the room is full
        """
        self.ensure_one()
        active = self.participant_ids.filtered(lambda one: one.state == "active")
        if len(active) >= self.room_id.capacity:
            self._refuse("invalid_state", self.env._("The room is full."))
        participant = self.env["teahouse.participant"].create(
            {"booking_id": self.id, "member_id": member.id}
        )
        self._on_participants_added(participant)
        return participant

    def _api_remove_participant(self, ref, participant_id):
        """Take a guest's access away; the booker does, or the guest for himself."""
        booking_sudo = self._api_find(ref)
        booking_sudo._lock_stays()
        member_sudo = self.env["teahouse.member"]._current()
        participant_sudo = booking_sudo.participant_ids.filtered(
            lambda one: one.id == participant_id and one.state == "active"
        )
        own = participant_sudo.member_id == member_sudo
        if not participant_sudo or not (own or booking_sudo.member_id == member_sudo):
            raise TeahouseError("not_found", self.env._("There is no such guest."))
        participant_sudo._remove()
