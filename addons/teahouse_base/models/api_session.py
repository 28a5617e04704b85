import collections
import hashlib

from odoo import api, models
from odoo.tools import SQL

#: What one look at the token yields: enough to serve the request.
Identity = collections.namedtuple(
    "Identity", "session_id member_id user_id lang company_id stale"
)


class TeahouseSession(models.Model):
    _inherit = "teahouse.session"

    @api.model
    def _identify(self, token):
        """Return the Identity behind a bearer token, None if it opens nothing.

        One statement: expired and revoked sessions, blocked members and archived
        users are no better than a wrong token. The database's clock counts.

        :param str token: as the client sent it
        """
        self.env["teahouse.session"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
            SELECT s.id, s.member_id, s.user_id, p.lang, u.company_id,
                   s.last_seen_at < (now() AT TIME ZONE 'UTC') - interval '10 minutes'
              FROM teahouse_session s
              JOIN teahouse_member m ON m.id = s.member_id
              JOIN res_users u ON u.id = s.user_id AND u.id = m.user_id
              JOIN res_partner p ON p.id = u.partner_id
             WHERE s.token_hash = %s
               AND s.revoked_at IS NULL
               AND s.scope = 'member'
               AND s.expires_at > now() AT TIME ZONE 'UTC'
               AND s.absolute_expires_at > now() AT TIME ZONE 'UTC'
               AND m.active AND m.state <> 'blocked'
               AND u.active
            """,
                hashlib.sha256(token.encode()).hexdigest(),
            )
        )
        return Identity(*rows[0]) if rows else None
