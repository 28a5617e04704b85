"""Life of a command: its states, what moves it, and the right checked at claim.

A command is a row of the outbox. The back office inserts it in the transaction of
its cause; the gateway claims, publishes and closes it. Both sides use this table, so
a duplicate, late or reordered answer can never move a row backwards.
"""

import os
import time

STATES = (
    "queued",
    "sent",
    "done",
    "failed",
    "rejected",
    "expired",
    "unknown",
    "cancelled",
)
OPEN = ("queued", "sent")
FINAL = ("done", "failed", "rejected", "expired", "unknown", "cancelled")

# (state, event) -> state. What is not here is a no-op: the row stays as it is.
TRANSITIONS = {
    ("queued", "publish"): "sent",
    ("sent", "publish"): "sent",
    ("queued", "offline"): "failed",
    ("queued", "refuse"): "cancelled",
    ("sent", "refuse"): "cancelled",
    ("queued", "cancel"): "cancelled",
    ("sent", "cancel"): "cancelled",
    ("queued", "lapse"): "expired",
    ("sent", "lapse"): "unknown",
    # The answer may outrun the bookkeeping of the publish, so `queued` listens too.
    ("queued", "done"): "done",
    ("sent", "done"): "done",
    ("unknown", "done"): "done",
    ("queued", "failed"): "failed",
    ("sent", "failed"): "failed",
    ("unknown", "failed"): "failed",
    ("queued", "rejected"): "rejected",
    ("sent", "rejected"): "rejected",
    ("unknown", "rejected"): "rejected",
}


def next_state(state, event):
    """Return the state after `event`, or None when nothing may change."""
    return TRANSITIONS.get((state, event))


def from_states(event):
    """States that `event` may leave: the condition of the conditional UPDATE."""
    return tuple(state for (state, name) in TRANSITIONS if name == event)


# Whether the cause of a command still holds, checked inside the claim (aliases: c is
# teahouse_command, d its device). Between pressing and publishing the guest may have
# been removed, the booking cancelled, the next guest come in.
GUARD_SQL = """
CASE c.guard
WHEN 'grant' THEN EXISTS (
    SELECT 1 FROM teahouse_grant g LEFT JOIN teahouse_booking b ON b.id = g.booking_id
    WHERE g.id = c.grant_id AND g.state = 'active'
      AND clock_timestamp() AT TIME ZONE 'UTC' >= g.valid_from
      AND clock_timestamp() AT TIME ZONE 'UTC' < g.valid_to
      AND (b.id IS NULL OR b.state IN ('confirmed', 'in_use', 'completed')))
WHEN 'grant_any' THEN EXISTS (
    SELECT 1 FROM teahouse_grant g LEFT JOIN teahouse_booking b ON b.id = g.booking_id
    WHERE g.id = c.grant_id AND g.state = 'active'
      AND clock_timestamp() AT TIME ZONE 'UTC' < g.valid_to
      AND (b.id IS NULL OR b.state IN ('confirmed', 'in_use', 'completed')))
WHEN 'booking' THEN EXISTS (
    SELECT 1 FROM teahouse_booking b
    WHERE b.id = c.booking_id AND b.state IN ('confirmed', 'in_use'))
WHEN 'idle' THEN NOT EXISTS (
    SELECT 1 FROM teahouse_booking b
    WHERE b.state = 'in_use' AND b.id <> COALESCE(c.booking_id, 0)
      AND CASE WHEN d.room_id IS NULL THEN b.store_id = d.store_id
               ELSE b.room_id = d.room_id END)
ELSE TRUE END
"""
# Reason a command is closed with when its guard fails.
GUARD_REASON = {
    "grant": "right_lost",
    "grant_any": "right_lost",
    "booking": "right_lost",
    "idle": "needed",
}


def superkey(act, args):
    """Key within a device under which a newer level command replaces older ones.

    Setting and deleting one PIN slot share a key; edge commands have none.
    """
    if act in ("pin_set", "pin_del"):
        return f"pin:{args['slot']}"
    if act == "revoke":
        return f"revoke:{args['grant']}"
    if act == "key_set":
        return "keys"
    return act if act in ("power", "light", "ac") else ""


def new_id(now=None):
    """Return a UUID version 7 as text: unique, and in the order of making."""
    millis = int((time.time() if now is None else now) * 1000)
    value = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
