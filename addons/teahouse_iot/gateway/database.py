"""The gateway's connection to PostgreSQL: statements, notifications, leadership."""

import contextlib
import io
import logging

import psycopg2
from psycopg2 import extensions, extras

_logger = logging.getLogger(__name__)

CHANNEL = "teahouse_command"
EFFECTS_CHANNEL = "teahouse_effects"
#: Advisory locks: the one active gateway of a share, the one that draws effects.
LEADER_LOCK = 0x7EA0_0001
EFFECTS_LOCK = 0x7EA0_0002
SESSION = """
SET jit = off;
SET plan_cache_mode = force_generic_plan;
SET statement_timeout = '20s';
SET idle_in_transaction_session_timeout = '20s';
SET tcp_keepalives_idle = 2;
SET tcp_keepalives_interval = 1;
SET tcp_keepalives_count = 3;
"""

DatabaseError = psycopg2.Error
#: The connection is gone, as opposed to: the statement was wrong.
ConnectionLost = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Database:
    """One connection; lost once, it is never used again.

    Outside :meth:`transaction` every statement commits by itself, in one round trip.

    :param dict parameters: what :func:`psycopg2.connect` takes
    :raise psycopg2.OperationalError: nobody answers
    """

    def __init__(self, parameters, application_name="teahouse_gateway"):
        self._connection = psycopg2.connect(
            **{
                "connect_timeout": 3,
                "keepalives_idle": 2,
                "keepalives_interval": 1,
                "keepalives_count": 3,
                "tcp_user_timeout": 5000,
                **parameters,
                "application_name": application_name,
            }
        )
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        self._cursor.execute(SESSION)
        self._prepared = set()

    def fileno(self):
        """Return the socket's descriptor."""
        return self._connection.fileno()

    def close(self):
        """Close, and with it give up leadership."""
        with contextlib.suppress(psycopg2.Error):
            self._connection.close()

    # Statements

    def query(self, sql, parameters=None):
        """Run a statement and return its rows (``[]`` when it has none)."""
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description else []

    def prepared(self, name, sql, *parameters):
        """Run a statement that is planned once per connection.

        :param str sql: with ``$1``, ``$2`` …
        """
        if name not in self._prepared:
            self._cursor.execute(f"PREPARE {name} AS {sql}")
            self._prepared.add(name)
        marks = ", ".join(["%s"] * len(parameters))
        call = f"({marks})" if parameters else ""
        return self.query(f"EXECUTE {name}{call}", parameters)

    def values(self, sql, rows):
        """Run one statement over many rows (``VALUES %s``); return its rows."""
        fetch = "RETURNING" in sql
        return extras.execute_values(
            self._cursor, sql, rows, page_size=max(1, len(rows)), fetch=fetch
        )

    def copy(self, table, columns, lines):
        """Append rows by COPY.

        :param lines: rows in COPY's text format
        """
        names = ", ".join(columns)
        text = io.StringIO("".join(f"{line}\n" for line in lines))
        self._cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", text)

    @contextlib.contextmanager
    def transaction(self, durable=True):
        """Commit what happens inside together, or nothing of it.

        :param bool durable: False lets a crash of the server lose the last moment
        """
        self._cursor.execute("BEGIN")
        try:
            if not durable:
                self._cursor.execute("SET LOCAL synchronous_commit = off")
            yield
            self._cursor.execute("COMMIT")
        except BaseException:
            if not self._connection.closed:
                with contextlib.suppress(psycopg2.Error):
                    self._cursor.execute("ROLLBACK")
            raise

    # Notifications

    def listen(self, channel):
        """Wake up when somebody notifies a channel."""
        self._cursor.execute(f"LISTEN {extensions.quote_ident(channel, self._cursor)}")

    def notify_effects(self):
        """Tell the effects process, with the present transaction's COMMIT."""
        self._cursor.execute(f"NOTIFY {EFFECTS_CHANNEL}")

    def notified(self, poll=True):
        """Return the channels on which notifications have come in.

        :param bool poll: read the socket; without, only look at what statements
            have brought along
        """
        if poll:
            self._connection.poll()
        if not self._connection.notifies:
            return ()
        found = {notify.channel for notify in self._connection.notifies}
        self._connection.notifies.clear()
        return found

    # Leadership

    def lead(self, index=0):
        """Try to become the active gateway of a share, while this connection lives."""
        return self.lock(LEADER_LOCK, index)

    def lock(self, first, second=0):
        """Try to hold an advisory lock for the life of this connection."""
        sql = "SELECT pg_try_advisory_lock(%s, %s)"
        return self.query(sql, (first, second))[0][0]
