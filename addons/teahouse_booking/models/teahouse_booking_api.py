from odoo import api, models

from odoo.addons.teahouse_base.api import decode_cursor, encode_cursor, page
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso

from ..const import LIVE_STATES


class TeahouseBooking(models.Model):
    """What customers see of their bookings."""

    _inherit = "teahouse.booking"

    @api.model
    def _api_find(self, ref, booker=False):
        """Return the booking (sudo) that the calling member takes part in.

        :param bool booker: only who booked may do what is asked
        :raise TeahouseError: not_found, also for what belongs to somebody else;
            forbidden for guests where only the booker may
        """
        member_sudo = self.env["teahouse.member"]._current()
        booking_sudo = self.sudo().search(
            [("ref", "=", ref), ("shadow_of_id", "=", False)]
        )
        if (
            not booking_sudo
            or not member_sudo
            or not (
                booking_sudo.member_id == member_sudo
                or booking_sudo._participant(member_sudo)
            )
        ):
            raise TeahouseError("not_found", self.env._("There is no such booking."))
        if booker and booking_sudo.member_id != member_sudo:
            raise TeahouseError("forbidden", self.env._("Only who booked can do this."))
        return booking_sudo

    def _api_viewer(self):
        """Return as what the caller looks at a booking (one).

        Guests who come along see nothing of the booker's money: upper addons ask this
        before they add amounts.

        :return: booker, guest, or staff for anybody without an account of a member
        :rtype: str
        """
        self.ensure_one()
        if self.sudo().member_id.user_id == self.env.user:
            return "booker"
        member = self.env.user.has_group("teahouse_base.teahouse_base_group_member")
        return "guest" if member else "staff"

    def _api_values(self):
        """Return the booking for its guests. Upper addons add to it."""
        self.ensure_one()
        viewer = self._api_viewer()
        booking_sudo = self.sudo()
        store, room = booking_sudo.store_id, booking_sudo.room_id
        zone = store._zone()
        pending = booking_sudo.change_ids.filtered(lambda one: one.state == "pending")
        values = {
            "ref": booking_sudo.ref,
            "role": viewer if viewer != "staff" else None,
            "state": booking_sudo.state,
            "kind": booking_sudo.kind,
            "store": {"id": store.id, "name": store.name},
            "room": {"id": room.id, "name": room.name},
            "start": iso(booking_sudo.start, zone),
            "end": iso(booking_sudo.end, zone),
            "people": booking_sudo.people,
            "note": booking_sudo.note or None,
            "source": booking_sudo.source,
            "hold_expires_at": (
                iso(booking_sudo.hold_expires_at, zone)
                if booking_sudo.state == "hold"
                else None
            ),
            "checked_in_at": iso(booking_sudo.checked_in_at, zone),
            "ended_at": iso(booking_sudo.ended_at, zone),
            "participants": [
                participant._api_values()
                for participant in booking_sudo.participant_ids
                if participant.state == "active"
            ],
            "pending_change": pending[:1]._api_values() if pending else None,
            "reviewed": bool(booking_sudo.review_ids),
            "wifi": None,
            "arrival_guide": None,
            "created_at": iso(booking_sudo.create_date, zone),
        }
        if booking_sudo.state in LIVE_STATES:
            values["arrival_guide"] = store.arrival_guide or None
            if store.wifi_ssid:
                values["wifi"] = {
                    "ssid": store.wifi_ssid,
                    "password": store.wifi_password or "",
                }
        return values

    @api.model
    def _api_get(self, ref):
        """Return one booking of the member."""
        return self._api_find(ref)._api_values()

    @api.model
    def _api_list(self, query):
        """Return the member's bookings, the latest start first."""
        member_sudo = self.env["teahouse.member"]._current()
        domain = [
            ("shadow_of_id", "=", False),
            "|",
            ("member_id", "=", member_sudo.id),
            ("participant_ids", "any", self._own_participation(member_sudo)),
        ]
        if query.state:
            domain.append(("state", "in", query.state.split(",")))
        after = decode_cursor(self.env, query.cursor, int)
        offset = max(after[0], 0) if after else 0
        found = self.sudo().search(domain, offset=offset, limit=query.limit + 1)
        more = len(found) > query.limit
        return page(
            [booking._api_values() for booking in found[: query.limit]],
            encode_cursor(offset + query.limit) if more else None,
        )

    @api.model
    def _own_participation(self, member):
        return [("member_id", "=", member.id), ("state", "=", "active")]

    @api.model
    def _api_cancellation(self, ref):
        """Return what a cancellation now would give back."""
        return self._api_find(ref, booker=True)._cancellation_preview()

    @api.model
    def _api_cancel(self, ref, body):
        """Cancel the member's booking before its start."""
        booking_sudo = self._api_find(ref, booker=True)
        booking_sudo._cancel("customer", body.reason)
        return booking_sudo._api_values()

    @api.model
    def _api_checkout(self, ref):
        """End the member's stay now."""
        booking_sudo = self._api_find(ref, booker=True)
        booking_sudo._checkout("guest")
        return booking_sudo._api_values()


class TeahouseBookingChange(models.Model):
    _inherit = "teahouse.booking.change"

    def _api_values(self):
        """Return a change that waits. Upper addons add the money."""
        self.ensure_one()
        zone = self.store_id._zone()
        return {
            "kind": self.kind,
            "end": iso(self.new_end, zone),
            "room_id": self.new_room_id.id or None,
            "expires_at": iso(self.expires_at, zone),
        }
