from psycopg2.errors import OperationalError
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

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

    They are written by a transaction of their own, at once, so that a request that
    is refused and rolled back counts as well. Looks are counted in memory.
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
        if kind == "read":
            over = [key for key, limit in limits.items() if reads.hit(key) > limit]
        else:
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
        """Count in a transaction of its own; return the keys over their limit.

        :param dict limits: {key: limit}
        :param stale: Identity whose session's end is to be moved, or None
        """
        if not limits and not stale:
            return []
        minute, _left = window_now()
        over = []
        with self.env.registry.cursor() as cr:
            if not modules.module.current_test:
                # The next request waits for this row and then counts on; it is no
                # conflict to be replayed.
                cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            if limits:
                # In the order of the keys: two requests never wait for each other.
                rows = SQL(", ").join(
                    SQL("(%s, %s, 1)", key, minute) for key in sorted(limits)
                )
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
                        rows,
                    )
                )
                over = [key for key, hits in cr.fetchall() if hits > limits[key]]
            if stale:
                self._keep_alive(cr, stale)
        return over

    def _keep_alive(self, cr, stale):
        try:
            with cr.savepoint():
                sessions = self.env(cr=cr)["teahouse.session"]
                sessions.browse(stale.session_id)._renew()
        except OperationalError:
            # Another request of the same member moves it right now.
            return

    @api.autovacuum
    def _gc_counters(self):
        minute, _left = window_now()
        self.env.cr.execute(
            "DELETE FROM teahouse_api_limit WHERE minute < %s", (minute - 60,)
        )
