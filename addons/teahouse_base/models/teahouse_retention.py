"""What is kept for how long: each night the jobs here forget what is older."""

import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ..exceptions import TeahouseError

_logger = logging.getLogger(__name__)

MEMBERS_A_NIGHT = 200
UNUSED_UPLOAD = timedelta(days=7)


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    last_seen_at = fields.Datetime(
        string="Last seen",
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="Filled when the last session goes; sessions know the newer ones.",
    )

    @api.autovacuum
    def _gc_not_seen(self):
        """Erase members who were not seen for longer than the setting says (months).

        Zero, the default, keeps them all. Who has something open stays.
        """
        params = self.env["ir.config_parameter"].sudo()
        months = int(params.get_param("teahouse_base.member_keep_months", 0))
        if months <= 0:
            return
        limit = fields.Datetime.now() - relativedelta(months=months)
        for member_sudo in self._not_seen_since(limit):
            try:
                with self.env.cr.savepoint():
                    member_sudo._erase()
            except TeahouseError:
                # A debt, a balance, a stay: it is looked at again tomorrow.
                _logger.info("Member %s is not erased yet.", member_sudo.id)

    @api.model
    def _not_seen_since(self, limit):
        """Return the members (sudo) whom nobody saw since an instant (naive UTC).

        Upper addons take out whom they have seen.
        """
        return (
            self.with_user(SUPERUSER_ID)
            .sudo()
            .search(
                [
                    ("create_date", "<", limit),
                    "|",
                    ("last_seen_at", "=", False),
                    ("last_seen_at", "<", limit),
                    ("session_ids", "not any", [("last_seen_at", ">=", limit)]),
                ],
                limit=MEMBERS_A_NIGHT,
            )
        )


class TeahouseSession(models.Model):
    _inherit = "teahouse.session"

    def unlink(self):
        """Override: the member keeps the day on which he was seen last."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                """UPDATE teahouse_member m SET last_seen_at = s.seen
                     FROM (SELECT member_id, max(last_seen_at) AS seen
                             FROM teahouse_session WHERE id IN %s
                            GROUP BY member_id) AS s
                    WHERE m.id = s.member_id
                      AND (m.last_seen_at IS NULL OR m.last_seen_at < s.seen)""",
                tuple(self.ids) or (0,),
            )
        )
        self.env["teahouse.member"].invalidate_model(["last_seen_at"])
        return super().unlink()


class TeahouseUpload(models.Model):
    _inherit = "teahouse.upload"

    @api.autovacuum
    def _gc_unused(self):
        """Remove images that were uploaded and then used for nothing."""
        limit = fields.Datetime.now() - UNUSED_UPLOAD
        old_sudo = self.sudo().search([("create_date", "<", limit)], limit=1000)
        (old_sudo - old_sudo._in_use()).unlink()

    def _in_use(self):
        """Return those that something shows. Upper addons add theirs."""
        return self.browse()
