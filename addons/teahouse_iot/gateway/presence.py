"""Births and wills: who is online, under which boot id."""

import secrets
from typing import NamedTuple

NOW = "clock_timestamp() AT TIME ZONE 'UTC'"
LOAD_SQL = """
SELECT uid, id, state, boot, fw, battery_pct, rssi_dbm FROM teahouse_device
 WHERE uid = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
STORE_SQL = f"""
UPDATE teahouse_device d
   SET state = v.state, boot = v.boot, fw = v.fw, battery_pct = v.battery_pct::int,
       rssi_dbm = v.rssi_dbm::int, last_seen_at = {NOW},
       state_at = CASE WHEN v.changed THEN {NOW} ELSE d.state_at END
  FROM (VALUES %s) v(id, state, boot, fw, battery_pct, rssi_dbm, changed)
 WHERE d.id = v.id
"""
# Nobody subscribes to the commands of a device that is said to be online: its will was
# lost with a broker. Under another boot it has come back meanwhile.
GONE_SQL = f"""
UPDATE teahouse_device d SET state = 'offline', state_at = {NOW}
  FROM teahouse_command c
 WHERE c.id = ANY(%s) AND d.id = c.device_id AND d.boot = c.boot
   AND d.state = 'online'
RETURNING d.id, d.uid, d.state, d.boot
"""


class Seen(NamedTuple):
    """Live columns of a device."""

    state: str
    boot: str | None
    fw: str | None = None
    battery_pct: int | None = None
    rssi_dbm: int | None = None


def fold(seen, status):
    """Return what a device looks like after a birth or will.

    A will whose boot is not the current one belongs to a connection that the device
    has already replaced: it changes nothing.

    Other makes have no boot ids (""): the present one goes on while they are online.

    :param Seen seen: before
    :param Status status: the message
    :rtype: Seen
    """
    if status.online:
        boot = status.boot
        if not boot:
            going_on = seen.state == "online" and seen.boot
            boot = seen.boot if going_on else secrets.token_hex(4)
        return Seen(
            "online",
            boot,
            status.fw or seen.fw,
            seen.battery_pct if status.battery_pct is None else status.battery_pct,
            seen.rssi_dbm if status.rssi_dbm is None else status.rssi_dbm,
        )
    if not status.boot:
        return seen._replace(state="offline")
    if seen.boot and seen.boot != status.boot:
        return seen
    return seen._replace(state="offline", boot=status.boot)


def apply(database, statuses):
    """Bring a batch of births and wills to the devices, in order of arrival.

    :param statuses: [(uid, Status)]
    :return: unknown uids; changes [(device id, uid, "online"|"offline", boot)];
        uids that were born
    """
    wanted = sorted({uid for uid, _status in statuses})
    ids, before = {}, {}
    for uid, device_id, *columns in database.query(LOAD_SQL, (wanted,)):
        ids[uid], before[uid] = device_id, Seen(*columns)
    after = dict(before)
    for uid, status in statuses:
        if uid in after:
            after[uid] = fold(after[uid], status)
    rows, changes, born = [], [], []
    for uid, seen in after.items():
        old = before[uid]
        if seen == old:
            continue
        switched = seen.state != old.state
        rows.append((ids[uid], *seen, switched))
        if switched and old.state != "unknown":
            changes.append((ids[uid], uid, seen.state, seen.boot))
        if seen.state == "online" and (switched or seen.boot != old.boot):
            born.append(uid)
    if rows:
        database.values(STORE_SQL, rows)
    return [uid for uid in wanted if uid not in ids], changes, born


def gone(database, command_ids):
    """Mark the devices offline that the broker does not know to listen.

    :return: changes as :func:`apply` gives them
    """
    return database.query(GONE_SQL, (command_ids,))
