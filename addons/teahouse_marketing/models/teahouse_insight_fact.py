from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.tools.locks import enter

#: First key of the advisory lock of who counts.
FIGURES_LOCK = 0x7EC

MARK = "teahouse_marketing.insight_mark"
#: Longer than a transaction lasts: what it wrote carries the time of its beginning.
OVERLAP = timedelta(hours=1)
SUMS = ("orders", "stay_minutes", "used_minutes", "cancelled", "no_shows", "revenue")


class TeahouseInsightFact(models.Model):
    """What one booking adds to the sums, by room, local day and hour.

    A booking that changed is taken out and counted anew, and only the sums of the
    days that it was or is part of are added up again.
    """

    _name = "teahouse.insight.fact"
    _description = "Share of a booking in the figures"
    _log_access = False

    booking_id = fields.Many2one(
        "teahouse.booking", required=True, index=True, ondelete="cascade"
    )
    member_id = fields.Many2one(
        "teahouse.member", index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_id = fields.Many2one("teahouse.store", required=True, ondelete="cascade")
    room_id = fields.Many2one("teahouse.room", required=True, ondelete="cascade")
    local_day = fields.Date(required=True)
    local_hour = fields.Integer(required=True)
    orders = fields.Integer()
    stay_minutes = fields.Integer()
    used_minutes = fields.Integer()
    cancelled = fields.Integer()
    no_shows = fields.Integer()
    revenue = fields.Monetary()

    _room_day = models.Index("(room_id, local_day)")

    # === KEEPING THE FIGURES === #

    @api.model
    def _cron_refresh(self):
        """Count what changed since the last time."""
        self._enter()
        self._refresh()

    @api.model
    def _enter(self):
        """Let who counts at the same time end first, and see what came of it.

        For the beginning of a transaction, before anything is written.
        """
        enter(self.env, FIGURES_LOCK, 0)

    @api.model
    def _refresh(self, everything=False):
        """Bring the sums up to date.

        :param bool everything: count all anew, not only what changed
        :return: how many bookings were looked at
        """
        self.env.flush_all()
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        now, mark = fields.Datetime.now(), parameters_sudo.get_param(MARK)
        # Two that count at once would both take out and both put in.
        self.env.execute_query(
            SQL("SELECT pg_advisory_xact_lock(%s, 0) IS NULL", FIGURES_LOCK)
        )
        if everything or not mark:
            changed = SQL("SELECT id FROM teahouse_booking")
        else:
            changed = SQL(
                """SELECT id FROM teahouse_booking WHERE write_date >= %(mark)s
                    UNION
                   SELECT booking_id FROM teahouse_charge_line
                    WHERE write_date >= %(mark)s""",
                mark=self._since(mark),
            )
        cr = self.env.cr
        cr.execute("DROP TABLE IF EXISTS teahouse_changed, teahouse_touched")
        cr.execute(
            SQL("CREATE TEMP TABLE teahouse_changed ON COMMIT DROP AS %s", changed)
        )
        # Nobody else does it for a table of one transaction, and plans go wrong.
        cr.execute("ANALYZE teahouse_changed")
        cr.execute("SELECT count(*) FROM teahouse_changed")
        count = cr.fetchone()[0]
        cr.execute("""
            CREATE TEMP TABLE teahouse_touched ON COMMIT DROP AS
            WITH gone AS (
                DELETE FROM teahouse_insight_fact fact USING teahouse_changed changed
                 WHERE fact.booking_id = changed.id
             RETURNING fact.room_id, fact.local_day, fact.member_id
            ) SELECT DISTINCT * FROM gone
        """)
        cr.execute(
            SQL(
                """WITH fact AS (
                       INSERT INTO teahouse_insight_fact (booking_id, member_id,
                              company_id, store_id, room_id, local_day, local_hour, %s)
                       %s
                       RETURNING room_id, local_day, member_id
                   )
                   INSERT INTO teahouse_touched SELECT DISTINCT * FROM fact""",
                SQL(", ").join(map(SQL.identifier, SUMS)),
                self._counted(),
            )
        )
        cr.execute("ANALYZE teahouse_touched")
        self.env["teahouse.insight.hour"]._recount()
        self.env["teahouse.insight.member"]._recount()
        self.env["teahouse.insight.member"]._rate()
        self.env["teahouse.insight.visit"]._recount()
        since = None if everything or not mark else self._since(mark)
        self.env["teahouse.insight.funnel"]._recount(since)
        self.invalidate_model()
        parameters_sudo.set_param(MARK, fields.Datetime.to_string(now))
        return count

    def _since(self, mark):
        """Return from when on changes are looked at, naive UTC."""
        return fields.Datetime.to_datetime(mark) - OVERLAP

    def _counted(self):
        """Return the query of the shares of the changed bookings."""
        return SQL(
            """
            WITH stay AS (
                SELECT b.id, b.member_id, b.company_id, b.store_id, b.room_id,
                       b.state, b.start, s.tz,
                       b.state IN ('confirmed', 'in_use', 'completed') AS held,
                       CASE WHEN b.state = 'completed'
                            THEN greatest(b.start, coalesce(b.ended_at, b."end"))
                            ELSE b."end" END AS stop
                  FROM teahouse_booking b
                  JOIN teahouse_changed changed ON changed.id = b.id
                  JOIN teahouse_store s ON s.id = b.store_id
                 WHERE b.shadow_of_id IS NULL
                   AND b.state IN ('confirmed', 'in_use', 'completed', 'cancelled',
                                   'no_show')
            ), part AS (
                SELECT id, room_id, start AS instant,
                       held::int AS orders,
                       CASE WHEN held THEN extract(epoch FROM stop - start) / 60
                            ELSE 0 END AS stay_minutes,
                       0 AS used_minutes, (state = 'cancelled')::int AS cancelled,
                       (state = 'no_show')::int AS no_shows, 0 AS revenue
                  FROM stay
                 UNION ALL
                -- Clocks differ by whole quarters of an hour the world over.
                SELECT id, room_id, quarter, 0, 0,
                       extract(epoch FROM least(stop, quarter + interval '15 min')
                                          - greatest(start, quarter)) / 60, 0, 0, 0
                  FROM stay
                 CROSS JOIN LATERAL generate_series(
                       date_trunc('hour', start), stop, interval '15 min') quarter
                 WHERE held AND quarter + interval '15 min' > start AND quarter < stop
                 UNION ALL
                SELECT stay.id, coalesce(line.room_id, stay.room_id),
                       coalesce(line.start, stay.start), 0, 0, 0, 0, 0, line.amount
                  FROM stay
                  JOIN teahouse_charge_line line ON line.booking_id = stay.id
                 WHERE line.state = 'open' AND line.kind <> 'deposit'
            ), placed AS (
                SELECT part.*, stay.member_id, stay.company_id, stay.store_id,
                       part.instant AT TIME ZONE 'UTC' AT TIME ZONE stay.tz AS local
                  FROM part JOIN stay ON stay.id = part.id
            )
            SELECT id, member_id, company_id, store_id, room_id, local::date,
                   extract(hour FROM local)::int, sum(orders),
                   round(sum(stay_minutes)), round(sum(used_minutes)), sum(cancelled),
                   sum(no_shows), sum(revenue)
              FROM placed
             GROUP BY 1, 2, 3, 4, 5, 6, 7
            """
        )


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    def write(self, vals):
        """Another clock moves every day of the past: all is counted anew."""
        if "tz" in vals and any(store.tz != vals["tz"] for store in self):
            self.env["ir.config_parameter"].sudo().set_param(MARK, False)
        return super().write(vals)
