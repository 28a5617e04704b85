from odoo import api, fields, models


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

    @api.model_create_multi
    def create(self, vals_list):
        """Override: stores' policies are cached."""
        result = super().create(vals_list)
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        """Override: stores' policies are cached."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Override: stores' policies are cached."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
