from contextlib import contextmanager

from psycopg2.extensions import (
    ISOLATION_LEVEL_READ_COMMITTED,
    ISOLATION_LEVEL_REPEATABLE_READ,
)

from odoo import api, fields, models, modules
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from odoo.addons.field_encrypted.keyring import keyring

from ..api.limits import reads, window_now
from ..exceptions import TeahouseError

# Requests a minute. A carrier puts many phones behind one address.
DEFAULTS = {
    "read_address": 3000,
    "read_member": 600,
    "write_address": 1200,
    "write_member": 240,
    "auth_address": 60,
    "auth_member": 60,
}
PARAMETER = "teahouse_base.api_limit_%s"


class TeahouseApiLimit(models.Model):
    """Counters of requests that change something, one row for each key.

    They are committed before the request is executed, so that one that is refused
    and rolled back counts as well. Looks are counted in memory.
    """

    _name = "teahouse.api.limit"
    _description = "Requests counted by the API"
    _log_access = False

    key = fields.Char(required=True, groups=NO_ACCESS)
    minute = fields.Integer(required=True)
    hits = fields.Integer(required=True)

    _key_unique = models.Constraint("UNIQUE(key)", "A key has one counter.")

    @api.model
    def _admit(self, declaration, request):
        """Count a request against the limits of its route.

        Requests that change something also keep the member's session alive.

        :raise TeahouseError: rate_limited, with the seconds to wait
        """
        kind = declaration.rate
        session = request.teahouse_session
        limits = {}
        if kind:
            address = request.httprequest.remote_addr or ""
            limits = self._limits(kind, address, session and session.member_id)
        if kind == "read" or self.env.cr.readonly:
            over = [key for key, limit in limits.items() if reads.hit(key) > limit]
        elif getattr(request, "teahouse_counted", False):
            # The request is replayed after a conflict.
            over = []
        else:
            request.teahouse_counted = True
            stale = session if session and session.stale else None
            over = self._count(limits, stale)
        if over:
            _minute, left = window_now()
            raise TeahouseError(
                "rate_limited",
                self.env._("Too many requests. Try again in a moment."),
                retry_after=left,
            )

    @api.model
    def _limits(self, kind, address, member_id):
        """Return {key: limit} for a request; a limit of 0 is none."""
        found = {
            self._key("address", kind, address): self._limit(f"{kind}_address"),
        }
        if member_id:
            key = self._key("member", kind, member_id)
            found[key] = self._limit(f"{kind}_member")
        return {key: limit for key, limit in found.items() if limit}

    @api.model
    def _limit(self, name):
        value = self.env["ir.config_parameter"].sudo().get_param(PARAMETER % name)
        try:
            return int(value) if value else DEFAULTS[name]
        except ValueError:
            return DEFAULTS[name]

    @api.model
    def _key(self, scope, kind, value):
        """Return the key of a counter; addresses are not readable in it."""
        name = f"{self.env.cr.dbname} {scope} {kind}"
        return keyring().mac(f"api limit {name}", str(value).encode()).hex()[:32]

    @api.model
    def _count(self, limits, stale=None):
        """Count and commit; return the keys over their limit.

        To be called before anything else is written: the request's transaction
        begins afterwards. (A second connection for the counting would exhaust the
        pool when many requests come at once.)

        :param dict limits: {key: limit}
        :param stale: Identity whose session's end is to be moved, or None
        """
        if not limits and not stale:
            return []
        with self._short_transaction() as cr:
            if stale:
                self.env["teahouse.session"].browse(stale.session_id)._renew()
            if not limits:
                return []
            minute, _left = window_now()
            # In the order of the keys: two requests never wait for each other.
            rows = [SQL("(%s, %s, 1)", key, minute) for key in sorted(limits)]
            cr.execute(
                SQL(
                    """
                SET LOCAL synchronous_commit TO OFF;
                INSERT INTO teahouse_api_limit AS c (key, minute, hits)
                VALUES %s
                ON CONFLICT (key) DO UPDATE
                   SET hits = CASE WHEN c.minute = excluded.minute
                                   THEN c.hits + 1 ELSE 1 END,
                       minute = excluded.minute
                RETURNING key, hits
                """,
                    SQL(", ").join(rows),
                )
            )
            return [key for key, hits in cr.fetchall() if hits > limits[key]]

    @contextmanager
    def _short_transaction(self):
        """Open a transaction before the request's own, and commit it.

        Here the next request waits for a counter and then counts on: it is no
        conflict to be replayed, as it would be on the usual isolation level.
        """
        cr = self.env.cr
        # Ends the transaction in which the token was looked up.
        cr.rollback()
        testing = modules.module.current_test
        if not testing:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        try:
            yield cr
            cr.commit()  # pylint: disable=invalid-commit
        finally:
            if not testing:
                cr.rollback()
                cr.connection.set_isolation_level(ISOLATION_LEVEL_REPEATABLE_READ)

    @api.autovacuum
    def _gc_counters(self):
        minute, _left = window_now()
        self.env.cr.execute(
            "DELETE FROM teahouse_api_limit WHERE minute < %s", (minute - 60,)
        )
