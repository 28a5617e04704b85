from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

#: Months of first stays that the table shows, and months that it follows them.
COHORTS = 12


class TeahouseInsight(models.AbstractModel):
    """Guests on the dashboard: who is active, who comes again, what kinds there are."""

    _inherit = "teahouse.insight"

    @api.model
    @api.readonly
    def load_guests(self, store_id=None, days=28):
        """Return what the guests of a store do, or those of all stores.

        :param int store_id: None for all that the user sees
        :param int days: how many days of active guests
        :raise AccessError: the user may not see guests
        """
        self.env["teahouse.insight.visit"].check_access("read")
        stores, chosen, days, today = self._chosen(store_id, days)
        return {
            **self._choice(stores, chosen, days),
            "active": self._active(chosen, today, days),
            "cohorts": self._cohorts(chosen, today),
            "kinds": self._kinds(),
        }

    def _active(self, stores, today, days):
        """Return how many different members came on each day, and up to it.

        :rtype: list of dict with day, of_day, of_week (7 days) and of_month (30 days)
        """
        self.env["teahouse.insight.visit"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """WITH visit AS MATERIALIZED (
                       SELECT DISTINCT member_id, local_day FROM teahouse_insight_visit
                        WHERE store_id = ANY(%(stores)s) AND local_day < %(today)s
                          AND local_day >= %(since)s - 30
                   ), length AS (
                       SELECT * FROM (VALUES (1), (7), (30)) AS v(days)
                   ), span AS (
                       -- From each visit on a member is active for so many days; one
                       -- that comes before these are over prolongs them.
                       SELECT days, local_day AS begins,
                              least(local_day + days,
                                    lead(local_day) OVER (PARTITION BY days, member_id
                                                              ORDER BY local_day))
                                  AS ends
                         FROM visit CROSS JOIN length
                   ), move AS (
                       SELECT days, begins AS day, 1 AS change FROM span
                        UNION ALL
                       SELECT days, ends, -1 FROM span
                   ), day AS (
                       SELECT days, day, sum(sum(change)) OVER (PARTITION BY days
                                                                    ORDER BY day) AS n
                         FROM move GROUP BY 1, 2
                   )
                   SELECT days, day, n FROM day ORDER BY day""",
                stores=stores.ids,
                today=today,
                since=today - timedelta(days),
            )
        )
        names = {1: "of_day", 7: "of_week", 30: "of_month"}
        moves = {}
        for length, day, people in rows:
            moves.setdefault(day, {})[names[length]] = int(people)
        now = dict.fromkeys(names.values(), 0)
        series = []
        for number in range(-30, days):
            day = today - timedelta(days - number)
            now.update(moves.get(day, {}))
            if number >= 0:
                series.append({"day": str(day), **now})
        return series

    def _cohorts(self, stores, today):
        """Return by month of the first stay how many came again in later months.

        A month that is not over yet is part of it. With one store chosen, guests
        whose first stay was there, wherever they came again.
        """
        first = today.replace(day=1) - relativedelta(months=COHORTS - 1)
        rows = self.env.execute_query(
            SQL(
                """SELECT first_month, months_later, count(DISTINCT member_id)
                     FROM teahouse_insight_visit
                    WHERE company_id = ANY(%s) AND first_month >= %s
                      AND first_store_id = ANY(%s)
                    GROUP BY 1, 2""",
                stores.company_id.ids,
                first,
                stores.ids,
            )
        )
        found = {(month, later): people for month, later, people in rows}
        cohorts = []
        for number in range(COHORTS):
            month = first + relativedelta(months=number)
            size = found.get((month, 0), 0)
            if size:
                came = [found.get((month, n), 0) for n in range(COHORTS - number)]
                shares = [round(100 * people / size, 1) for people in came]
                cohorts.append({"month": str(month), "size": size, "shares": shares})
        return cohorts

    def _kinds(self):
        """Return how many guests of each kind there are, and what they brought.

        None to those who do not see all members.
        """
        members = self.env["teahouse.insight.member"]
        if not members.has_access("read"):
            return None
        names = dict(members._fields["rfm"]._description_selection(self.env))
        found = {
            kind: (count, revenue, orders)
            for kind, count, revenue, orders in members._read_group(
                [("rfm", "!=", False), ("company_id", "=", self.env.company.id)],
                ["rfm"],
                ["__count", "revenue:sum", "orders:sum"],
            )
        }
        kinds = []
        for kind, name in names.items():
            count, revenue, orders = found.get(kind, (0, 0, 0))
            average = revenue / count if count else 0
            kinds.append(
                {
                    "kind": kind,
                    "name": name,
                    "members": count,
                    "revenue": float(revenue),
                    "value": float(average),
                    "stays": orders / count if count else 0,
                }
            )
        return kinds
