import hashlib
import re
import threading
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.field_encrypted.keyring import keyring

# A request that counts holds a second connection for a moment: at most so many of a
# process, or many logins at once would use up its pool.
MOST_CURSORS = 8
_cursors = threading.BoundedSemaphore(MOST_CURSORS)
_LIMIT = re.compile(r"(\d+)\s*:\s*(\d+)")


class TeahouseThrottle(models.Model):
    """Counts attempts in sliding windows, on the database for all workers.

    Each hit is written by a transaction of its own, so that it survives a request
    that is refused and rolled back. Keys are stored as keyed hashes: a phone
    number is not readable here.
    """

    _name = "teahouse.throttle"
    _description = "Counted attempt"
    _log_access = False

    kind = fields.Char(required=True)
    key_hash = fields.Char(required=True)
    at = fields.Datetime(required=True)

    _key = models.Index("(kind, key_hash, at)")
    _age = models.Index("(at)")

    @api.model
    def _limits(self, parameter, default):
        """Return limits as a system parameter has them.

        :param str parameter: its value reads ``60:1,3600:5``, seconds and most
            attempts within
        :param default: (seconds, most) pairs for a missing or malformed value
        """
        text = self.env["ir.config_parameter"].sudo().get_param(parameter)
        pairs = _LIMIT.findall(text or "")
        return tuple((int(s), int(n)) for s, n in pairs) or default

    @api.model
    def _hit(self, kind, key, limits):
        """Count an attempt, unless a limit is reached.

        :param str kind: what is counted
        :param str key: for whom, such as a phone number
        :param limits: (seconds, most attempts within) pairs
        :return: 0, or the seconds to wait when the attempt was refused
        """
        key_hash = self._key_hash(kind, key)
        with self._serialised(f"{kind}:{key_hash}") as cr:
            now = fields.Datetime.now()
            cr.execute(
                """SELECT at FROM teahouse_throttle
                    WHERE kind = %s AND key_hash = %s AND at > %s ORDER BY at DESC""",
                (kind, key_hash, now - timedelta(seconds=max(s for s, _n in limits))),
            )
            hits = [at for (at,) in cr.fetchall()]
            wait = max(self._wait(hits, now, *limit) for limit in limits)
            if not wait:
                cr.execute(
                    "INSERT INTO teahouse_throttle (kind, key_hash, at)"
                    " VALUES (%s, %s, %s)",
                    (kind, key_hash, now),
                )
            return wait

    @api.model
    def _blocked(self, kind, key, limits):
        """Return the seconds to wait before a next attempt, without counting one."""
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """SELECT at FROM teahouse_throttle
                    WHERE kind = %s AND key_hash = %s AND at > %s ORDER BY at DESC""",
                kind,
                self._key_hash(kind, key),
                now - timedelta(seconds=max(s for s, _n in limits)),
            )
        )
        return max(self._wait([at for (at,) in rows], now, *limit) for limit in limits)

    @staticmethod
    def _wait(hits, now, seconds, most):
        """Return the seconds until one more of the hits (newest first) fits."""
        if len(hits) < most:
            return 0
        if not most:
            return seconds
        end = hits[most - 1] + timedelta(seconds=seconds)
        return max(0, int((end - now).total_seconds()) or 1) if end > now else 0

    @api.model
    def _key_hash(self, kind, key):
        return keyring().mac(f"throttle {kind}", str(key).encode()).hex()

    @contextmanager
    def _serialised(self, name):
        """Open a transaction of its own in which one caller at a time counts a key.

        The lock belongs to the connection, not to a transaction: the count must
        begin with a snapshot that is younger than the lock.
        """
        digest = hashlib.sha256(name.encode()).digest()
        lock = int.from_bytes(digest[:8], "big", signed=True)
        with _cursors, self.env.registry.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", (lock,))
            try:
                cr.commit()  # pylint: disable=invalid-commit
                yield cr
                cr.commit()  # pylint: disable=invalid-commit
            except BaseException:
                cr.rollback()
                raise
            finally:
                cr.execute("SELECT pg_advisory_unlock(%s)", (lock,))

    @api.autovacuum
    def _gc_old(self):
        self.env.cr.execute(
            "DELETE FROM teahouse_throttle WHERE at < %s",
            (fields.Datetime.now() - timedelta(days=2),),
        )
