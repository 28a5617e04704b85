from odoo import api, fields, models

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_billing.models.teahouse_tariff import clock_minutes


class TeahouseCardProduct(models.Model):
    """Hours, or a number of stays, that are sold in advance."""

    _name = "teahouse.card.product"
    _description = "Hour or count card for sale"
    _inherit = ["teahouse.days.mixin"]
    _order = "sequence, price, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("hours", "Hours"), ("count", "Stays")], required=True, default="hours"
    )
    units = fields.Integer(
        string="Minutes or stays", required=True, default=600, help="On a new card."
    )
    stay_minutes = fields.Integer(
        string="Minutes a stay", default=120, help="That a stay of a count card covers."
    )
    price = fields.Monetary(required=True)
    valid_days = fields.Integer(default=180, required=True)
    store_ids = fields.Many2many(
        "teahouse.store", string="Stores", check_company=True, help="Empty: all stores."
    )
    room_type_ids = fields.Many2many("teahouse.room.type", string="Room types")
    hour_from = fields.Float(help="The stay begins at this clock time or later.")
    hour_to = fields.Float(default=24.0, help="The stay begins before this.")
    sold_count = fields.Integer(compute="_compute_sold_count")

    _values = models.Constraint(
        """CHECK(units > 0 AND stay_minutes > 0 AND price > 0 AND valid_days > 0
                 AND hour_from >= 0 AND hour_from < 24
                 AND hour_to > 0 AND hour_to <= 24)""",
        "A card has units, a price and a validity.",
    )

    def _compute_sold_count(self):
        counts = dict(
            self.env["teahouse.card"]._read_group(
                [("product_id", "in", self.ids)], ["product_id"], ["__count"]
            )
        )
        for product in self:
            product.sold_count = counts.get(product, 0)

    def _fits(self, booking):
        """Tell whether cards of the product are good for a stay."""
        self.ensure_one()
        if not booking.store_id.use_prepaid:
            return False
        if self.store_ids and booking.store_id not in self.store_ids:
            return False
        if (
            self.room_type_ids
            and booking.room_id.room_type_id not in self.room_type_ids
        ):
            return False
        local = booking.store_id._local(booking.start)
        day, minute = local.date(), local.hour * 60 + local.minute
        first, last = clock_minutes(self.hour_from), clock_minutes(self.hour_to)
        inside = (
            first <= minute < last if first < last else minute >= first or minute < last
        )
        catalog = self.env["teahouse.tariff"]._catalog(booking.company_id)
        kind = catalog.calendar(day)
        return inside and self._engine_days().match(day.weekday(), kind, day)

    @api.model
    def _api_list(self):
        """Return the cards for sale."""
        found = self.sudo().search([])
        return {
            "items": [product._api_values() for product in found],
            "payment_methods": self.env["teahouse.purchase"]._api_methods(),
        }

    def _api_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "units": self.units,
            "stay_minutes": self.stay_minutes if self.kind == "count" else None,
            "currency": self.currency_id.name,
            "price": money_str(self.price, self.currency_id),
            "valid_days": self.valid_days,
            "store_ids": self.store_ids.ids,
            "days": self.days_label or "",
        }
