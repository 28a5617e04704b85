from odoo import fields, models


class TeahouseRoomType(models.Model):
    _name = "teahouse.room.type"
    _description = "Room type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    capacity = fields.Integer(
        string="Usual capacity", default=4, help="Proposed for new rooms of this type."
    )
    room_ids = fields.One2many("teahouse.room", "room_type_id", string="Rooms")

    _capacity_positive = models.Constraint(
        "CHECK(capacity > 0)", "A room type holds at least one person."
    )
