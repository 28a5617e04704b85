from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .teahouse_insight_fact import MARK


class TeahouseInsightVisit(models.Model):
    """A member had stays at a store on a local day.

    Who was active on a day, in a week or a month are the different members of these
    rows; a cohort are those who came first in the same month.
    """

    _name = "teahouse.insight.visit"
    _description = "Members' days"
    _log_access = False
    _order = "local_day desc, id desc"
    _rec_name = "local_day"

    member_id = fields.Many2one("teahouse.member", readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    store_id = fields.Many2one("teahouse.store", readonly=True, ondelete="cascade")
    first_store_id = fields.Many2one(
        "teahouse.store",
        string="Store of first stay",
        readonly=True,
        ondelete="cascade",
    )
    local_day = fields.Date(string="Day", readonly=True)
    first_month = fields.Date(
        string="Month of first stay", readonly=True, help="Its first day."
    )
    months_later = fields.Integer(
        string="Months later",
        readonly=True,
        aggregator=None,
        help="Months of the calendar since the month of the first stay; 0: the same.",
    )
    orders = fields.Integer(string="Stays", readonly=True)

    _member = models.Index("(member_id)")
    _store_day = models.Index("(store_id, local_day) INCLUDE (member_id)")
    _cohort = models.Index(
        "(company_id, first_month, months_later) INCLUDE (member_id, first_store_id)"
    )

    def init(self):
        """A database from before these figures counts everything anew, once."""
        if not table_exists(self.env.cr, self._table):
            # Another addon was updated, this one not yet.
            return
        self.env.cr.execute(
            SQL(
                """DELETE FROM ir_config_parameter WHERE key = %s
                      AND NOT EXISTS (SELECT FROM teahouse_insight_visit)""",
                MARK,
            )
        )

    @api.model
    def _recount(self):
        """Write the days of the members that `_refresh` has touched anew."""
        self.env.cr.execute("""
            DELETE FROM teahouse_insight_visit
             WHERE member_id IN (SELECT member_id FROM teahouse_touched)
        """)
        self.env.cr.execute("""
            WITH day AS (
                SELECT member_id, company_id, store_id, local_day,
                       sum(orders) AS orders
                  FROM teahouse_insight_fact
                 WHERE member_id IN (SELECT member_id FROM teahouse_touched)
                   AND orders > 0
                 GROUP BY 1, 2, 3, 4
            ), placed AS (
                SELECT day.*, first_value(store_id) OVER earliest AS first_store_id,
                       date_trunc('month', first_value(local_day) OVER earliest)::date
                           AS first_month
                  FROM day
                WINDOW earliest AS (PARTITION BY member_id, company_id
                                        ORDER BY local_day, store_id)
            )
            INSERT INTO teahouse_insight_visit (member_id, company_id, store_id,
                   first_store_id, local_day, first_month, months_later, orders)
            SELECT member_id, company_id, store_id, first_store_id, local_day,
                   first_month,
                   12 * (extract(year FROM local_day) - extract(year FROM first_month))
                   + extract(month FROM local_day) - extract(month FROM first_month),
                   orders
              FROM placed
        """)
        self.invalidate_model()
