from odoo import api, fields, models
from odoo.tools import SQL

from .teahouse_insight_fact import SUMS


class TeahouseInsightHour(models.Model):
    """Sums of a room by the day and hour of the store's clock."""

    _name = "teahouse.insight.hour"
    _description = "Figures by room and hour"
    _log_access = False
    _order = "local_day desc, local_hour, room_id"
    _rec_name = "local_day"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_id = fields.Many2one("teahouse.store", readonly=True, ondelete="cascade")
    room_id = fields.Many2one("teahouse.room", readonly=True, ondelete="cascade")
    local_day = fields.Date(string="Day", readonly=True)
    local_hour = fields.Integer(string="Hour", readonly=True, aggregator=None)
    orders = fields.Integer(
        readonly=True, help="Stays paid, going on or over, by when they begin."
    )
    stay_minutes = fields.Integer(
        string="Minutes of stays", readonly=True, help="At the hour the stay begins."
    )
    used_minutes = fields.Integer(
        string="Minutes used", readonly=True, help="In the hour they are used."
    )
    cancelled = fields.Integer(string="Cancellations", readonly=True)
    no_shows = fields.Integer(string="No-shows", readonly=True)
    revenue = fields.Monetary(
        readonly=True, help="Charges, tax included, without deposits; less discounts."
    )

    _cell = models.Constraint(
        "UNIQUE(room_id, local_day, local_hour)", "A room's hour is counted once."
    )
    _store_day = models.Index("(store_id, local_day)")

    @api.model
    def _recount(self):
        """Add up the rooms' days that `_refresh` has touched."""
        names = SQL(", ").join(map(SQL.identifier, SUMS))
        sums = SQL(", ").join(SQL("sum(%s)", SQL.identifier(name)) for name in SUMS)
        days = SQL("SELECT DISTINCT room_id, local_day FROM teahouse_touched")
        self.env.cr.execute(
            SQL(
                """DELETE FROM teahouse_insight_hour
                    WHERE (room_id, local_day) IN (%s)""",
                days,
            )
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO teahouse_insight_hour (company_id, store_id, room_id,
                          local_day, local_hour, %s)
                   SELECT company_id, room.store_id, room_id, local_day, local_hour, %s
                     FROM (SELECT fact.* FROM teahouse_insight_fact fact
                            JOIN (%s) touched USING (room_id, local_day)) fact
                     JOIN (SELECT id, store_id FROM teahouse_room) room
                       ON room.id = fact.room_id
                    GROUP BY 1, 2, 3, 4, 5""",
                names,
                sums,
                days,
            )
        )
        self.invalidate_model()


class TeahouseInsightMember(models.Model):
    """What a member has brought so far."""

    _name = "teahouse.insight.member"
    _description = "Figures by member"
    _log_access = False
    _order = "revenue desc"
    _rec_name = "member_id"

    member_id = fields.Many2one("teahouse.member", readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_day = fields.Date(string="First stay", readonly=True)
    last_day = fields.Date(string="Last stay", readonly=True)
    orders = fields.Integer(readonly=True)
    revenue = fields.Monetary(string="Lifetime value", readonly=True)
    usual_store_id = fields.Many2one(
        "teahouse.store", string="Usual store", readonly=True, ondelete="set null"
    )
    usual_days = fields.Selection(
        [("work", "Monday to Friday"), ("weekend", "Saturday and Sunday")],
        string="Usual days",
        readonly=True,
        help="On which most stays begin.",
    )
    usual_time = fields.Selection(
        [
            ("night", "Night, 0 to 6"),
            ("morning", "Morning, 6 to 12"),
            ("afternoon", "Afternoon, 12 to 18"),
            ("evening", "Evening, 18 to 24"),
        ],
        string="Usual time",
        readonly=True,
        help="In which most stays begin.",
    )

    _once = models.Constraint(
        "UNIQUE(member_id, company_id)", "A member is counted once."
    )

    @api.model
    def _recount(self):
        """Add up the members that `_refresh` has touched."""
        self.env.cr.execute("""
            DELETE FROM teahouse_insight_member
             WHERE member_id IN (SELECT member_id FROM teahouse_touched)
        """)
        self.env.cr.execute("""
            INSERT INTO teahouse_insight_member (member_id, company_id, first_day,
                   last_day, orders, revenue, usual_store_id, usual_days, usual_time)
            SELECT member_id, company_id,
                   min(local_day) FILTER (WHERE orders > 0),
                   max(local_day) FILTER (WHERE orders > 0), sum(orders), sum(revenue),
                   mode() WITHIN GROUP (ORDER BY store_id) FILTER (WHERE orders > 0),
                   mode() WITHIN GROUP (ORDER BY
                       CASE WHEN extract(isodow FROM local_day) < 6
                            THEN 'work' ELSE 'weekend' END) FILTER (WHERE orders > 0),
                   mode() WITHIN GROUP (ORDER BY
                       CASE local_hour / 6 WHEN 0 THEN 'night' WHEN 1 THEN 'morning'
                            WHEN 2 THEN 'afternoon' ELSE 'evening' END)
                       FILTER (WHERE orders > 0)
              FROM teahouse_insight_fact
             WHERE member_id IN (SELECT member_id FROM teahouse_touched)
             GROUP BY 1, 2
        """)
        self.invalidate_model()
