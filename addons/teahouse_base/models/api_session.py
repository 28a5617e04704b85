import collections
import hashlib

from odoo import api, fields, models
from odoo.tools import SQL

from ..api import page
from ..api.schema import MAX_LIMIT
from ..exceptions import TeahouseError
from .teahouse_session import RENEW_AFTER

#: What one look at the token yields: enough to serve the request.
Identity = collections.namedtuple("Identity", "session_id member_id user_id lang stale")


class TeahouseSession(models.Model):
    _inherit = "teahouse.session"

    @api.model
    def _identify(self, token):
        """Return the Identity behind a bearer token, None if it opens nothing.

        One statement: expired and revoked sessions, closed members and archived
        users are no better than a wrong token.

        :param str token: as the client sent it
        """
        now = fields.Datetime.now()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
            SELECT s.id, s.member_id, s.user_id, p.lang,
                   s.last_seen_at < %(stale)s
              FROM teahouse_session s
              JOIN teahouse_member m ON m.id = s.member_id
              JOIN res_users u ON u.id = s.user_id AND u.id = m.user_id
              JOIN res_partner p ON p.id = u.partner_id
             WHERE s.token_hash = %(hash)s
               AND s.revoked_at IS NULL
               AND s.scope = 'member'
               AND s.expires_at > %(now)s
               AND s.absolute_expires_at > %(now)s
               AND m.active
               AND u.active
            """,
                hash=hashlib.sha256(token.encode()).hexdigest(),
                now=now,
                stale=now - RENEW_AFTER,
            )
        )
        return Identity(*rows[0]) if rows else None

    # Values for the API

    @api.model
    def _api_create(self, body, user_agent=None, ip=None):
        """Log a member in.

        :param body: the grant, see ``SessionCreate``
        :raise TeahouseError: unauthenticated, rate_limited
        """
        member_sudo, is_new = getattr(self, f"_grant_{body.grant}")(body, ip)
        session_sudo, token = self._open(member_sudo, user_agent, ip)
        return {
            "token": token,
            "expires_at": member_sudo._iso(session_sudo.expires_at),
            "member": member_sudo._api_values(),
            "is_new": is_new,
        }

    # Each grant returns the member (sudo) and whether it is new.

    @api.model
    def _grant_sms(self, body, ip):
        return self.env["teahouse.member"]._login_sms(
            body.phone, body.code, body.consent_version
        )

    @api.model
    def _grant_password(self, body, ip):
        members = self.env["teahouse.member"]
        return members._login_password(body.phone, body.password, ip), False

    @api.model
    def _grant_refused(self):
        message = self.env._("This way to log in is not set up here.")
        errors = [{"field": "grant", "message": message}]
        return TeahouseError("invalid_request", message, errors)

    @api.model
    def _api_renew(self, identity):
        """Move the end of the session of a request."""
        session_sudo = self.sudo().browse(identity.session_id)
        end = session_sudo._renew(force=True)
        return {"expires_at": session_sudo.member_id._iso(end)}

    @api.model
    def _api_list(self, identity):
        """Return the live sessions of the member of a request."""
        sessions_sudo = self.sudo().search(
            [
                ("member_id", "=", identity.member_id),
                ("revoked_at", "=", False),
                ("expires_at", ">", fields.Datetime.now()),
            ],
            limit=MAX_LIMIT,
        )
        current = self.sudo().browse(identity.session_id)
        return page([session._api_values(current) for session in sessions_sudo])

    @api.model
    def _api_delete(self, identity, session_id):
        """End a session of the member of a request.

        :raise TeahouseError: not_found, also for a session of somebody else
        """
        session_sudo = self.sudo().search(
            [
                ("id", "=", session_id),
                ("member_id", "=", identity.member_id),
                ("revoked_at", "=", False),
            ]
        )
        if not session_sudo:
            raise TeahouseError("not_found", self.env._("There is no such session."))
        session_sudo._revoke()

    @api.model
    def _api_delete_all(self, identity):
        """End all sessions of the member of a request, this one too."""
        member_sudo = self.env["teahouse.member"].sudo().browse(identity.member_id)
        member_sudo._revoke_sessions()
        self.env["teahouse.audit"]._log("member.logout_everywhere", member_sudo)
