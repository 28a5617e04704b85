from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

RFM = [
    ("best", "Best guests"),
    ("regular", "Regulars"),
    ("new", "New guests"),
    ("promising", "Could come more often"),
    ("at_risk", "Good guests who stay away"),
    ("asleep", "Asleep"),
]
#: Who was not seen for so many days is not recent, however empty the rooms are.
AWAY_DAYS = 90


class TeahouseInsightMember(models.Model):
    """How recently, how often and for how much: five steps each, among all guests."""

    _inherit = "teahouse.insight.member"

    rfm = fields.Selection(RFM, string="Kind of guest", readonly=True)
    recency = fields.Integer(
        readonly=True,
        aggregator=None,
        help="5: the fifth of guests seen last. Below 3 after 90 days away only.",
    )
    frequency = fields.Integer(
        readonly=True, aggregator=None, help="5: the fifth with most stays."
    )
    worth = fields.Integer(
        readonly=True, aggregator=None, help="5: the fifth that spent most."
    )
    stay_value = fields.Monetary(
        string="Average per stay",
        readonly=True,
        compute="_compute_stay_value",
    )

    @api.depends("orders", "revenue")
    def _compute_stay_value(self):
        for figures in self:
            figures.stay_value = figures.orders and figures.revenue / figures.orders

    @api.model
    def _rate(self):
        """Sort all guests anew; writes only those who changed."""
        self.flush_model()
        # Equals share a step: recency takes the upper one, the others the lower.
        self.env.cr.execute(
            SQL(
                """
                WITH place AS (
                    SELECT id, orders, last_day,
                           ceil(5 * cume_dist() OVER (
                                PARTITION BY company_id ORDER BY last_day))::int AS r,
                           least(5, 1 + floor(5 * percent_rank() OVER (
                                PARTITION BY company_id ORDER BY orders)))::int AS f,
                           least(5, 1 + floor(5 * percent_rank() OVER (
                                PARTITION BY company_id ORDER BY revenue)))::int AS m
                      FROM teahouse_insight_member WHERE orders > 0
                ), step AS (
                    SELECT id, orders, f, m, (f + m) / 2.0 AS fm,
                           CASE WHEN last_day < %(away)s THEN least(r, 2)
                                ELSE greatest(r, 3) END AS r
                      FROM place
                ), rated AS (
                    SELECT id, r, f, m,
                           CASE WHEN r > 2 AND orders = 1 THEN 'new'
                                WHEN r > 2 AND fm >= 4 THEN 'best'
                                WHEN r > 2 AND fm >= 2.5 THEN 'regular'
                                WHEN r > 2 THEN 'promising'
                                WHEN orders > 1 AND fm >= 3 THEN 'at_risk'
                                ELSE 'asleep' END AS rfm
                      FROM step
                )
                UPDATE teahouse_insight_member figures
                   SET rfm = rated.rfm, recency = r, frequency = f, worth = m
                  FROM rated
                 WHERE rated.id = figures.id
                   AND (figures.rfm, recency, frequency, worth)
                       IS DISTINCT FROM (rated.rfm, r, f, m)
                """,
                away=fields.Date.today() - timedelta(AWAY_DAYS),
            )
        )
        self.invalidate_model()

    @api.model
    def action_make_segment(self, rfm):
        """Open the segment of a kind of guests; it is made where it is missing.

        :param str rfm: a key of ``RFM``
        :raise AccessError: the user may not make segments
        """
        segments = self.env["teahouse.segment"]
        found = segments.search(
            [("rfm", "=", rfm), ("company_id", "=", self.env.company.id)], limit=1
        )
        if not found:
            names = dict(self._fields["rfm"]._description_selection(self.env))
            found = segments.create({"name": names[rfm], "rfm": rfm})
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.segment",
            "res_id": found.id,
            "views": [[False, "form"]],
        }


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    rfm = fields.Selection(
        RFM,
        string="Kind of guest",
        compute="_compute_rfm",
        search="_search_rfm",
        groups="teahouse_base.teahouse_base_group_staff",
        help="By how recently, how often and for how much the member came to the"
        " company that is worked for.",
    )

    @api.depends_context("company")
    def _compute_rfm(self):
        figures_sudo = (
            self.env["teahouse.insight.member"]
            .sudo()
            .search(
                [
                    ("member_id", "in", self.ids),
                    ("company_id", "=", self.env.company.id),
                ]
            )
        )
        found = {one.member_id.id: one.rfm for one in figures_sudo}
        for member in self:
            member.rfm = found.get(member.id, False)

    @api.model
    def _search_rfm(self, operator, value):
        if operator != "in":
            return NotImplemented
        known = [one for one in value if one]
        figures_sudo = self.env["teahouse.insight.member"].sudo()
        company = Domain("company_id", "=", self.env.company.id)
        rated = figures_sudo._search(company & Domain("rfm", "in", known))
        domain = Domain("id", "in", rated.subselect("member_id"))
        if False in value:
            any_kind = figures_sudo._search(company & Domain("rfm", "!=", False))
            domain |= Domain("id", "not in", any_kind.subselect("member_id"))
        return domain


class TeahouseSegment(models.Model):
    _inherit = "teahouse.segment"

    rfm = fields.Selection(
        RFM,
        string="Kind of guest",
        help="By how recently, how often and for how much they came.",
    )

    @api.depends("rfm")
    def _compute_size(self):
        return super()._compute_size()

    def _member_domain(self):
        """Override: of a kind of guests only."""
        domain = super()._member_domain()
        if not self.rfm:
            return domain
        return list(Domain.AND([domain, Domain("rfm", "=", self.rfm)]))
