from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.api import money_str

from .. import engine


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    price_from = fields.Monetary(
        readonly=True,
        copy=False,
        help="The lowest price of an hour in an open room; 0 where there is none.",
    )
    overtime_grace_minutes = fields.Integer(
        string="Overtime after", default=10, help="Minutes past what is paid."
    )
    overtime_step_minutes = fields.Integer(string="Overtime in steps of", default=15)
    overtime_factor = fields.Float(
        default=1.5, digits=(6, 2), help="Times the room's price of these minutes."
    )
    overtime_fee = fields.Monetary(help="Once for each stay that runs over.")
    overtime_price_hour = fields.Monetary(
        string="Overtime per hour", help="Where the room has no hourly tariff."
    )

    _overtime = models.Constraint(
        """CHECK(overtime_grace_minutes >= 0
                 AND overtime_step_minutes BETWEEN 1 AND 1440
                 AND overtime_factor >= 0 AND overtime_fee >= 0
                 AND overtime_price_hour >= 0)""",
        "Overtime is never negative, and a step lasts from a minute to a day.",
    )

    def _overtime_rules(self):
        """Return the rules of overtime as the engine takes them."""
        self.ensure_one()
        exact = self.env["teahouse.tariff"]._decimal
        return engine.OvertimeRules(
            grace=self.overtime_grace_minutes,
            step=self.overtime_step_minutes,
            factor=exact(self.overtime_factor),
            fee=exact(self.overtime_fee),
            price_hour=exact(self.overtime_price_hour),
        )

    # === FROM WHAT PRICE === #

    def _refresh_price_from(self):
        """Work out again from what price these stores sell."""
        now = fields.Datetime.now()
        for store_sudo in self.sudo():
            prices = [
                room._cheapest_hour(now)
                for room in store_sudo.room_ids
                if room.state == "open"
            ]
            lowest = min((price for price in prices if price is not None), default=0)
            lowest = store_sudo.currency_id.round(float(lowest))
            if store_sudo.currency_id.compare_amounts(store_sudo.price_from, lowest):
                store_sudo.price_from = lowest

    @api.model
    def _cron_refresh_price_from(self):
        """Follow tariffs that begin or end by the calendar."""
        self.search([])._refresh_price_from()

    @api.model
    def _search_parts(self, query):
        """Override to sort by price; stores without one come last."""
        parts = super()._search_parts(query)
        parts.orders["price"] = SQL("nullif(s.price_from, 0) NULLS LAST, s.id")
        return parts

    def _api_price_values(self):
        """Return from what price the store sells, as the API shows it."""
        self.ensure_one()
        store_sudo = self.sudo()
        currency = store_sudo.currency_id
        price = store_sudo.price_from
        return {
            "currency": currency.name,
            "price_from": money_str(price, currency) if price else None,
        }

    def _api_values(self, **kwargs):
        """Override to add the price."""
        return {**super()._api_values(**kwargs), **self._api_price_values()}
