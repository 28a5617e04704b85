from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import MissingError

from ..exceptions import TeahouseError


class TeahouseRoom(models.Model):
    _name = "teahouse.room"
    _description = "Room"
    _inherit = ["mail.thread"]
    _order = "store_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(copy=False, help="Short name on door signs and in lists.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        tracking=True,
        help="A closed room takes no new bookings.",
    )
    store_id = fields.Many2one(
        "teahouse.store", required=True, ondelete="restrict", index=True, tracking=True
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    room_type_id = fields.Many2one(
        "teahouse.room.type", string="Type", check_company=True
    )
    capacity = fields.Integer(
        compute="_compute_capacity",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    facility_ids = fields.Many2many("teahouse.facility", string="Facilities")
    description = fields.Text(translate=True)
    photo_ids = fields.One2many("teahouse.photo", "room_id", string="Photos")

    _capacity_positive = models.Constraint(
        "CHECK(capacity > 0)", "A room holds at least one person."
    )
    _code_unique = models.UniqueIndex(
        "(store_id, code) WHERE code IS NOT NULL",
        "Another room of this store has the same code.",
    )

    @api.depends("room_type_id")
    def _compute_capacity(self):
        for room in self:
            room.capacity = room.room_type_id.capacity or room.capacity or 4

    @api.depends("name", "store_id.name")
    @api.depends_context("teahouse_show_store")
    def _compute_display_name(self):
        show_store = self.env.context.get("teahouse_show_store")
        for room in self:
            parts = [room.store_id.name] if show_store else []
            room.display_name = " · ".join([*parts, room.name or ""])

    @api.model
    def _api_find(self, room_id):
        """Return a room (sudo) that customers may look at.

        :raise TeahouseError: not_found
        """
        room_sudo = self.sudo().browse(room_id)
        with suppress(MissingError):
            # What is looked at here is needed in any case: no search before it.
            store_sudo = room_sudo.store_id
            shown = store_sudo.state in ("open", "paused") and store_sudo.active
            if shown and room_sudo.active:
                return room_sudo
        raise TeahouseError("not_found", self.env._("There is no such room."))

    def _api_values(self):
        """Return the room for customers. Upper addons add to it."""
        self.ensure_one()
        room_sudo = self.sudo()
        cover = room_sudo.photo_ids[:1]
        return {
            "id": room_sudo.id,
            "store_id": room_sudo.store_id.id,
            "name": room_sudo.name,
            "code": room_sudo.code or None,
            "type": room_sudo.room_type_id.name or None,
            "capacity": room_sudo.capacity,
            "state": room_sudo.state,
            "description": room_sudo.description or None,
            "facilities": [
                facility._api_values() for facility in room_sudo.facility_ids
            ],
            "photos": [photo._api_values() for photo in room_sudo.photo_ids],
            "cover": cover._api_url() if cover else None,
        }
