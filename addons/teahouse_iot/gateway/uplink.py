"""The gateway's side of the broker: one link after the other, never two."""

import json
import logging
import select
import threading
import time

from ..engine import protocol
from .link import MAX_INFLIGHT, Link, Will

_logger = logging.getLogger(__name__)

SESSION_EXPIRY_SECONDS = 600
#: At once: enough for a batch, few enough that a command does not wait for long.
READ_PACKETS = 250
BACKOFF = (0.1, 0.2, 0.5, 1.0, 1.0, 2.0)
TOPICS = tuple(f"{protocol.PREFIX}/+/{leaf}" for leaf in ("ack", "st", "evt", "tele"))


class Backoff:
    """When to try again."""

    def __init__(self):
        self._failures = 0
        self.at = 0.0

    def fail(self):
        """Put the next try off."""
        self.at = time.monotonic() + BACKOFF[min(self._failures, len(BACKOFF) - 1)]
        self._failures += 1

    def succeed(self):
        """Forget earlier failures."""
        self._failures = 0

    def due(self):
        """Tell whether the pause is over."""
        return time.monotonic() >= self.at


class Uplink:
    """Keeps a connection to the broker, with a new :class:`Link` after each loss.

    The client id is fixed and the session outlives the connection: what was not
    confirmed is delivered again, to this process or the one that takes over.

    :param Endpoint endpoint: broker and credential; the username and `suffix` (set
        before the first connection) are the client id
    :param str boot: random id of this gateway process
    :param on_up: called as ``on_up(session_present)``
    :param on_message: called with each Inbound
    :param wake: makes the owner's loop turn; called from another thread
    """

    def __init__(self, endpoint, keepalive, boot, *, on_up, on_message, wake):
        self.suffix = ""
        self._endpoint = endpoint
        self._keepalive = keepalive
        self._boot = boot
        self._on_up, self._on_message, self._wake = on_up, on_message, wake
        self._link = None
        self._connecting = None
        self._backoff = Backoff()

    @property
    def link(self):
        """The link, None while there is none or it is being opened."""
        return None if self._connecting else self._link

    @property
    def up(self):
        """Tell whether the broker has accepted the connection."""
        return bool(self.link and self.link.up)

    @property
    def room(self):
        """How many more publishes may be on their way."""
        return MAX_INFLIGHT - self.link.inflight if self.up else 0

    @property
    def retry_at(self):
        """Monotonic instant of the next try, None while a link exists."""
        return None if self._link else self._backoff.at

    def fileno(self):
        """Return the socket's descriptor, -1 when there is none."""
        return self.link.fileno() if self.link else -1

    def events(self):
        """Return the poll events to wait for."""
        return select.POLLIN | (select.POLLOUT if self.link.want_write() else 0)

    def serve(self, events):
        """Read and write after a poll."""
        link = self.link
        if events & select.POLLOUT:
            link.write()
        if events & ~select.POLLOUT and not link.lost:
            link.read(READ_PACKETS)

    def tick(self):
        """Keep-alive; call about once a second."""
        if self.link and not self.link.lost:
            self.link.tick()

    # Life

    def maintain(self):
        """Open a link when there is none and the pause is over."""
        if self._link or not self._backoff.due():
            return
        link = Link(
            self._endpoint,
            self._endpoint.username + self.suffix,
            will=Will(self._status_topic, self._status("offline")),
            session_expiry=SESSION_EXPIRY_SECONDS,
            manual_ack=True,
            keepalive=self._keepalive,
            on_up=self._went_up,
            on_message=lambda _link, message: self._on_message(message),
            on_down=lambda _link, reason: _logger.warning("Broker lost: %s", reason),
        )
        self._link = link
        # A broker that does not answer must not keep the loop from closing commands.
        self._connecting = threading.Thread(
            target=self._open, args=(link,), daemon=True
        )
        self._connecting.start()

    def _open(self, link):
        try:
            link.connect()
        except OSError as error:
            _logger.warning("Broker not reached: %s", type(error).__name__)
            link.lost = True
        if self._link is not link:
            link.close(graceful=False)
            return
        self._connecting = None
        self._wake()

    def _went_up(self, link, session_present):
        state = "kept" if session_present else "new"
        _logger.info("Broker connected, session %s", state)
        self._backoff.succeed()
        self._announce(link, "online")
        self._on_up(session_present)

    def _announce(self, link, state):
        link.publish(self._status_topic, self._status(state), retain=True)

    @property
    def _status_topic(self):
        topic = protocol.GATEWAY_STATUS_TOPIC
        return f"{topic}/{self.suffix.strip('-')}" if self.suffix else topic

    def _status(self, state):
        return json.dumps({"v": 1, "st": state, "boot": self._boot}).encode()

    def reap(self):
        """Let go of a lost link; tell whether there was one."""
        if not (self.link and self.link.lost):
            return False
        self._link = None
        self._backoff.fail()
        return True

    def drop(self):
        """End the link with a goodbye; tell whether there was one."""
        link = self.link
        if link:
            if link.up:
                self._announce(link, "offline")
            link.close()
        existed = self._link is not None
        self._link = self._connecting = None
        return existed
