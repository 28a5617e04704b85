"""The gateway's loop: one thread, both sockets, commands first."""

import json
import logging
import secrets
import select
import socket
import threading
import time
from dataclasses import dataclass

from ..engine import protocol
from . import outbox
from .database import CHANNEL, ConnectionLost, Database
from .inbox import Inbox
from .link import MAX_INFLIGHT, Link, Will
from .metrics import Metrics

_logger = logging.getLogger(__name__)

CLAIM_LIMIT = 500
READ_PACKETS = 500
SWEEP_SECONDS = 0.5
TICK_SECONDS = 1.0
SESSION_EXPIRY_SECONDS = 600
#: An edge command waits so long for a broker that is away, then the guest gets a PIN.
GRACE_SECONDS = 2.0
#: After a reconnect the broker hands over what waited: old, not wrong.
SETTLE_SECONDS = 60.0
BACKOFF = (0.1, 0.2, 0.5, 1.0, 1.0, 2.0)
SECRET_ACTS = ("pin_set", "key_set")


@dataclass(frozen=True)
class Settings:
    """What a gateway needs to know.

    :param dict database: parameters of the PostgreSQL connection
    :param Endpoint broker: broker and the gateway's credential; the username is the
        client id too, so that two gateways can never be connected at once
    """

    database: dict
    broker: object
    keepalive: int = 5


class Gateway:
    """Moves commands from the outbox to devices, and what they say back.

    :param Settings settings: where database and broker are
    :param effects: :class:`.effects.EffectsProcess` or alike; None does without
    """

    def __init__(self, settings, effects=None):
        self.metrics = Metrics()
        self.role = "starting"
        self._settings = settings
        self._effects = effects
        self._inbox = Inbox(self.metrics)
        self._db = None
        self._link = None
        self._connecting = None
        self._boot = secrets.token_hex(4)
        self._claim_due = False
        self._secret_rows = {}  # command id -> Claimed, until its secret comes
        self._down_since = time.monotonic()
        self._up_since = 0.0
        self._failures = {"database": 0, "link": 0}
        self._retry_at = {"database": 0.0, "link": 0.0}
        self._next_sweep = self._next_tick = 0.0
        self._stop = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)

    # From outside

    def stop(self):
        """End :meth:`run` cleanly; safe from signal handlers and threads."""
        self._stop = True
        self._wake()

    def health(self):
        """Return the state for the health endpoint.

        A standby is well without a broker connection; an active gateway is not.
        """
        link_up = bool(self._link and self._link.up)
        effects = self._effects is None or self._effects.alive
        leading = self.role == "leader" and link_up and effects
        return {
            "ok": self._db is not None and (leading or self.role == "standby"),
            "role": self.role,
            "database": self._db is not None,
            "broker": link_up,
            "effects": effects,
            "rejected_by_device": self.metrics.worst_devices(),
        }

    def run(self):
        """Serve until :meth:`stop`."""
        try:
            while not self._stop:
                try:
                    self._step()
                except ConnectionLost as error:
                    _logger.warning("Database lost: %s", type(error).__name__)
                    self._lose_database()
        finally:
            self._close()

    # One turn of the loop

    def _step(self):
        self._connect()
        self._wait(self._timeout())
        if not self._db:
            return
        if self.role == "leader":
            self._publish_due()
            self._store()
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + TICK_SECONDS
            self._tick()
        if self.role == "leader" and now >= self._next_sweep:
            self._next_sweep = now + SWEEP_SECONDS
            self._sweep(now)
        # What a statement's answer brought along makes no socket readable.
        self._claim_due |= self._db.notified(poll=False)

    def _timeout(self):
        if self._claim_due and self._room():
            return 0.0
        now = time.monotonic()
        due = [self._next_tick]
        if self.role == "leader":
            due.append(self._next_sweep)
            readings = self._inbox.readings_due()
            due += [] if readings is None else [now + readings]
        if not self._db:
            due = [self._retry_at["database"]]
        elif self.role == "leader" and not self._link:
            due.append(self._retry_at["link"])
        return max(0.0, min(due) - now)

    def _wait(self, timeout):
        """Wait for a socket and read or write what it has."""
        poll = select.poll()
        poll.register(self._wake_in, select.POLLIN)
        database = self._db.fileno() if self._db else -1
        link = self._link.fileno() if self._link and not self._connecting else -1
        effects = self._effects.fileno() if self._effects else -1
        if database >= 0:
            poll.register(database, select.POLLIN)
        if link >= 0:
            writing = select.POLLOUT if self._link.want_write() else 0
            poll.register(link, select.POLLIN | writing)
        if effects >= 0:
            poll.register(effects, select.POLLIN)
        ready = dict(poll.poll(timeout * 1000))
        if self._wake_in.fileno() in ready:
            self._wake_in.recv(4096)
        if database in ready:
            self._claim_due |= self._db.notified()
        if link in ready:
            self._serve_link(ready[link])
        if effects in ready:
            self._publish_secrets()

    def _serve_link(self, events):
        link = self._link
        if events & select.POLLOUT:
            link.write()
        if events & ~select.POLLOUT and not link.lost:
            link.read(READ_PACKETS)

    def _wake(self):
        try:
            self._wake_out.send(b"x")
        except OSError:
            _logger.debug("The loop is awake already")

    # Connections

    def _connect(self):
        now = time.monotonic()
        if not self._db:
            if now >= self._retry_at["database"]:
                self._connect_database()
        elif self.role == "leader" and not self._link:
            if now >= self._retry_at["link"]:
                self._connect_link()

    def _connect_database(self):
        try:
            database = Database(self._settings.database)
            database.listen(CHANNEL)
        except ConnectionLost:
            self._back_off("database")
            return
        self._db = database
        self._failures["database"] = 0
        self.metrics.count("reconnects_total", side="database")
        self.metrics.gauge("database_up", 1)
        self.role = "standby"
        self._try_to_lead()

    def _try_to_lead(self):
        if self._db.lead():
            _logger.info("This gateway is active now")
            self.role = "leader"
            self._claim_due = True
            self._down_since = time.monotonic()
        self.metrics.gauge("leader", int(self.role == "leader"))

    def _back_off(self, side):
        pause = BACKOFF[min(self._failures[side], len(BACKOFF) - 1)]
        self._failures[side] += 1
        self._retry_at[side] = time.monotonic() + pause

    def _lose_database(self):
        """Give up everything that stands on the lost connection.

        Another gateway may lead from now on, so the broker connection goes too; what
        was not committed stays with the broker and is delivered again.
        """
        self._db.close()
        self._db = None
        self.role = "starting"
        self.metrics.gauge("database_up", 0)
        self.metrics.gauge("leader", 0)
        self._drop_link()
        self._back_off("database")

    def _connect_link(self):
        status = {"v": 1, "st": "offline", "boot": self._boot}
        link = Link(
            self._settings.broker,
            self._settings.broker.username,
            will=Will(protocol.GATEWAY_STATUS_TOPIC, json.dumps(status).encode()),
            session_expiry=SESSION_EXPIRY_SECONDS,
            manual_ack=True,
            keepalive=self._settings.keepalive,
            on_up=self._link_up,
            on_message=lambda _link, message: self._inbox.take(message),
            on_down=self._link_down,
        )
        self._link = link
        # A broker that does not answer must not keep the loop from closing commands.
        self._connecting = threading.Thread(
            target=self._open, args=(link,), daemon=True
        )
        self._connecting.start()

    def _open(self, link):
        error = None
        try:
            link.connect()
        except OSError as caught:
            error = caught
        if self._link is not link:
            link.close(graceful=False)
            return
        if error:
            link.lost = True
            _logger.warning("Broker not reached: %s", type(error).__name__)
        self._connecting = None
        self._wake()

    def _link_up(self, link, session_present):
        _logger.info(
            "Broker connected, session %s", "kept" if session_present else "new"
        )
        self._failures["link"] = 0
        self._up_since = time.monotonic()
        self.metrics.count("reconnects_total", side="broker")
        self.metrics.gauge("link_up", 1)
        self._inbox.settled = False
        link.subscribe(*(f"th/v1/+/{leaf}" for leaf in ("ack", "st", "evt", "tele")))
        self._announce("online")
        self._claim_due = True

    def _announce(self, state):
        status = {"v": 1, "st": state, "boot": self._boot}
        self._link.publish(
            protocol.GATEWAY_STATUS_TOPIC, json.dumps(status).encode(), retain=True
        )

    def _link_down(self, link, reason):
        if link is self._link:
            _logger.warning("Broker connection lost: %s", reason)

    def _forget_link(self):
        self._link = None
        self._inbox.forget()
        self._down_since = time.monotonic()
        self.metrics.gauge("link_up", 0)

    def _drop_link(self):
        link = self._link
        if not link:
            return
        if not self._connecting:
            if link.up:
                self._announce("offline")
            link.close()
        self._connecting = None
        self._forget_link()

    # Commands out

    def _room(self):
        link = self._link
        return link.up and MAX_INFLIGHT - link.inflight if link else 0

    def _publish_due(self):
        room = self._room()
        if not self._claim_due or not room:
            return
        limit = min(CLAIM_LIMIT, room)
        rows = outbox.claim(self._db, limit)
        self._claim_due = len(rows) >= limit
        asked = []
        for row in rows:
            self.metrics.count("claimed_total", verdict=row.verdict)
            if row.verdict != "sent":
                continue
            if row.wait is not None:
                self.metrics.observe("send_seconds", row.wait)
            if row.act in SECRET_ACTS:
                self._secret_rows[row.id] = row
                asked.append(row.id)
            else:
                self._publish(row, row.args)
        if asked and self._effects:
            self._effects.ask(asked)
        if any(row.verdict in ("cancelled", "failed") for row in rows):
            self._db.notify_effects()

    def _publish_secrets(self):
        for row_id, values in self._effects.answers().items():
            row = self._secret_rows.pop(row_id, None)
            if row and self.role == "leader":
                args = {key: row.args[key] for key in row.args if key != "key"}
                self._publish(row, {**args, **values})

    def _publish(self, row, args):
        try:
            payload = protocol.build_cmd(
                row.cmd_id, row.seq, row.boot, row.exp, row.act, args
            )
            topic = protocol.topic(row.uid, "cmd")
        except protocol.ProtocolError as error:
            _logger.error("Command %s cannot be sent: %s", row.cmd_id, error.code)
            outbox.refuse(self._db, [row.id])
            return
        expiry = max(1, int(row.life))
        if self._link and self._link.publish(topic, payload, expiry=expiry, tag=row.id):
            self.metrics.count("published_total")

    # Messages in

    def _store(self):
        link = self._link
        if not link or self._connecting:
            return
        if link.lost:
            self._forget_link()
            self._back_off("link")
            return
        if link.unheard:
            ids, link.unheard = link.unheard, []
            self._closed(outbox.unheard(self._db, ids))
        if self._inbox.waiting:
            mids, born = self._inbox.store(self._db)
            for mid in mids:
                link.ack(mid)
            if born:
                outbox.wake(self._db, born)
                self._claim_due = True
        if self._inbox.readings_due() == 0.0:
            for mid in self._inbox.store_readings(self._db):
                link.ack(mid)

    # Time

    def _sweep(self, now):
        self._closed(outbox.close_overdue(self._db))
        link_up = bool(self._link and self._link.up)
        if link_up:
            self._claim_due = True
            self._inbox.settled = now - self._up_since > SETTLE_SECONDS
        elif now - self._down_since > GRACE_SECONDS:
            self._closed(outbox.fail_edge(self._db))

    def _closed(self, states):
        for state in states:
            self.metrics.count("closed_total", state=state)
        if states:
            self._db.notify_effects()

    def _tick(self):
        if self.role == "standby":
            self._try_to_lead()
        if self._link and not self._connecting and not self._link.lost:
            self._link.tick()
            self.metrics.gauge("unacknowledged", self._link.inflight)
        if self._effects and self.role == "leader":
            self._effects.keep_alive()
        # Unanswered ones are due again by themselves.
        while len(self._secret_rows) > MAX_INFLIGHT:
            del self._secret_rows[next(iter(self._secret_rows))]

    def _close(self):
        """Store what came, tell the devices, give the lock back."""
        try:
            if self._db and self.role == "leader":
                self._store()
                if self._link and not self._connecting:
                    for mid in self._inbox.store_readings(self._db):
                        self._link.ack(mid)
        except ConnectionLost:
            _logger.warning("Database lost while stopping")
        self._drop_link()
        if self._effects:
            self._effects.stop()
        if self._db:
            self._db.close()
        self.role = "stopped"
