from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.forecast_hours import HOURS, forecast_hours

AHEAD = 7
#: Days that the weekly season of hours is learnt from: a year holds what it needs.
KNOWN = 371


class TeahouseForecastHour(models.Model):
    """Stays that begin at a store in an hour of the coming week."""

    _name = "teahouse.forecast.hour"
    _description = "Forecast by hour"
    _log_access = False
    _order = "local_day, local_hour, store_id"
    _rec_name = "local_day"

    store_id = fields.Many2one(
        "teahouse.store", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    local_day = fields.Date(string="Day", required=True, readonly=True)
    local_hour = fields.Integer(
        string="Hour", required=True, readonly=True, aggregator=None
    )
    expected = fields.Float(string="Stays expected", readonly=True, digits=(16, 2))
    low = fields.Float(
        string="At least", readonly=True, digits=(16, 2), aggregator=None
    )
    high = fields.Float(
        string="At most", readonly=True, digits=(16, 2), aggregator=None
    )
    method = fields.Selection(
        [("model", "Seasonal model"), ("naive", "Same hour a week before")],
        readonly=True,
        help="The seasonal model speaks where it missed less in the past weeks than"
        " the same hour of the week before.",
    )
    is_tested = fields.Boolean(string="Tried on the past", readonly=True)
    model_error = fields.Float(
        string="Missed by model",
        readonly=True,
        aggregator="avg",
        help="What it missed in each hour of four weeks, added up, as a share.",
    )
    naive_error = fields.Float(
        string="Missed by hour before",
        readonly=True,
        aggregator="avg",
        help="What it missed in each hour of the same weeks, added up, as a share.",
    )
    coverage = fields.Float(
        string="Held by interval",
        readonly=True,
        aggregator="avg",
        help="Share of the hours of the past weeks that lay in the interval which the"
        " other weeks gave; it is made for 80 %.",
    )

    _store_hour = models.Constraint(
        "UNIQUE(store_id, local_day, local_hour)", "A store's hour is foretold once."
    )

    @api.model
    def _foretell(self, store):
        """Replace the forecast of a store's hours."""
        days = self.env["teahouse.forecast"]
        today = store._local(fields.Datetime.now()).date()
        rows = self.env.execute_query(
            SQL(
                """SELECT local_day, local_hour, sum(orders) FROM teahouse_insight_hour
                    WHERE store_id = %s AND local_day >= %s AND local_day < %s
                    GROUP BY 1, 2 HAVING sum(orders) > 0""",
                store.id,
                today - timedelta(KNOWN),
                today,
            )
        )
        self.search([("store_id", "=", store.id)]).unlink()
        if not rows:
            return
        found = {}
        for day, hour, orders in rows:
            found.setdefault(day, [0] * HOURS)[hour] = int(orders)
        past, coming = days._days(min(found), today, AHEAD)
        kinds = days._kinds_of_days(store)
        told = forecast_hours(
            [found.get(day, [0] * HOURS) for day in past],
            [kinds.get(day) for day in past],
            [kinds.get(day) for day in coming],
        )
        shared = {
            "store_id": store.id,
            "method": told.method,
            "is_tested": told.error is not None,
            "model_error": told.error or 0,
            "naive_error": told.naive_error or 0,
            "coverage": told.coverage or 0,
        }
        self.create(
            [
                {
                    **shared,
                    "local_day": coming[place // HOURS],
                    "local_hour": place % HOURS,
                    "expected": expected,
                    "low": low,
                    "high": high,
                }
                for place, (expected, low, high) in enumerate(
                    zip(told.values, told.low, told.high, strict=True)
                )
            ]
        )
