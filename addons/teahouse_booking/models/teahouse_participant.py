import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import LIVE_STATES

PIN_DIGITS = 6


class TeahouseParticipant(models.Model):
    """Somebody who takes part in a stay, with access of an own."""

    _name = "teahouse.participant"
    _description = "Participant"
    _inherit = ["field.encrypted.mixin"]
    _order = "id"

    booking_id = fields.Many2one(
        "teahouse.booking", required=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one(
        related="booking_id.store_id", store=True, precompute=True
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, precompute=True
    )
    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="restrict", index=True
    )
    role = fields.Selection(
        [("booker", "Booker"), ("guest", "Guest")], default="guest", required=True
    )
    state = fields.Selection(
        [("active", "Active"), ("removed", "Removed")], default="active", required=True
    )
    pin = Encrypted(
        string="PIN", blind_index="pin_index", copy=False, groups="base.group_system"
    )
    pin_index = fields.Char(
        index="btree_not_null", copy=False, readonly=True, groups="base.group_system"
    )

    _once = models.UniqueIndex(
        "(booking_id, member_id) WHERE state = 'active'",
        "This member takes part already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        bookings = self.env["teahouse.booking"].sudo()
        for vals in vals_list:
            store = bookings.browse(vals["booking_id"]).store_id
            vals.setdefault("pin", self._new_pin(store))
        return super().create(vals_list)

    @api.depends("member_id")
    def _compute_display_name(self):
        for participant in self:
            participant.display_name = participant.member_id.sudo().name

    @api.model
    def _new_pin(self, store):
        """Return a random PIN that nobody else has in a live stay of a store."""
        while True:
            pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
            if not self._has_pin(store, pin):
                return pin

    @api.model
    def _has_pin(self, store, pin):
        """Tell whether somebody in a live stay of a store has this PIN."""
        for model in (self, self.booking_id):
            model.flush_model()
        query = SQL(
            """
            SELECT 1 FROM teahouse_participant p
              JOIN teahouse_booking b ON b.id = p.booking_id
             WHERE p.pin_index = %s AND p.state = 'active'
               AND b.store_id = %s AND b.state IN %s LIMIT 1
            """,
            self._blind_index(self._name, "pin", pin),
            store.id,
            ("hold", *LIVE_STATES),
        )
        return bool(self.env.execute_query(query))

    def _remove(self):
        """Take the participant's access away.

        :raise TeahouseError: invalid_state, the booker stays
        """
        for participant in self.filtered(lambda one: one.state == "active"):
            if participant.role == "booker":
                raise TeahouseError(
                    "invalid_state", self.env._("Who booked cannot be removed.")
                )
            participant._withdraw()

    def _withdraw(self):
        """Let people take part no longer, whatever their role."""
        for participant in self:
            participant.sudo().state = "removed"
            participant.booking_id._on_participants_removed(participant)

    def action_remove(self):
        """Take a guest's access away at the counter."""
        self.booking_id.check_access("write")
        self.sudo()._remove()

    def _api_values(self):
        self.ensure_one()
        participant_sudo = self.sudo()
        return {
            "id": participant_sudo.id,
            "name": participant_sudo.member_id.name,
            "role": participant_sudo.role,
        }
