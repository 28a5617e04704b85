"""Claim, resend and close commands: the outbox half of the protocol, in SQL.

All instants are PostgreSQL's, in UTC without zone. A claim is one statement, hence
one transaction: it checks the right again, gives level commands their sequence
number, replaces older wishes by newer ones and says what to publish. Whoever crashes
after it leaves a row that is due again two seconds later under the same id.
"""

from typing import NamedTuple

from ..engine.outbox import GUARD_REASON, GUARD_SQL
from .shard import WHOLE

RESEND_SECONDS = 2
#: An edge command is not sent again when it could arrive after its end.
LAST_SEND_SECONDS = 2
BACKOFF_MAX_SECONDS = 60
#: A device that forgets ids would open again with every resend: one at most.
TRIES_WITHOUT_DEDUP = 2
NOW = "clock_timestamp() AT TIME ZONE 'UTC'"

_REASONS = " ".join(
    f"WHEN '{guard}' THEN '{reason}'" for guard, reason in GUARD_REASON.items()
)
# c is due when it was never sent, or sent without an answer and its pause is over; a
# birth of the device ends the pause of its level commands (next_try_at NULL).
_DUE = f"""
    c.due_at <= n.t AND c.expires_at > n.t
    AND (c.next_try_at <= n.t
         OR c.next_try_at IS NULL AND (c.state = 'queued' OR c.klass = 'level'))
    AND (d.state = 'online' OR c.klass = 'edge' AND c.state = 'queued')
    AND (c.state = 'queued' OR c.klass = 'level'
         OR c.received_at IS NULL AND (c.tries < {TRIES_WITHOUT_DEDUP}
                                       OR COALESCE(d.dedup, TRUE))
            AND c.expires_at >= n.t + interval '{LAST_SEND_SECONDS} seconds')
"""
CLAIM_SQL = f"""
WITH n AS MATERIALIZED (SELECT {NOW} AS t),
due AS MATERIALIZED (
    SELECT c.id
      FROM teahouse_command c
      JOIN teahouse_device d ON d.id = c.device_id
      CROSS JOIN n
     WHERE c.state IN ('queued', 'sent') AND {_DUE} AND /*device*/
     ORDER BY c.due_at, c.id
     LIMIT $1
       FOR UPDATE OF c SKIP LOCKED
),
judged AS MATERIALIZED (
    SELECT c.id, c.due_at, c.device_id, c.klass, c.superkey, c.state, c.seq,
           ({GUARD_SQL}) AS allowed,
           d.state = 'online' AS online, d.uid, d.boot,
           COALESCE(d.signed, FALSE) AS signed
      FROM due
      JOIN teahouse_command c ON c.id = due.id
      JOIN teahouse_device d ON d.id = c.device_id
),
ranked AS MATERIALIZED (
    SELECT j.*,
           CASE WHEN j.klass = 'level' AND j.allowed THEN
                row_number() OVER (
                    PARTITION BY j.device_id, j.superkey, j.klass, j.allowed
                        ORDER BY j.due_at DESC, j.id DESC)
                ELSE 1 END AS place
      FROM judged j
),
verdict AS MATERIALIZED (
    SELECT r.*,
           CASE WHEN NOT r.allowed AND r.state = 'sent' AND r.klass = 'edge'
                     THEN 'stop'
                WHEN NOT r.allowed THEN 'cancelled'
                WHEN NOT r.online THEN 'failed'
                ELSE 'sent' END AS verdict
      FROM ranked r
     WHERE r.place = 1
     ORDER BY r.due_at, r.id
),
replaced AS (
    UPDATE teahouse_command o
       SET state = 'cancelled', reason = 'superseded', closed_at = n.t,
           effects_done = FALSE
      FROM verdict v, n
     WHERE v.klass = 'level' AND v.verdict = 'sent'
       AND o.device_id = v.device_id AND o.superkey = v.superkey
       AND o.klass = 'level' AND o.state IN ('queued', 'sent')
       AND (o.due_at, o.id) < (v.due_at, v.id)
       AND o.id NOT IN (SELECT id FROM verdict)
),
numbered AS (
    SELECT v.*, CASE WHEN v.verdict = 'sent' AND v.seq IS NULL THEN
                nextval('teahouse_device_seq') END AS new_seq
      FROM verdict v
)
UPDATE teahouse_command c
   SET state = CASE v.verdict WHEN 'stop' THEN c.state ELSE v.verdict END,
       reason = CASE v.verdict
                WHEN 'cancelled' THEN CASE c.guard {_REASONS} END
                WHEN 'failed' THEN 'offline' ELSE c.reason END,
       closed_at = CASE WHEN v.verdict IN ('cancelled', 'failed') THEN n.t END,
       effects_done = CASE WHEN v.verdict IN ('cancelled', 'failed')
                      THEN FALSE ELSE c.effects_done END,
       seq = COALESCE(c.seq, v.new_seq),
       tries = c.tries + CASE v.verdict WHEN 'sent' THEN 1 ELSE 0 END,
       boot = CASE v.verdict WHEN 'sent' THEN v.boot ELSE c.boot END,
       sent_at = CASE v.verdict WHEN 'sent' THEN n.t ELSE c.sent_at END,
       first_sent_at = CASE v.verdict WHEN 'sent'
                       THEN COALESCE(c.first_sent_at, n.t) ELSE c.first_sent_at END,
       next_try_at = CASE WHEN v.verdict <> 'sent' THEN NULL
           WHEN c.klass = 'edge' THEN n.t + interval '{RESEND_SECONDS} seconds'
           ELSE n.t + LEAST({RESEND_SECONDS} * power(2, LEAST(c.tries, 10)),
                            {BACKOFF_MAX_SECONDS}) * interval '1 second' END
  FROM numbered v, n
 WHERE c.id = v.id
RETURNING c.id, c.cmd_id, v.uid, c.boot, c.seq, c.klass, c.act, c.args, v.verdict,
          floor(extract(epoch FROM c.expires_at))::bigint,
          extract(epoch FROM c.expires_at - n.t)::float8, v.signed
"""
CLOSE_SQL = f"""
UPDATE teahouse_command c
   SET state = CASE WHEN tries = 0 THEN 'expired' ELSE 'unknown' END,
       reason = CASE WHEN tries = 0 THEN 'not_published' ELSE 'no_answer' END,
       closed_at = {NOW}, effects_done = FALSE
 WHERE state IN ('queued', 'sent') AND expires_at < {NOW} AND /*command*/
RETURNING state
"""
# Nobody can be reached: the guest gets the PIN now, not when the command has expired.
FAIL_EDGE_SQL = f"""
UPDATE teahouse_command c
   SET state = 'failed', reason = 'offline', closed_at = {NOW}, effects_done = FALSE
 WHERE state = 'queued' AND klass = 'edge' AND due_at <= {NOW} AND tries = 0
   AND /*command*/
RETURNING state
"""
REFUSE_SQL = f"""
UPDATE teahouse_command
   SET state = 'failed', reason = 'bad_args', closed_at = {NOW}, effects_done = FALSE
 WHERE id = ANY(%s) AND state = 'sent'
"""
UNHEARD_SQL = f"""
UPDATE teahouse_command
   SET state = 'failed', reason = 'offline', closed_at = {NOW}, effects_done = FALSE
 WHERE id = ANY(%s) AND state = 'sent' AND klass = 'edge' AND tries = 1
   AND received_at IS NULL
RETURNING state
"""
BIRTH_SQL = """
UPDATE teahouse_command c SET next_try_at = NULL
  FROM teahouse_device d
 WHERE d.id = c.device_id AND d.uid = ANY(%s)
   AND c.state IN ('queued', 'sent') AND c.klass = 'level' AND c.next_try_at IS NOT NULL
"""


class Claimed(NamedTuple):
    """What a claim returns for each row; ``life`` is in seconds."""

    id: int
    cmd_id: str
    uid: str
    boot: str
    seq: int
    klass: str
    act: str
    args: dict
    verdict: str  # sent | cancelled | failed | stop
    exp: int
    life: float
    signed: bool = False


def _of(shard, sql):
    sql = sql.replace("/*device*/", shard.of_device())
    return sql.replace("/*command*/", shard.of_command())


def claim(database, limit, shard=WHOLE):
    """Claim what is due; rows with verdict ``sent`` are to be published at once.

    :param Database database: outside a transaction
    :param Shard shard: whose devices
    :rtype: list[Claimed]
    """
    rows = database.prepared("claim", _of(shard, CLAIM_SQL), limit)
    return sorted((Claimed(*row) for row in rows), key=lambda row: row.seq or 0)


def close_overdue(database, shard=WHOLE):
    """Close what has reached its end without an answer; return the new states."""
    rows = database.prepared("close", _of(shard, CLOSE_SQL))
    return [state for (state,) in rows]


def fail_edge(database, shard=WHOLE):
    """Fail edge commands that wait for a broker that is away; return the states."""
    return [state for (state,) in database.query(_of(shard, FAIL_EDGE_SQL))]


def refuse(database, ids):
    """Fail rows whose arguments cannot be put on the wire."""
    database.query(REFUSE_SQL, (ids,))


def unheard(database, ids):
    """Fail edge commands of which the broker said that nobody listens."""
    return [state for (state,) in database.query(UNHEARD_SQL, (ids,))]


def still_sent(database, ids):
    """Return those of the rows that are open still."""
    rows = database.query(
        "SELECT id FROM teahouse_command WHERE id = ANY(%s) AND state = 'sent'", (ids,)
    )
    return [row_id for (row_id,) in rows]


def wake(database, uids):
    """Make level commands of freshly born devices due at once."""
    database.query(BIRTH_SQL, (uids,))
