"""The gateway's loop: one thread, both sockets, commands first."""

import logging
import secrets
import select
import socket
import time
from dataclasses import dataclass

from . import outbox
from .database import CHANNEL, Database, DatabaseError
from .inbox import Inbox
from .metrics import Metrics
from .registry import CHANNEL as REGISTRY_CHANNEL
from .registry import Registry
from .sender import Sender
from .shard import WHOLE, Shard
from .uplink import Backoff, Uplink

_logger = logging.getLogger(__name__)

CLAIM_LIMIT = 500
SWEEP_SECONDS = 0.5
TICK_SECONDS = 1.0
#: An edge command waits so long for a broker that is away, then the guest gets a PIN.
GRACE_SECONDS = 2.0
#: After a reconnect the broker hands over what waited: old, not wrong.
SETTLE_SECONDS = 60.0
#: How often what nobody announces is looked at: silent devices, missed changes.
REGISTRY_SECONDS = 30.0


@dataclass(frozen=True)
class Settings:
    """What a gateway needs to know.

    :param dict database: parameters of the PostgreSQL connection
    :param Endpoint broker: broker and the gateway's credential; the username is the
        client id too, so that two gateways can never be connected at once
    :param str name: tells gateways of several databases at one broker apart; they
        then listen to their own devices only
    :param int shards: shares the stores are divided into, each with a gateway
    :param accounts: keeps the broker's accounts, None when others do that
    """

    database: dict
    broker: object
    keepalive: int = 5
    name: str = ""
    shards: int = 1
    accounts: object = None


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
        self.shard = WHOLE
        self._registry = Registry(self.metrics, settings.accounts, time.monotonic)
        foreign = self._registry.foreign
        self._inbox = Inbox(self.metrics, foreign=foreign, accounts=settings.accounts)
        self._sender = Sender(self.metrics, foreign, effects)
        self._db = None
        self._backoff = Backoff()
        self._uplink = Uplink(
            settings.broker,
            settings.keepalive,
            secrets.token_hex(4),
            on_up=self._link_up,
            on_message=self._inbox.take,
            wake=self._wake,
        )
        self._claim_due = False
        self._woken_at = None
        self._down_since = time.monotonic()
        self._up_since = 0.0
        self._next_sweep = self._next_tick = self._next_look = 0.0
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
        link_up = self._uplink.up
        effects = self._effects is None or self._effects.alive
        leading = self.role == "leader" and link_up and effects
        return {
            "ok": self._db is not None and (leading or self.role == "standby"),
            "role": self.role,
            "shard": self.shard.index if self.role == "leader" else None,
            "shards": self._settings.shards,
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
                except DatabaseError as error:
                    # Also while the addon is being updated: all starts afresh.
                    name, code = type(error).__name__, error.pgcode
                    _logger.warning("Database lost: %s %s", name, code)
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
            self._look()
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + TICK_SECONDS
            self._tick()
        if self.role == "leader" and now >= self._next_sweep:
            self._next_sweep = now + SWEEP_SECONDS
            self._sweep(now)
        # What a statement's answer brought along makes no socket readable.
        self._notified(self._db.notified(poll=False))

    def _notified(self, heard):
        if REGISTRY_CHANNEL in heard:
            self._registry.stale = True
        if CHANNEL in heard:
            self._claim_due = True
            self._woken_at = self._woken_at or time.monotonic()

    def _timeout(self):
        if self._claim_due and self._uplink.room:
            return 0.0
        now = time.monotonic()
        due = [self._next_tick]
        if self.role == "leader":
            due.append(self._next_sweep)
            readings = self._inbox.readings_due()
            due += [] if readings is None else [now + readings]
            due += [] if self._uplink.retry_at is None else [self._uplink.retry_at]
        if not self._db:
            due = [self._backoff.at]
        return max(0.0, min(due) - now)

    def _wait(self, timeout):
        """Wait for a socket and read or write what it has."""
        poll = select.poll()
        poll.register(self._wake_in, select.POLLIN)
        database = self._db.fileno() if self._db else -1
        link = self._uplink.fileno()
        effects = self._effects.fileno() if self._effects else -1
        if database >= 0:
            poll.register(database, select.POLLIN)
        if link >= 0:
            poll.register(link, self._uplink.events())
        if effects >= 0:
            poll.register(effects, select.POLLIN)
        ready = dict(poll.poll(timeout * 1000))
        if self._wake_in.fileno() in ready:
            self._wake_in.recv(4096)
        if database in ready:
            self._notified(self._db.notified())
        if link in ready:
            self._uplink.serve(ready[link])
        if effects in ready:
            self._publish_secrets()

    def _wake(self):
        try:
            self._wake_out.send(b"x")
        except OSError:
            _logger.debug("The loop is awake already")

    # Connections

    def _connect(self):
        if not self._db:
            if self._backoff.due():
                self._connect_database()
        elif self.role == "leader":
            self._uplink.maintain()

    def _connect_database(self):
        try:
            database = Database(self._settings.database)
            database.listen(CHANNEL)
            database.listen(REGISTRY_CHANNEL)
        except DatabaseError:
            self._backoff.fail()
            return
        self._db = database
        self._backoff.succeed()
        self.metrics.count("reconnects_total", side="database")
        self.metrics.gauge("database_up", 1)
        self.role = "standby"
        self._try_to_lead()

    def _try_to_lead(self):
        index = self._free_share()
        if index is not None:
            self.shard = Shard(index, self._settings.shards, self._settings.name)
            self._uplink.suffix = self.shard.suffix
            _logger.info("This gateway is active now%s", self.shard.suffix)
            self.role = "leader"
            self._claim_due = True
            self._registry.stale = True
            self._down_since = time.monotonic()
        self.metrics.gauge("leader", int(self.role == "leader"))

    def _free_share(self):
        """Take the first share that has no active gateway, None when all have."""
        shares = range(self._settings.shards)
        return next((index for index in shares if self._db.lead(index)), None)

    def _lose_database(self):
        """Give up everything that stands on the lost connection.

        Another gateway may lead from now on, so the broker connection goes too; what
        was not committed stays with the broker and is delivered again.
        """
        if self._db:
            self._db.close()
            self._db = None
        self.role = "starting"
        self.metrics.gauge("database_up", 0)
        self.metrics.gauge("leader", 0)
        self._uplink.drop()
        self._link_gone()
        self._backoff.fail()

    def _link_up(self, _session_present):
        self._up_since = time.monotonic()
        self.metrics.count("reconnects_total", side="broker")
        self.metrics.gauge("link_up", 1)
        self._registry.link_up(self._uplink.link)
        self._inbox.settled = False
        self._claim_due = True

    def _link_gone(self):
        # Message ids belong to their connection.
        self._inbox.forget()
        if self._up_since > self._down_since:
            self._down_since = time.monotonic()
        self.metrics.gauge("link_up", 0)

    # Commands out

    def _publish_due(self):
        room = self._uplink.room
        if not self._claim_due or not room:
            return
        limit = min(CLAIM_LIMIT, room)
        rows = outbox.claim(self._db, limit, self.shard)
        self._claim_due = len(rows) >= limit
        self._sender.send(self._db, self._uplink.link, rows)
        if rows and self._woken_at:
            self.metrics.observe("send_seconds", time.monotonic() - self._woken_at)
        self._woken_at = None
        if any(row.verdict in ("cancelled", "failed") for row in rows):
            self._db.notify_effects()

    def _publish_secrets(self):
        answers = self._effects.answers()
        found = self._effects.credentials()
        if self.role != "leader":
            return
        link = self._uplink.link
        if answers:
            self._sender.send_secrets(self._db, link, answers)
        if found and self._settings.accounts:
            self._settings.accounts.credentials(link, found)

    # Devices and profiles

    def _look(self):
        """Take over what has changed of devices, profiles and accounts."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + REGISTRY_SECONDS
            self._registry.stale = True
            self._inbox.take_silence(self._registry.foreign.silent())
        accounts = self._settings.accounts
        if self._registry.stale or (accounts and accounts.pending):
            # A link that is being opened listens when it is up.
            link = self._uplink.link if self._uplink.up else None
            self._registry.refresh(self._db, link, self.shard, self._effects)

    # Messages in

    def _store(self):
        if self._uplink.reap():
            self._link_gone()
        link = self._uplink.link
        if not link:
            return
        if link.unheard:
            ids, link.unheard = link.unheard, []
            self._closed(self._inbox.store_unheard(self._db, ids))
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
        self._closed(outbox.close_overdue(self._db, self.shard))
        if self._uplink.up:
            self._claim_due = True
            self._inbox.settled = now - self._up_since > SETTLE_SECONDS
        elif now - self._down_since > GRACE_SECONDS:
            self._closed(outbox.fail_edge(self._db, self.shard))

    def _closed(self, states):
        for state in states:
            self.metrics.count("closed_total", state=state)
        if states:
            self._db.notify_effects()

    def _tick(self):
        if self.role == "standby":
            self._try_to_lead()
        self._uplink.tick()
        if self._uplink.up:
            self.metrics.gauge("unacknowledged", self._uplink.link.inflight)
        if self._effects and self.role == "leader":
            self._effects.keep_alive()
        self._sender.forget()

    def _close(self):
        """Store what came, tell the devices, give the lock back."""
        try:
            if self._db and self.role == "leader":
                self._store()
                if self._uplink.up:
                    for mid in self._inbox.store_readings(self._db):
                        self._uplink.link.ack(mid)
        except DatabaseError:
            _logger.warning("Database lost while stopping")
        self._uplink.drop()
        if self._effects:
            self._effects.stop()
        if self._db:
            self._db.close()
        self.role = "stopped"
