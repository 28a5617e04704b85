import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.forecast import forecast

_logger = logging.getLogger(__name__)

AHEAD = 28
#: Two years hold every holiday twice.
KNOWN = 730


class TeahouseForecast(models.Model):
    """Stays that a store can expect on a day, and how well that was foretold before."""

    _name = "teahouse.forecast"
    _description = "Forecast"
    _order = "local_day, store_id"
    _rec_name = "local_day"

    store_id = fields.Many2one(
        "teahouse.store", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    local_day = fields.Date(string="Day", required=True, readonly=True)
    expected = fields.Float(string="Stays expected", readonly=True, digits=(16, 1))
    low = fields.Float(string="At least", readonly=True, digits=(16, 1))
    high = fields.Float(string="At most", readonly=True, digits=(16, 1))
    method = fields.Selection(
        [("model", "Seasonal model"), ("naive", "Same weekday before")],
        readonly=True,
        help="The seasonal model speaks where it missed less in the past weeks than"
        " the same weekday of the week before.",
    )
    is_tested = fields.Boolean(
        string="Tried on the past",
        readonly=True,
        help="Enough days are known to say how well it was foretold.",
    )
    model_error = fields.Float(
        string="Missed by model",
        readonly=True,
        aggregator="avg",
        help="Share of the stays that it missed over the last four weeks.",
    )
    naive_error = fields.Float(
        string="Missed by weekday before",
        readonly=True,
        aggregator="avg",
        help="Share of the stays that it missed over the same four weeks.",
    )

    coverage = fields.Float(
        string="Held by interval",
        readonly=True,
        aggregator="avg",
        help="Share of the days of the past weeks that lay in the interval which the"
        " other weeks gave; it is made for 80 %.",
    )

    _store_day = models.Constraint(
        "UNIQUE(store_id, local_day)", "A store's day is foretold once."
    )

    @api.model
    def _cron_forecast(self):
        """Foretell the coming days of every store anew."""
        facts = self.env["teahouse.insight.fact"]
        facts._enter()
        facts._refresh()
        for store in self.env["teahouse.store"].search([("state", "!=", "closed")]):
            try:
                with self.env.cr.savepoint():
                    self._foretell(store)
                    self.env["teahouse.forecast.hour"]._foretell(store)
                    self.env["teahouse.insight.advice"]._advise(store)
            except Exception:
                # One store whose days make no sense must not silence the others.
                _logger.exception("No forecast for store %s", store.id)

    @api.model
    def _foretell(self, store):
        """Replace the forecast of a store."""
        today = store._local(fields.Datetime.now()).date()
        found = dict(
            self.env.execute_query(
                SQL(
                    """SELECT local_day, sum(orders) FROM teahouse_insight_hour
                        WHERE store_id = %s AND local_day >= %s AND local_day < %s
                        GROUP BY 1 HAVING sum(orders) > 0""",
                    store.id,
                    today - timedelta(KNOWN),
                    today,
                )
            )
        )
        self.search([("store_id", "=", store.id)]).unlink()
        if not found:
            return
        past, coming = self._days(min(found), today, AHEAD)
        kinds = self._kinds_of_days(store)
        told = forecast(
            [found.get(day, 0) for day in past],
            [kinds.get(day) for day in past],
            [kinds.get(day) for day in coming],
        )
        self.create(
            [
                {
                    "store_id": store.id,
                    "local_day": day,
                    "expected": expected,
                    "low": low,
                    "high": high,
                    "method": told.method,
                    "is_tested": told.error is not None,
                    "model_error": told.error or 0,
                    "naive_error": told.naive_error or 0,
                    "coverage": told.coverage or 0,
                }
                for day, expected, low, high in zip(
                    coming, told.values, told.low, told.high, strict=True
                )
            ]
        )

    @api.model
    def _days(self, first, today, ahead):
        """Return the days from the first one known until yesterday, and those ahead."""
        past = [first + timedelta(number) for number in range((today - first).days)]
        return past, [today + timedelta(number) for number in range(ahead)]

    @api.model
    def _kinds_of_days(self, store):
        """Return which days are holidays or are worked on in turn."""
        holidays_sudo = self.env["teahouse.holiday"].sudo()
        return {
            day.date: day.kind
            for day in holidays_sudo.search([("company_id", "=", store.company_id.id)])
        }


class TeahouseToday(models.AbstractModel):
    _inherit = "teahouse.today"

    @api.model
    def _tile_methods(self):
        return [*super()._tile_methods(), "_tile_forecast"]

    @api.model
    def _tile_forecast(self, scope):
        """Stays expected today and on the days after, and how sure that is."""
        forecasts = self.env["teahouse.forecast"]
        if not forecasts.has_access("read"):
            return None
        local = scope.stores[:1] and scope.stores[0]._local(scope.now).date()
        rows = local and forecasts.search([*scope.domain, ("local_day", ">=", local)])
        if not rows:
            return None
        days = rows.grouped("local_day")
        coming = sorted(days)[:7]
        worse = rows.filtered(lambda row: row.is_tested and row.method == "naive")
        text = (
            self.env._("The model did worse than the week before, which is shown.")
            if worse
            else self.env._("expected today")
        )
        return {
            "key": "forecast",
            "title": self.env._("Expected stays"),
            "sequence": 55,
            "kind": "list",
            "icon": "fa-line-chart",
            "value": f"{sum(days[coming[0]].mapped('expected')):.0f}",
            "text": text,
            "items": [
                {
                    "title": day.strftime("%m-%d"),
                    "text": self.env._(
                        "%(expected).0f (%(low).0f to %(high).0f)",
                        expected=sum(days[day].mapped("expected")),
                        low=sum(days[day].mapped("low")),
                        high=sum(days[day].mapped("high")),
                    ),
                    "level": "muted",
                    "action": None,
                }
                for day in coming
            ],
            "action": self._window("teahouse_marketing.teahouse_forecast_action"),
        }
