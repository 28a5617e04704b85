from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 500


class LoyaltyCard(models.Model):
    """Points lapse after some months, the oldest first."""

    _inherit = "loyalty.card"

    @api.model
    def _points_to_expire(self, before, limit=BATCH):
        """Return (card id, points) of points given before an instant and not used.

        What was used since then came out of the oldest points.

        :param before: naive UTC
        """
        program = self.env.ref("teahouse_marketing.loyalty_program_points")
        self.env["loyalty.history"].flush_model()
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT c.id, least(c.points, h.old - h.used)::int
                     FROM loyalty_card c
                     JOIN (SELECT card_id,
                                  sum(issued) FILTER (WHERE create_date < %(before)s)
                                    AS old,
                                  sum(used) AS used
                             FROM loyalty_history GROUP BY card_id) h
                       ON h.card_id = c.id
                    WHERE c.program_id = %(program)s AND c.points >= 1
                      AND h.old - h.used >= 1
                    ORDER BY c.id LIMIT %(limit)s""",
                before=before,
                program=program.id,
                limit=limit,
            )
        )

    @api.model
    def _cron_expire_points(self):
        """Take what is too old off the cards."""
        months = self.env.company.teahouse_points_months
        if not months:
            return
        before = fields.Datetime.now() - relativedelta(months=months)
        while rows := self._points_to_expire(before):
            for card_id, points in rows:
                card = self.browse(card_id)
                words = self.env._("Points expired")
                card._teahouse_move(-points, words, card, "expired")
            if not self.env["ir.cron"]._commit_progress(len(rows), remaining=1):
                return
