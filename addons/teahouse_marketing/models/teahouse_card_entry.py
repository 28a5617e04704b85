from odoo import api, fields, models
from odoo.exceptions import UserError


class TeahouseCardEntry(models.Model):
    """A use of a card; never changed itself."""

    _name = "teahouse.card.entry"
    _description = "Entry of a card"
    _order = "id desc"

    card_id = fields.Many2one(
        "teahouse.card", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    kind = fields.Selection(
        [("bought", "Bought"), ("spent", "Spent"), ("returned", "Given back")],
        required=True,
        readonly=True,
    )
    units = fields.Integer(readonly=True)
    value = fields.Monetary(string="Of its price", readonly=True)
    left_after = fields.Integer(readonly=True, aggregator=None)
    transaction_id = fields.Many2one("payment.transaction", readonly=True)
    booking_id = fields.Many2one("teahouse.booking", readonly=True)

    def write(self, vals):
        """An entry is as it was written."""
        if vals.keys() - {"company_id"}:
            raise UserError(self.env._("Entries of a card are not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Entries of a card are not deleted."))
