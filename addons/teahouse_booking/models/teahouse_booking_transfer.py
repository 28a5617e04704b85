from odoo import fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import LIVE_STATES


class TeahouseBooking(models.Model):
    """Handing a stay over to another member."""

    _inherit = "teahouse.booking"

    # === HOOK FOR UPPER ADDONS === #

    def _on_transferred(self, old_member):
        """Called once a booking (one) belongs to somebody else.

        :param old_member: sudo; empty for a customer without an account
        """
        once = f":{fields.Datetime.now()}"
        self._notify_participants("booking_received", once=once)
        if old_member:
            self._notify_members(old_member, "booking_handed_over", once)

    # === STEPS === #

    def _transfer(self, member, reason=None):
        """Give a stay (one) to another member, with all rights.

        Who had it takes part no longer: passes, PINs and old invitations are void.

        :param member: sudo
        :param str reason: kept in the audit trail
        :raise TeahouseError: invalid_state, forbidden for a member who may not book
        """
        self.ensure_one()
        self._lock_stays()
        if self.state not in ("hold", *LIVE_STATES) or self.shadow_of_id:
            self._refuse_state()
        if not member:
            raise TeahouseError("not_found", self.env._("There is no such member."))
        member._check_can_book(self.store_id)
        old = self.sudo().member_id
        if member == old:
            return
        self._drop_changes()
        booker = self.participant_ids.filtered(
            lambda one: one.role == "booker" and one.state == "active"
        )
        known = self._participant(member)
        booker._withdraw()
        self.write({"member_id": member.id, "partner_id": member.partner_id.id})
        if known:
            known.role = "booker"
        else:
            added = self.env["teahouse.participant"].create(
                {"booking_id": self.id, "member_id": member.id, "role": "booker"}
            )
            self._on_participants_added(added)
        detail = {"ref": self.ref, "from": old.id, "to": member.id, "reason": reason}
        self.env["teahouse.audit"]._log("booking.transfer", self, detail)
        self._on_transferred(old)

    def action_transfer(self, member_id, reason):
        """Give a stay (one) to another member at the counter.

        :param str reason: mandatory
        """
        if not (reason or "").strip():
            raise TeahouseError("invalid_request", self.env._("Please say why."))
        member_sudo = self.env["teahouse.member"].sudo().browse(member_id).exists()
        self._at_counter()._transfer(member_sudo, reason)
