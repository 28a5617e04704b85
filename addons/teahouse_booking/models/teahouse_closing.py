from odoo import api, fields, models


class TeahouseClosing(models.Model):
    """Time in which a room, or all rooms of a store, cannot be booked."""

    _name = "teahouse.closing"
    _description = "Closed time"
    _order = "start desc"
    _check_company_auto = True

    name = fields.Char(string="Reason", required=True)
    store_id = fields.Many2one(
        "teahouse.store", required=True, ondelete="cascade", index=True
    )
    room_id = fields.Many2one(
        "teahouse.room",
        domain="[('store_id', '=', store_id)]",
        check_company=True,
        ondelete="cascade",
        index=True,
        help="Empty: all rooms of the store.",
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    start = fields.Datetime(required=True)
    end = fields.Datetime(required=True)
    active = fields.Boolean(default=True)

    _order_of_times = models.Constraint(
        'CHECK("end" > start)', "The closed time ends after it begins."
    )

    @api.onchange("store_id")
    def _onchange_store_id(self):
        if self.room_id.store_id != self.store_id:
            self.room_id = False
