from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    max_open_holds = fields.Integer(
        string="Unpaid holds",
        default=5,
        help="How many slots a member may keep unpaid at once; 0 for any number.",
    )

    _holds_positive = models.Constraint(
        "CHECK(max_open_holds >= 0)", "The number of holds cannot be negative."
    )


class TeahouseBooking(models.Model):
    """Nobody keeps rooms from others by holds that are never paid."""

    _inherit = "teahouse.booking"

    @api.model
    def _check_open_holds(self, member, store):
        """Refuse a member who keeps too much unpaid already.

        Requests of one member at the very same moment may each see one hold less.

        :param member: empty for a customer without an account
        :raise TeahouseError: payment_due
        """
        limit = store.sudo().max_open_holds
        if not member or not limit:
            return
        self.flush_model()
        kept = self.env.execute_query(
            SQL(
                """SELECT count(*) FROM teahouse_booking
                    WHERE member_id = %s AND state = 'hold'
                      AND hold_expires_at > %s AND shadow_of_id IS NULL""",
                member.id,
                fields.Datetime.now(),
            )
        )[0][0]
        if kept >= limit:
            raise TeahouseError(
                "payment_due",
                self.env._("Please pay or cancel what you keep already."),
            )
