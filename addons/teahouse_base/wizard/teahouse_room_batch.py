from odoo import api, fields, models
from odoo.exceptions import ValidationError

MOST = 100


class TeahouseRoomBatch(models.TransientModel):
    """Several rooms at once: those of a new store."""

    _name = "teahouse.room.batch"
    _description = "Add rooms"

    store_id = fields.Many2one("teahouse.store", required=True)
    names = fields.Text(
        required=True, help="A line for each room. They appear in this order."
    )
    room_type_id = fields.Many2one("teahouse.room.type", string="Type")
    capacity = fields.Integer(default=4, required=True)
    facility_ids = fields.Many2many("teahouse.facility", string="Facilities")
    room_count = fields.Integer(compute="_compute_room_count")

    @api.depends("names")
    def _compute_room_count(self):
        for batch in self:
            batch.room_count = len(batch._lines())

    @api.onchange("room_type_id")
    def _onchange_room_type_id(self):
        if self.room_type_id.capacity:
            self.capacity = self.room_type_id.capacity

    def _lines(self):
        lines = [line.strip() for line in (self.names or "").splitlines()]
        return list(dict.fromkeys(filter(None, lines)))

    def action_add(self):
        """Make the rooms, and leave out those whose names the store has already."""
        self.ensure_one()
        known = set(self.store_id.room_ids.mapped("name"))
        names = [name for name in self._lines() if name not in known]
        if not names or len(names) > MOST:
            raise ValidationError(
                self.env._("Give 1 to %s names that the store does not have.", MOST)
            )
        last = max(self.store_id.room_ids.mapped("sequence"), default=0)
        self.env["teahouse.room"].create(
            [
                {
                    "name": name,
                    "store_id": self.store_id.id,
                    "room_type_id": self.room_type_id.id,
                    "capacity": self.capacity,
                    "facility_ids": [fields.Command.set(self.facility_ids.ids)],
                    "sequence": last + number,
                }
                for number, name in enumerate(names, start=1)
            ]
        )
        return {"type": "ir.actions.act_window_close"}
