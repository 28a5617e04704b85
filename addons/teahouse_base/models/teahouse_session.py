import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

SLIDING = timedelta(days=30)
ABSOLUTE = timedelta(days=180)
# A look moves the end of a session at most this often, to spare writes.
RENEW_AFTER = timedelta(hours=1)
TOKEN_BYTES = 32
KEEP_REVOKED = timedelta(days=30)


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


class TeahouseSession(models.Model):
    """A device that a member is logged in on.

    The token is known to the device only: the database keeps its SHA-256.
    """

    _name = "teahouse.session"
    _description = "Session of a member"
    _order = "last_seen_at desc, id desc"
    _rec_name = "user_agent"

    token_hash = fields.Char(required=True, groups=NO_ACCESS, copy=False)
    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", index=True
    )
    scope = fields.Char(required=True, default="member")
    expires_at = fields.Datetime(required=True)
    absolute_expires_at = fields.Datetime(required=True)
    last_seen_at = fields.Datetime(required=True)
    revoked_at = fields.Datetime()
    user_agent = fields.Char()
    ip = fields.Char(string="Address")

    _token_unique = models.Constraint("UNIQUE(token_hash)", "A token is unique.")

    @api.model
    def _open(self, member, user_agent=None, ip=None, scope="member"):
        """Open a session of a member.

        :return: the session (sudo) and its token, which is not stored
        :rtype: tuple
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = fields.Datetime.now()
        session_sudo = self.sudo().create(
            {
                "token_hash": _hash(token),
                "member_id": member.id,
                "user_id": member.user_id.id,
                "scope": scope,
                "expires_at": now + SLIDING,
                "absolute_expires_at": now + ABSOLUTE,
                "last_seen_at": now,
                "user_agent": (user_agent or "")[:200],
                "ip": ip,
            }
        )
        self.env["teahouse.audit"]._log("member.login", member, {"scope": scope})
        return session_sudo, token

    @api.model
    def _resolve(self, token, scope="member"):
        """Return the live session (sudo) of a token, or an empty recordset.

        Expired and revoked sessions, other scopes, archived users and members are
        all the same nothing.
        """
        if not token:
            return self.sudo().browse()
        session_sudo = self.sudo().search(
            [
                ("token_hash", "=", _hash(token)),
                ("scope", "=", scope),
                ("revoked_at", "=", False),
                ("expires_at", ">", fields.Datetime.now()),
                ("user_id.active", "=", True),
                ("member_id.active", "=", True),
            ],
            limit=1,
        )
        return session_sudo

    def _renew(self, force=False):
        """Move the end of the session 30 days from now, at most to its absolute end.

        Does nothing within an hour of the last time, except with ``force``. The
        statement skips a row that another request is moving.

        :return: the end (naive UTC)
        """
        self.ensure_one()
        session_sudo = self.sudo()
        now = fields.Datetime.now()
        if not force and now < session_sudo.last_seen_at + RENEW_AFTER:
            return session_sudo.expires_at
        end = min(now + SLIDING, session_sudo.absolute_expires_at)
        self.env.execute_query(
            SQL(
                """UPDATE teahouse_session SET last_seen_at = %s, expires_at = %s
                    WHERE id IN (SELECT id FROM teahouse_session
                                  WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)
                RETURNING id""",
                now,
                end,
                self.id,
            )
        )
        session_sudo.invalidate_recordset(["last_seen_at", "expires_at"])
        return session_sudo.expires_at

    def _revoke(self):
        """End these sessions at once."""
        live_sudo = self.sudo().filtered(lambda session: not session.revoked_at)
        live_sudo.write({"revoked_at": fields.Datetime.now()})

    def action_revoke(self):
        """Log the devices out (back office)."""
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_owner"):
            raise AccessError(self.env._("Only an owner logs members out."))
        self.check_access("read")
        for member in self.member_id:
            self.env["teahouse.audit"]._log("session.revoke", member)
        self._revoke()

    def _api_values(self, current=None):
        """Return the session for its member's list of devices."""
        self.ensure_one()
        session_sudo = self.sudo()
        iso = self.env["teahouse.member"]._iso
        return {
            "id": session_sudo.id,
            "user_agent": session_sudo.user_agent or "",
            "ip": session_sudo.ip or "",
            "created_at": iso(session_sudo.create_date),
            "last_seen_at": iso(session_sudo.last_seen_at),
            "expires_at": iso(session_sudo.expires_at),
            "current": session_sudo == current,
        }

    @api.autovacuum
    def _gc_ended(self):
        limit = fields.Datetime.now() - KEEP_REVOKED
        self.sudo().search(
            ["|", ("expires_at", "<", limit), ("revoked_at", "<", limit)], limit=1000
        ).unlink()
