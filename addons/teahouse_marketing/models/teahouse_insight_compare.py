from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from odoo.addons.teahouse_billing.tools.tables import (
    MONEY,
    NUMBER,
    TEXT,
    Table,
    to_xlsx,
)

from .teahouse_insight_fact import SUMS


class TeahouseInsight(models.AbstractModel):
    """Stores beside each other, now and before; all figures as a workbook."""

    _inherit = "teahouse.insight"

    @api.model
    @api.readonly
    def load(self, store_id=None, days=28):
        """Override: with the stores compared where several are looked at."""
        found = super().load(store_id, days)
        _stores, chosen, days, today = self._chosen(store_id, days)
        several = len(chosen) > 1
        compared = self._stores_compared(chosen, today, days) if several else []
        return {**found, "compared": compared}

    def _stores_compared(self, stores, today, days):
        """Return the figures of each store, and those of as many days before."""
        since, before = today - timedelta(days), today - timedelta(2 * days)
        now = self._totals_by_store(stores, since, today)
        then = self._totals_by_store(stores, before, since)
        rows = [
            {
                "id": store.id,
                "name": store.name,
                "now": self._ratios(now[store.id], store, days),
                "before": self._ratios(then[store.id], store, days),
            }
            for store in stores
        ]
        return sorted(rows, key=lambda row: (-row["now"]["revenue"], row["id"]))

    def _totals_by_store(self, stores, since, until):
        sums = SQL(", ").join(
            SQL("coalesce(sum(%s), 0)", SQL.identifier(name)) for name in SUMS
        )
        found = {store_id: dict.fromkeys(SUMS, 0.0) for store_id in stores.ids}
        for store_id, *row in self.env.execute_query(
            SQL(
                "SELECT store_id, %s FROM teahouse_insight_hour WHERE %s GROUP BY 1",
                sums,
                self._where(stores, since, until),
            )
        ):
            found[store_id] = dict(zip(SUMS, map(float, row), strict=True))
        return found

    # === WORKBOOK === #

    @api.model
    def _xlsx(self, store_id=None, days=28):
        """Return the figures of the dashboard as a workbook, and its name.

        :raise AccessError: the user may not see what stores earn
        """
        found = self.load(store_id, days)
        _stores, chosen, days, today = self._chosen(store_id, days)
        since, until = (
            format_date(self.env, today - timedelta(number)) for number in (days, 1)
        )
        period = self.env._("%(since)s to %(until)s", since=since, until=until)
        where = chosen.name if len(chosen) == 1 else self.env._("All stores")
        title = self.env._("Insight")
        compared = self._stores_compared(chosen, today, days)
        tables = [
            self._table_stores(compared),
            self._table_days(found),
            self._table_rooms(found),
            self._table_hours(found),
            self._table_funnel(found),
        ]
        subtitle = f"{where} · {period}"
        content = to_xlsx(title, subtitle, tables, self.env._("Total"))
        return content, f"{title} {where} {today}.xlsx"

    def _table_stores(self, compared):
        names = (
            ("orders", self.env._("Stays"), NUMBER),
            ("revenue", self.env._("Revenue"), MONEY),
            ("occupancy", self.env._("Occupancy, %"), MONEY),
            ("average_stay", self.env._("Average stay, hours"), MONEY),
            ("turnover", self.env._("Stays per room and day"), MONEY),
            ("per_hour", self.env._("Revenue per available room hour"), MONEY),
            ("cancelled", self.env._("Cancellations"), NUMBER),
            ("no_shows", self.env._("No-shows"), NUMBER),
        )
        columns = [(self.env._("Store"), TEXT)]
        for _key, name, kind in names:
            columns += [(name, kind), (self.env._("%s before", name), kind)]
        rows = [
            (
                row["name"],
                *(
                    row[time][key]
                    for key, _n, _k in names
                    for time in ("now", "before")
                ),
            )
            for row in compared
        ]
        # Shares of several stores have no sum.
        return Table(self.env._("Stores"), columns, rows, total=False)

    def _table_days(self, found):
        columns = [
            (self.env._("Day"), TEXT),
            (self.env._("Stays"), NUMBER),
            (self.env._("Revenue"), MONEY),
        ]
        rows = [(day["day"], day["orders"], day["revenue"]) for day in found["series"]]
        return Table(self.env._("Days"), columns, rows)

    def _table_rooms(self, found):
        columns = [
            (self.env._("Store"), TEXT),
            (self.env._("Room"), TEXT),
            (self.env._("Stays"), NUMBER),
            (self.env._("Occupancy, %"), MONEY),
            (self.env._("Revenue"), MONEY),
            (self.env._("Revenue per available room hour"), MONEY),
        ]
        keys = ("store", "name", "orders", "occupancy", "revenue", "per_hour")
        rows = [tuple(room[key] for key in keys) for room in found["rooms"]]
        return Table(self.env._("Rooms"), columns, rows, total=False)

    def _table_hours(self, found):
        columns = [(self.env._("Weekday"), TEXT)]
        columns += [(f"{hour}:00", MONEY) for hour in range(24)]
        # 2024 began on a Monday.
        weekdays = [
            format_date(self.env, f"2024-01-0{number}", date_format="EEEE")
            for number in range(1, 8)
        ]
        rows = [(name, *row) for name, row in zip(weekdays, found["heat"], strict=True)]
        note = self.env._("Rooms in use by weekday and hour, in percent")
        return Table(self.env._("Hours"), columns, rows, total=False, note=note)

    def _table_funnel(self, found):
        fields = self.env["teahouse.insight.funnel"]._fields
        columns = [(self.env._("Stage"), TEXT), (self.env._("People"), NUMBER)]
        rows = [
            (fields[row["stage"]]._description_string(self.env), row["people"])
            for row in found["funnel"]
        ]
        name = self.env._("From a look to a stay")
        return Table(name, columns, rows, total=False)
