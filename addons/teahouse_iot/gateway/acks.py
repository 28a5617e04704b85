"""Answers of devices: conditional updates by id, in batches.

A duplicate, late or reordered answer finds no row to change; an answer from another
device than the command's finds none either, and is counted as a spoof.
"""

from ..engine.outbox import from_states

NOW = "clock_timestamp() AT TIME ZONE 'UTC'"
#: st of a final answer -> event of the transition table
FINAL = {
    "done": "done",
    "failed": "failed",
    "rejected": "rejected",
    "expired": "rejected",
}
#: A refusal that says "sent with an old boot": the next try has the new one.
RETRY_CODES = ("bad_boot",)

_FROM = " OR ".join(
    "a.event = '{}' AND c.state IN ({})".format(
        event, ", ".join(f"'{state}'" for state in from_states(event))
    )
    for event in sorted(set(FINAL.values()))
)
FINAL_SQL = f"""
UPDATE teahouse_command c
   SET state = a.event, reason = NULLIF(a.code, 'ok'), closed_at = {NOW},
       received_at = COALESCE(c.received_at, {NOW}),
       ack_ts = to_timestamp(a.ts::float8) AT TIME ZONE 'UTC', effects_done = FALSE
  FROM (VALUES %s) a(cmd_id, uid, event, code, ts)
  JOIN teahouse_device d ON d.uid = a.uid
 WHERE c.cmd_id = a.cmd_id AND c.device_id = d.id AND ({_FROM})
RETURNING c.cmd_id, c.state,
          extract(epoch FROM c.closed_at - c.sent_at)::float8
"""
RECEIVED_SQL = f"""
UPDATE teahouse_command c SET received_at = {NOW}
  FROM (VALUES %s) a(cmd_id, uid)
  JOIN teahouse_device d ON d.uid = a.uid
 WHERE c.cmd_id = a.cmd_id AND c.device_id = d.id AND c.received_at IS NULL
   AND c.state IN ('queued', 'sent', 'unknown')
RETURNING c.cmd_id
"""
RETRY_SQL = f"""
UPDATE teahouse_command c SET next_try_at = {NOW} + interval '1 second'
  FROM (VALUES %s) a(cmd_id, uid)
  JOIN teahouse_device d ON d.uid = a.uid
 WHERE c.cmd_id = a.cmd_id AND c.device_id = d.id AND c.state = 'sent'
RETURNING c.cmd_id
"""
KNOWN_SQL = """
SELECT c.cmd_id, d.uid FROM teahouse_command c
  JOIN teahouse_device d ON d.id = c.device_id WHERE c.cmd_id = ANY(%s)
"""


def fold(acks):
    """Reduce a batch to one answer per command and device.

    A final answer outranks ``received``; among final ones the first counts, as it
    would have if each had been a transaction of its own.

    :param acks: iterable of (uid, Ack, ts), ``ts`` in epoch seconds or None
    :return: final rows (cmd_id, uid, event, code, ts), received and retry rows
        (cmd_id, uid)
    """
    final, received, retry = {}, {}, {}
    for uid, ack, ts in acks:
        key = (ack.id, uid)
        if ack.st == "received":
            received[key] = None
        elif ack.st == "rejected" and ack.code in RETRY_CODES:
            retry[key] = None
        else:
            final.setdefault(key, (ack.id, uid, FINAL[ack.st], ack.code, ts))
    received = [key for key in received if key not in final]
    retry = [key for key in retry if key not in final]
    return list(final.values()), received, retry


def apply(database, acks):
    """Bring a batch of answers to the rows, inside the caller's transaction.

    :return: what to count: [(outcome, seconds or None)], outcome a state,
        ``received``, ``retry``, ``repeated``, ``unknown_id`` or ``wrong_device``
    """
    final, received, retry = fold(acks)
    outcomes, matched = [], set()
    if final:
        for cmd_id, state, seconds in database.values(FINAL_SQL, final):
            matched.add(cmd_id)
            outcomes.append((state, seconds))
    for sql, keys, outcome in (
        (RECEIVED_SQL, received, "received"),
        (RETRY_SQL, retry, "retry"),
    ):
        if keys:
            for (cmd_id,) in database.values(sql, keys):
                matched.add(cmd_id)
                outcomes.append((outcome, None))
    rest = [row[:2] for row in (*final, *received, *retry) if row[0] not in matched]
    if rest:
        owners = dict(database.query(KNOWN_SQL, ([cmd_id for cmd_id, _uid in rest],)))
        for cmd_id, uid in rest:
            owner = owners.get(cmd_id)
            if owner is None:
                outcomes.append(("unknown_id", None))
            elif owner != uid:
                outcomes.append(("wrong_device", None))
            else:
                outcomes.append(("repeated", None))
    return outcomes
