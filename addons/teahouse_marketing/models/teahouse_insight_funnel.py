from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .teahouse_insight_step import KEEP

STAGES = ("seen", "quoted", "held", "paid", "came", "returned")
#: Days within which a guest comes again to count as returned.
RETURN_DAYS = 90


class TeahouseInsightFunnel(models.Model):
    """How far people got, by the store and the local day on which they set out.

    People, not clicks: who looks at a store five times a day is one. From "held" on
    these are the members who booked that day by themselves; what became of their stay
    later still counts on that day.
    """

    _name = "teahouse.insight.funnel"
    _description = "Way to a stay"
    _log_access = False
    _order = "local_day desc, store_id"
    _rec_name = "local_day"

    store_id = fields.Many2one("teahouse.store", readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    local_day = fields.Date(string="Day", readonly=True)
    seen = fields.Integer(readonly=True, help="Looked at the store or a room of it.")
    quoted = fields.Integer(
        string="Asked for a price", readonly=True, help="For a time of their choice."
    )
    held = fields.Integer(
        string="Booked", readonly=True, help="By themselves, in the app."
    )
    paid = fields.Integer(
        readonly=True, help="Their booking was confirmed: paid, or nothing was due."
    )
    came = fields.Integer(readonly=True, help="Checked in.")
    returned = fields.Integer(
        string="Came again",
        readonly=True,
        help="Checked in for another stay that began within 90 days after this one.",
    )

    _once = models.Constraint("UNIQUE(store_id, local_day)", "A day is counted once.")
    _company_day = models.Index("(company_id, local_day)")

    @api.model
    def _recount(self, since=None):
        """Add up the days that steps or the bookings of `_refresh` touch.

        Steps that are no longer kept leave their sums as they are.

        :param datetime since: steps noted earlier are counted already; None: all kept
        """
        cr = self.env.cr
        oldest = fields.Date.today() - timedelta(KEEP)
        cr.execute(
            SQL(
                """INSERT INTO teahouse_insight_funnel AS f
                          (store_id, company_id, local_day, seen, quoted)
                   SELECT step.store_id, store.company_id, step.local_day,
                          count(*) FILTER (WHERE kind = 'seen'),
                          count(*) FILTER (WHERE kind = 'quoted')
                     FROM teahouse_insight_step step
                     JOIN teahouse_store store ON store.id = step.store_id
                    WHERE step.local_day >= %(oldest)s
                      AND (step.store_id, step.local_day) IN (
                          SELECT store_id, local_day FROM teahouse_insight_step
                           WHERE %(fresh)s)
                    GROUP BY 1, 2, 3
                       ON CONFLICT (store_id, local_day) DO UPDATE
                      SET seen = excluded.seen, quoted = excluded.quoted""",
                oldest=oldest,
                fresh=SQL("noted_at >= %s", since) if since else SQL("TRUE"),
            )
        )
        touched = self._touched_by_own(SQL("changed.id = b.id"))
        if since:
            # A stay that changed says of those before whether they brought one back.
            touched = SQL(
                "%s UNION %s",
                touched,
                self._touched_by_own(
                    SQL(
                        """changed.member_id = b.member_id AND changed.start > b.start
                       AND changed.start <= b.start + %s""",
                        timedelta(RETURN_DAYS),
                    )
                ),
            )
        else:
            # With another clock a booking was made on another day.
            cr.execute("""UPDATE teahouse_insight_funnel
                             SET held = 0, paid = 0, came = 0, returned = 0""")
        cr.execute("DROP TABLE IF EXISTS teahouse_funnel_day")
        cr.execute(
            SQL("CREATE TEMP TABLE teahouse_funnel_day ON COMMIT DROP AS %s", touched)
        )
        cr.execute("ANALYZE teahouse_funnel_day")
        cr.execute(self._count_booked(since))
        self.invalidate_model()

    def _booked_day(self):
        """Return the local day on which a booking ``b`` of a store ``s`` was made."""
        return SQL("(b.create_date AT TIME ZONE 'UTC' AT TIME ZONE s.tz)::date")

    def _touched_by_own(self, condition):
        """Return the query of the days of bookings ``b`` that a changed one meets."""
        return SQL(
            """SELECT b.store_id, %s AS local_day
                 FROM teahouse_booking changed
                 JOIN teahouse_changed USING (id)
                 JOIN teahouse_booking b ON %s
                 JOIN teahouse_store s ON s.id = b.store_id
                WHERE b.shadow_of_id IS NULL
                GROUP BY 1, 2""",
            self._booked_day(),
            condition,
        )

    def _count_booked(self, since):
        """Return the statement that counts the members who booked on touched days.

        :param datetime since: None: all days are touched
        """
        # For the index where few days are touched: no clock is further off than that.
        reach = (
            SQL(
                """b.create_date >= touched.local_day - interval '1 day'
                   AND b.create_date < touched.local_day + interval '2 days'"""
            )
            if since
            else SQL("TRUE")
        )
        return SQL(
            """
            WITH mine AS MATERIALIZED (
                SELECT b.id, b.store_id, touched.local_day, b.member_id,
                       b.confirmed_at IS NOT NULL AS paid,
                       b.checked_in_at IS NOT NULL AS came
                  FROM teahouse_funnel_day touched
                  JOIN teahouse_booking b ON b.store_id = touched.store_id
                   AND %(range)s
                  JOIN teahouse_store s ON s.id = b.store_id
                   AND %(day)s = touched.local_day
                 WHERE b.shadow_of_id IS NULL AND b.member_id IS NOT NULL
                   AND b.source IN ('mini_program', 'h5')
            ), brought AS MATERIALIZED (
                SELECT id, count(*) OVER (
                           PARTITION BY member_id ORDER BY start
                           RANGE BETWEEN '1 second' FOLLOWING AND %(window)s FOLLOWING
                       ) > 0 AS back
                  FROM teahouse_booking
                 WHERE checked_in_at IS NOT NULL AND shadow_of_id IS NULL
                   AND member_id IN (SELECT member_id FROM mine)
            ), own AS (
                SELECT mine.*, came AND coalesce(back, FALSE) AS returned
                  FROM mine LEFT JOIN brought USING (id)
            ), counted AS (
                SELECT store_id, local_day, count(DISTINCT member_id) AS held,
                       count(DISTINCT member_id) FILTER (WHERE paid) AS paid,
                       count(DISTINCT member_id) FILTER (WHERE came) AS came,
                       count(DISTINCT member_id) FILTER (WHERE returned) AS returned
                  FROM own GROUP BY 1, 2
            )
            INSERT INTO teahouse_insight_funnel AS f (store_id, company_id, local_day,
                   seen, quoted, held, paid, came, returned)
            SELECT touched.store_id, s.company_id, touched.local_day, 0, 0,
                   coalesce(held, 0), coalesce(paid, 0), coalesce(came, 0),
                   coalesce(returned, 0)
              FROM teahouse_funnel_day touched
              JOIN teahouse_store s ON s.id = touched.store_id
              LEFT JOIN counted USING (store_id, local_day)
                ON CONFLICT (store_id, local_day) DO UPDATE
               SET held = excluded.held, paid = excluded.paid, came = excluded.came,
                   returned = excluded.returned
            """,
            window=timedelta(RETURN_DAYS),
            day=self._booked_day(),
            range=reach,
        )


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    _store_made = models.Index("(store_id, create_date)")
