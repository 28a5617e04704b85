from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .teahouse_insight_funnel import STAGES

DAYS = (7, 28, 90, 365)


class TeahouseInsight(models.AbstractModel):
    """What the owner's dashboard shows, from the sums by hour."""

    _name = "teahouse.insight"
    _description = "Dashboard"

    @api.model
    @api.readonly
    def load(self, store_id=None, days=28):
        """Return the figures of the last whole days and of as many before them.

        :param int store_id: None for all stores that the user sees
        :param int days: one of ``DAYS``
        :raise AccessError: the user may not see what stores earn
        """
        self.env["teahouse.insight.hour"].check_access("read")
        stores, chosen, days, today = self._chosen(store_id, days)
        since, before = today - timedelta(days), today - timedelta(2 * days)
        current = self._totals(chosen, since, today)
        return {
            **self._choice(stores, chosen, days),
            "now": self._ratios(current, chosen, days),
            "before": self._ratios(self._totals(chosen, before, since), chosen, days),
            "series": self._series(chosen, since, days),
            "heat": self._heat(chosen, since, today),
            "rooms": self._rooms(chosen, since, today, days),
            "members": self._members(today),
            "funnel": self._funnel(chosen, since, today),
        }

    def _chosen(self, store_id, days):
        """Return the user's stores, those to look at, the days and their today."""
        stores = self.env["teahouse.store"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        chosen = stores.filtered(lambda store: store.id == store_id) or stores
        now = fields.Datetime.now()
        today = chosen[0]._local(now).date() if chosen else now.date()
        return stores, chosen, days if days in DAYS else 28, today

    def _choice(self, stores, chosen, days):
        """Return what the screens show of what was chosen."""
        return {
            "stores": [{"id": store.id, "name": store.name} for store in stores],
            "store_id": chosen.id if len(chosen) == 1 else None,
            "days": days,
            "currency": chosen[:1].currency_id.id or self.env.company.currency_id.id,
        }

    def _where(self, stores, since, until):
        """Return the condition on the sums; the dates are the stores' own."""
        self.env["teahouse.insight.hour"].flush_model()
        return SQL(
            "store_id = ANY(%s) AND local_day >= %s AND local_day < %s",
            stores.ids,
            since,
            until,
        )

    def _totals(self, stores, since, until):
        names = ("orders", "stay_minutes", "used_minutes", "cancelled", "no_shows")
        names += ("revenue",)
        sums = SQL(", ").join(
            SQL("coalesce(sum(%s), 0)", SQL.identifier(name)) for name in names
        )
        (row,) = self.env.execute_query(
            SQL(
                "SELECT %s FROM teahouse_insight_hour WHERE %s",
                sums,
                self._where(stores, since, until),
            )
        )
        return dict(zip(names, map(float, row), strict=True))

    def _offered_hours(self, store):
        """Return how many hours a week a room of the store can be had."""
        if store.open_24h:
            return 168.0
        return sum(
            line.hour_to
            - line.hour_from
            + (24 if line.hour_to <= line.hour_from else 0)
            for line in store.sudo().opening_ids
        )

    def _ratios(self, totals, stores, days):
        """Return the totals with what is worked out of them."""
        rooms = stores.room_ids
        offered = sum(
            self._offered_hours(store) * len(store.room_ids) * days / 7
            for store in stores
        )
        orders, used = totals["orders"], totals["used_minutes"] / 60
        return {
            **totals,
            "hours": used,
            "occupancy": 100 * used / offered if offered else 0,
            "average_stay": totals["stay_minutes"] / 60 / orders if orders else 0,
            "per_hour": totals["revenue"] / offered if offered else 0,
            "turnover": orders / len(rooms) / days if rooms else 0,
        }

    def _series(self, stores, since, days):
        """Return orders and revenue by day, days without any included."""
        found = {
            day: (int(orders), float(revenue))
            for day, orders, revenue in self.env.execute_query(
                SQL(
                    """SELECT local_day, sum(orders), sum(revenue)
                         FROM teahouse_insight_hour WHERE %s GROUP BY 1""",
                    self._where(stores, since, since + timedelta(days)),
                )
            )
        }
        all_days = [since + timedelta(number) for number in range(days)]
        return [
            {"day": str(day), "orders": orders, "revenue": revenue}
            for day in all_days
            for orders, revenue in [found.get(day, (0, 0.0))]
        ]

    def _heat(self, stores, since, until):
        """Return 7 rows, from Monday, of 24 shares of the rooms in use, in percent."""
        rows = self.env.execute_query(
            SQL(
                """SELECT extract(isodow FROM local_day)::int, local_hour,
                          sum(used_minutes)
                     FROM teahouse_insight_hour WHERE %s GROUP BY 1, 2""",
                self._where(stores, since, until),
            )
        )
        heat = [[0.0] * 24 for _day in range(7)]
        whole = len(stores.room_ids) * 60
        for weekday, hour, minutes in rows:
            times = sum(
                (since + timedelta(number)).isoweekday() == weekday
                for number in range((until - since).days)
            )
            heat[weekday - 1][hour] = (
                round(100 * float(minutes) / (whole * times), 1) if whole else 0
            )
        return heat

    def _rooms(self, stores, since, until, days):
        """Return the figures of each room, best first."""
        found = {
            room_id: (int(orders), float(minutes), float(revenue))
            for room_id, orders, minutes, revenue in self.env.execute_query(
                SQL(
                    """SELECT room_id, sum(orders), sum(used_minutes), sum(revenue)
                         FROM teahouse_insight_hour WHERE %s GROUP BY 1""",
                    self._where(stores, since, until),
                )
            )
        }
        rows = []
        for room in stores.room_ids:
            orders, minutes, revenue = found.get(room.id, (0, 0.0, 0.0))
            offered = self._offered_hours(room.store_id) * days / 7
            rows.append(
                {
                    "id": room.id,
                    "name": room.name,
                    "store": room.store_id.name,
                    "orders": orders,
                    "revenue": revenue,
                    "occupancy": minutes / 60 / offered * 100 if offered else 0,
                    "per_hour": revenue / offered if offered else 0,
                }
            )
        return sorted(rows, key=lambda row: (-row["revenue"], row["id"]))

    def _funnel(self, stores, since, until):
        """Return how many people reached each stage, in the order of the stages."""
        self.env["teahouse.insight.funnel"].check_access("read")
        (row,) = self.env.execute_query(
            SQL(
                """SELECT %s FROM teahouse_insight_funnel
                    WHERE store_id = ANY(%s) AND local_day >= %s AND local_day < %s""",
                SQL(", ").join(
                    SQL("coalesce(sum(%s), 0)", SQL.identifier(name)) for name in STAGES
                ),
                stores.ids,
                since,
                until,
            )
        )
        return [
            {"stage": stage, "people": int(people)}
            for stage, people in zip(STAGES, row, strict=True)
        ]

    def _members(self, today):
        """Return who came of late; None to those who do not see all members."""
        members = self.env["teahouse.insight.member"]
        if not members.has_access("read"):
            return None
        members.flush_model()
        names = ("members", "day", "week", "month", "returned", "asleep", "value")
        (row,) = self.env.execute_query(
            SQL(
                """SELECT count(*), count(*) FILTER (WHERE last_day >= %(today)s - 1),
                          count(*) FILTER (WHERE last_day >= %(today)s - 7),
                          count(*) FILTER (WHERE last_day >= %(today)s - 30),
                          count(*) FILTER (WHERE orders > 1),
                          count(*) FILTER (WHERE last_day < %(today)s - 90),
                          coalesce(avg(revenue), 0)
                     FROM teahouse_insight_member
                    WHERE orders > 0 AND last_day <= %(today)s
                      AND company_id = ANY(%(companies)s)""",
                today=today,
                companies=self.env.companies.ids,
            )
        )
        return dict(zip(names, map(float, row), strict=True))
