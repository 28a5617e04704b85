from datetime import timedelta

from odoo import api, models

from ..engine.forecast_hours import HOURS
from .teahouse_forecast_hour import AHEAD

#: Days gone by that stand before those to come.
BEFORE = 28


class TeahouseInsight(models.AbstractModel):
    """What is to come, beside how well such things were foretold before."""

    _inherit = "teahouse.insight"

    @api.model
    @api.readonly
    def load_forecast(self, store_id=None):
        """Return the forecast of one store.

        :param int store_id: None for the first one that the user sees: intervals of
            several stores cannot be added up
        :raise AccessError: the user may not see what stores expect
        """
        self.env["teahouse.forecast"].check_access("read")
        stores, chosen, days, today = self._chosen(store_id, BEFORE)
        store = chosen[:1]
        mine = [("store_id", "=", store.id), ("local_day", ">=", today)]
        told = self.env["teahouse.forecast"].search(mine)
        hours = self.env["teahouse.forecast.hour"].search(mine)
        since = today - timedelta(BEFORE)
        return {
            **self._choice(stores, store, days),
            # The screen shows one store even where there are several.
            "store_id": store.id,
            "past": self._series(store, since, BEFORE) if store else [],
            "coming": [
                {
                    "day": str(row.local_day),
                    "expected": row.expected,
                    "low": row.low,
                    "high": row.high,
                }
                for row in told
            ],
            "hours": self._hours(hours, today),
            "tried": self._tried(told),
            "tried_hours": self._tried(hours),
        }

    def _hours(self, rows, today):
        """Return for each of the coming days what every hour brings."""
        found = {(row.local_day, row.local_hour): row for row in rows}
        days = [today + timedelta(number) for number in range(AHEAD)]
        return [
            {
                "day": str(day),
                "weekday": day.weekday(),
                "hours": [
                    {
                        "expected": row.expected,
                        "low": row.low,
                        "high": row.high,
                    }
                    for row in map(found.get, ((day, hour) for hour in range(HOURS)))
                ],
            }
            for day in days
            if all((day, hour) in found for hour in range(HOURS))
        ]

    def _tried(self, rows):
        """Return how a store's forecast did on the past; None where there is none."""
        row = rows[:1]
        if not row:
            return None
        return {
            "method": row.method,
            "tested": row.is_tested,
            "model": row.model_error,
            "naive": row.naive_error,
            "coverage": row.coverage,
        }
