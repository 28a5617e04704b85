from odoo import fields, models


class TeahouseCancelPolicy(models.Model):
    """A row of a store's cancellation policy.

    The row with the largest threshold not above the remaining minutes wins.
    """

    _name = "teahouse.cancel.policy"
    _description = "Cancellation policy"
    _order = "store_id, minutes desc"

    store_id = fields.Many2one(
        "teahouse.store", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    minutes = fields.Integer(string="Minutes before start", required=True)
    percent = fields.Integer(string="Refund %", required=True)

    _percent_range = models.Constraint(
        "CHECK(percent BETWEEN 0 AND 100 AND minutes >= 0)",
        "A refund lies between 0 and 100 %, before the start.",
    )
    _minutes_unique = models.Constraint(
        "UNIQUE(store_id, minutes)", "There is a row for this time already."
    )
