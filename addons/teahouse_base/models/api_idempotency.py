import hashlib
import re
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from odoo.addons.field_encrypted.keyring import keyring

from ..api.strictjson import canonical
from ..exceptions import TeahouseError

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,64}")
_TRIES = 5


class Unkept:
    """The request has no key: there is no first answer, and none is kept."""

    answered = False

    def keep(self, status, body):
        """Keep nothing."""


class Claim:
    """The request is the first with its key: its answer is to be kept."""

    answered = False

    def __init__(self, record, context):
        self._record = record
        self._context = context

    def keep(self, status, body):
        """Keep the answer, in the transaction of what it tells about."""
        self._record._keep(status, keyring().encrypt(body, self._context))


class Answer:
    """The first answer, given before."""

    answered = True

    def __init__(self, status, body):
        self.status = status
        self.body = body


class TeahouseApiIdempotency(models.Model):
    """First answers by idempotency key, for 24 hours.

    The row is written before the effect and in its transaction: a second request
    with the key waits for the first to end. If the first is rolled back, so is the
    row, and the second is executed. A route that commits on its way (because it then
    waits for somebody outside) leaves a row without an answer until it is through: it
    is executed again for the same key, and has to find what it began.
    """

    _name = "teahouse.api.idempotency"
    _description = "First answer to an idempotency key"
    _log_access = False

    scope = fields.Char(required=True, groups=NO_ACCESS)
    key = fields.Char(required=True, groups=NO_ACCESS)
    fingerprint = fields.Char(required=True, groups=NO_ACCESS)
    status = fields.Integer()
    answer = fields.Text(groups=NO_ACCESS)
    created_at = fields.Datetime(required=True, index=True)

    _scope_key_unique = models.Constraint(
        "UNIQUE(scope, key)", "A key has one first answer."
    )

    @api.model
    def _claim(self, declaration, request, value):
        """Claim the request's idempotency key.

        :param value: the parsed body
        :return: Unkept (no key), Claim (execute, then keep) or Answer (give it)
        :raise TeahouseError: invalid_request for a missing or malformed key,
            idempotency_mismatch for a key of another request
        """
        given = self._given(declaration, request, value)
        if not given:
            return Unkept()
        scope, key, fingerprint = given
        record_sudo, created = self._insert(scope, key, fingerprint)
        if created:
            return Claim(record_sudo, self._context(scope, key))
        return self._first_answer(record_sudo, fingerprint)

    @api.model
    def _look(self, declaration, request, value):
        """Look whether the request's key was answered, without claiming it.

        :param value: the parsed body
        :return: Unkept (not answered so far) or Answer (give it)
        :raise TeahouseError: as ``_claim``
        """
        given = self._given(declaration, request, value)
        if not given:
            return Unkept()
        scope, key, fingerprint = given
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM teahouse_api_idempotency
                    WHERE scope = %s AND key = %s AND created_at >= %s
                      AND status > 0""",
                scope,
                key,
                fields.Datetime.now() - KEPT,
            )
        )
        if not rows:
            return Unkept()
        return self._first_answer(self.sudo().browse(rows[0]), fingerprint)

    def _keep(self, status, answer):
        """Keep the (encrypted) answer of a claim.

        By a statement, as it is written: it is the last thing in most requests that
        change anything, and nothing else looks at these rows.
        """
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                "UPDATE teahouse_api_idempotency SET status = %s, answer = %s"
                " WHERE id = %s",
                status,
                answer,
                self.id,
            )
        )
        self.invalidate_recordset(flush=False)

    @api.model
    def _given(self, declaration, request, value):
        """Return (scope, key, fingerprint) of a request, None without a key."""
        key = request.httprequest.headers.get("Idempotency-Key")
        if not declaration.idempotency or (
            key is None and declaration.idempotency == "optional"
        ):
            return None
        self._check_key(key)
        target = f"{declaration.method} {request.httprequest.path}\n".encode()
        fingerprint = hashlib.sha256(target + canonical(value)).hexdigest()
        return self._scope(request), key, fingerprint

    @api.model
    def _context(self, scope, key):
        """Return what binds an encrypted answer to its key."""
        return f"idempotency|{scope}|{key}"

    @api.model
    def _first_answer(self, record_sudo, fingerprint):
        if record_sudo.fingerprint != fingerprint:
            raise TeahouseError(
                "idempotency_mismatch",
                self.env._("This idempotency key was used for another request."),
            )
        context = self._context(record_sudo.scope, record_sudo.key)
        if not record_sudo.status:
            # A route that talks to the outside commits before it does: it was cut
            # off there, or is still at it. Such routes go on where they were.
            return Claim(record_sudo, context)
        body = keyring().decrypt(record_sudo.answer, context)
        return Answer(record_sudo.status, body)

    @api.model
    def _check_key(self, key):
        if key is None:
            message = self.env._("This request needs an Idempotency-Key header.")
        elif not _KEY.fullmatch(key):
            message = self.env._("The key has 1 to 64 visible ASCII characters.")
        else:
            return
        errors = [{"field": "Idempotency-Key", "message": message}]
        raise TeahouseError("invalid_request", message, errors)

    @api.model
    def _scope(self, request):
        """Return whose key it is: a member's, or an address's (not readable)."""
        session = request.teahouse_session
        if session:
            return f"member {session.member_id}"
        address = (request.httprequest.remote_addr or "").encode()
        return f"address {keyring().mac('idempotency address', address).hex()[:32]}"

    @api.model
    def _insert(self, scope, key, fingerprint):
        """Return the row (sudo) of a key, and whether this call made it.

        Nothing else was written in the transaction: when another request held the
        key, it is begun again, to see that request's answer.
        """
        now = fields.Datetime.now()
        for left in reversed(range(_TRIES)):
            try:
                self.env.cr.execute(
                    """
                    INSERT INTO teahouse_api_idempotency AS i
                           (scope, key, fingerprint, created_at)
                    VALUES (%s, %s, %s, %s)
                    ON CONFLICT (scope, key) DO UPDATE
                       SET fingerprint = excluded.fingerprint,
                           created_at = excluded.created_at,
                           status = NULL, answer = NULL
                     WHERE i.created_at < %s
                    RETURNING id
                    """,
                    (scope, key, fingerprint, now, now - KEPT),
                    log_exceptions=False,
                )
                row = self.env.cr.fetchone()
                break
            except SerializationFailure:
                if not left:
                    raise
                self.env.cr.rollback()
                self.env.transaction.reset()
        if row:
            return self.sudo().browse(row[0]), True
        return self.sudo().search([("scope", "=", scope), ("key", "=", key)]), False

    @api.autovacuum
    def _gc_old(self):
        self.env.cr.execute(
            "DELETE FROM teahouse_api_idempotency WHERE created_at < %s",
            (fields.Datetime.now() - KEPT,),
        )
