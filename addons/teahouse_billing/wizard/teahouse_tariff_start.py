from odoo import Command, api, fields, models

#: What the hours of the evening and of the night cost, and a package and a night, by
#: the price of an hour of the day: a usual start, which the owner changes.
EVENING, NIGHT, PACKAGE, OVERNIGHT = 1.5, 0.75, 3.5, 4.5
DAY_BEGINS, EVENING_BEGINS, MIDNIGHT = 8, 18, 24
OVERNIGHT_BEGINS = 22
PACKAGE_MINUTES = 240


class TeahouseTariffStart(models.TransientModel):
    """First prices of a store from a template: one number, and the usual rest."""

    _name = "teahouse.tariff.start"
    _description = "Prices from a template"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_ids = fields.Many2many(
        "teahouse.store",
        string="Stores",
        domain="[('company_id', '=', company_id)]",
        help="All stores of the company where none is named.",
    )
    template = fields.Selection(
        [
            ("plain", "One price around the clock"),
            ("times", "Day, evening and night"),
            ("pieces", "Day, evening and night, a package and a night in one"),
        ],
        required=True,
        default="times",
    )
    price_day = fields.Monetary(string="An hour", required=True, default=38)
    price_evening = fields.Monetary(
        string="An hour from 18:00",
        compute="_compute_prices",
        store=True,
        readonly=False,
    )
    price_night = fields.Monetary(
        string="An hour from 0:00 to 8:00",
        compute="_compute_prices",
        store=True,
        readonly=False,
    )
    price_package = fields.Monetary(
        string="Four hours by day",
        compute="_compute_prices",
        store=True,
        readonly=False,
    )
    price_overnight = fields.Monetary(
        string="A night, 22:00 to 8:00",
        compute="_compute_prices",
        store=True,
        readonly=False,
    )

    _prices = models.Constraint(
        """CHECK(price_day >= 0 AND price_evening >= 0 AND price_night >= 0
                 AND price_package >= 0 AND price_overnight >= 0)""",
        "A price is never below zero.",
    )

    @api.depends("price_day")
    def _compute_prices(self):
        for start in self:
            start.price_evening = round(start.price_day * EVENING)
            start.price_night = round(start.price_day * NIGHT)
            start.price_package = round(start.price_day * PACKAGE)
            start.price_overnight = round(start.price_day * OVERNIGHT)

    def action_create(self):
        """Make the tariffs and show them, or go back to the set-up that asked."""
        self.ensure_one()
        tariffs = self.env["teahouse.tariff"].create(self._tariffs())
        if self.env.context.get("teahouse_come_back"):
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_tariff_action"
        )
        return {**action, "domain": [("id", "in", tariffs.ids)], "context": {}}

    def _tariffs(self):
        """Return the values of the tariffs."""
        common = {
            "company_id": self.company_id.id,
            "store_ids": [Command.set(self.store_ids.ids)],
        }
        hours = {
            **common,
            "name": self.env._("By the hour"),
            "kind": "hourly",
            "step_minutes": 30,
            "min_minutes": 60,
            "band_ids": [Command.create(band) for band in self._bands()],
        }
        if self.template != "pieces":
            return [hours]
        package = {
            **common,
            "name": self.env._("Four hours by day"),
            "kind": "package",
            "price": self.price_package,
            "duration_minutes": PACKAGE_MINUTES,
            "window_from": DAY_BEGINS,
            "window_to": EVENING_BEGINS,
        }
        overnight = {
            **common,
            "name": self.env._("The whole night"),
            "kind": "session",
            "price": self.price_overnight,
            "window_from": OVERNIGHT_BEGINS,
            "window_to": DAY_BEGINS,
        }
        return [hours, package, overnight]

    def _bands(self):
        if self.template == "plain":
            spans = [(0, MIDNIGHT, self.price_day)]
        else:
            spans = [
                (DAY_BEGINS, EVENING_BEGINS, self.price_day),
                (EVENING_BEGINS, MIDNIGHT, self.price_evening),
                (0, DAY_BEGINS, self.price_night),
            ]
        return [
            {
                "sequence": 10 * number,
                "time_from": begins,
                "time_to": ends,
                "price_hour": price,
            }
            for number, (begins, ends, price) in enumerate(spans, 1)
        ]
