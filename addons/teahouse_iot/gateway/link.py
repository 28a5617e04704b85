"""One MQTT connection, from CONNECT to its loss.

A link is never reused: paho would deliver publishes that were queued while it was
offline, with their expiry restarted. Whoever wants to reconnect builds a new link.
The owner runs the event loop: it waits on :meth:`Link.fileno`, then calls
:meth:`Link.read`, :meth:`Link.write` and, about once a second, :meth:`Link.tick`.
"""

import select
import socket
import ssl
from dataclasses import dataclass
from typing import NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

MAX_INFLIGHT = 1000
MAX_PACKET_BYTES = 64 * 1024
#: Reason code of a PUBACK
NO_SUBSCRIBERS = 0x10


@dataclass(frozen=True)
class Endpoint:
    """Where the broker is and who connects. ``cafile`` set means TLS."""

    host: str
    port: int
    username: str
    password: str
    cafile: str | None = None

    def __repr__(self):
        return f"Endpoint({self.username}@{self.host}:{self.port})"


@dataclass(frozen=True)
class Will:
    """What the broker publishes (QoS 1, retained) when the link dies."""

    topic: str
    payload: bytes


class Inbound(NamedTuple):
    """A message that came in; ``topic`` is None when it is not valid UTF-8."""

    mid: int
    topic: str | None
    payload: bytes
    qos: int
    retain: bool


class Link:
    """One connection of one client.

    :param Endpoint endpoint: broker and credential
    :param str client_id: fixed id of the client
    :param Will will: published by the broker when the link is lost
    :param int session_expiry: seconds the broker keeps the session; 0 starts clean
    :param bool manual_ack: PUBACK only on :meth:`ack`
    :param on_up: called as ``on_up(link, session_present)`` after a good CONNACK
    :param on_message: called as ``on_message(link, Inbound)``
    :param on_down: called once as ``on_down(link, reason)`` when the link is lost
    """

    def __init__(
        self,
        endpoint,
        client_id,
        *,
        on_up,
        on_message,
        on_down,
        will=None,
        session_expiry=0,
        manual_ack=False,
        keepalive=10,
        timeout=3.0,
    ):
        self.endpoint = endpoint
        self.session_expiry = session_expiry
        self.keepalive = keepalive
        self.up = False
        self.lost = False
        self.unheard = []
        self._tags = {}  # mid -> tag of publishes without PUBACK
        self._on_up, self._on_message, self._on_down = on_up, on_message, on_down
        self._expiry_properties = {}
        client = self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=mqtt.MQTTv5,
            manual_ack=manual_ack,
            reconnect_on_failure=False,
        )
        client.connect_timeout = timeout
        client.max_inflight_messages_set(MAX_INFLIGHT)
        client.username_pw_set(endpoint.username, endpoint.password)
        if endpoint.cafile:
            client.tls_set_context(ssl.create_default_context(cafile=endpoint.cafile))
        if will:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_message = self._received
        client.on_publish = self._published
        client.on_disconnect = self._disconnected
        client.on_socket_open = self._tune

    @staticmethod
    def _tune(_client, _userdata, sock):
        # Nagle costs 40 ms on the second small packet in a row.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # Life

    def connect(self):
        """Open the socket and send CONNECT; blocks up to the timeout.

        :raise OSError: nobody answers (ssl.SSLError: nobody we trust)
        """
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self.session_expiry
        properties.ReceiveMaximum = MAX_INFLIGHT
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        self._client.connect(
            self.endpoint.host,
            self.endpoint.port,
            keepalive=self.keepalive,
            clean_start=not self.session_expiry,
            properties=properties,
        )

    def close(self, graceful=True):
        """End the link. Graceful: DISCONNECT first, so that no will is sent."""
        self._on_down = lambda link, reason: None
        if graceful and self.up:
            self._client.disconnect()
            while self._client.want_write() and self._client.socket():
                if not select.select([], [self._client.socket()], [], 1.0)[1]:
                    break
                self._client.loop_write()
        self.up = False
        self.lost = True
        sock = self._client.socket()
        if sock:
            sock.close()

    # Traffic

    @property
    def inflight(self):
        """Number of publishes whose PUBACK has not come."""
        return len(self._tags)

    def publish(self, topic, payload, *, qos=1, retain=False, expiry=None, tag=None):
        """Hand one message to the socket; False when the link is not up.

        :param int expiry: MQTT 5 message expiry in seconds
        :param tag: appears in :attr:`unheard` when the broker answers that nobody
            subscribes to the topic
        """
        if not self.up:
            return False
        properties = None
        if expiry is not None:
            properties = self._expiry_properties.get(expiry)
            if properties is None:
                properties = Properties(PacketTypes.PUBLISH)
                properties.MessageExpiryInterval = expiry
                self._expiry_properties[expiry] = properties
        info = self._client.publish(topic, payload, qos, retain, properties)
        if info.rc != mqtt.MQTT_ERR_SUCCESS:
            return False
        if qos:
            self._tags[info.mid] = tag
        return True

    def subscribe(self, *filters):
        """Subscribe to topic filters at QoS 1."""
        self._client.subscribe([(name, 1) for name in filters])

    def unsubscribe(self, *filters):
        """Take subscriptions back."""
        self._client.unsubscribe(list(filters))

    def ack(self, mid):
        """Send the PUBACK of a message that was taken with ``manual_ack``."""
        self._client.ack(mid, 1)

    # Event loop

    def fileno(self):
        """Return the socket's descriptor, -1 when there is none."""
        sock = self._client.socket()
        return sock.fileno() if sock else -1

    def want_write(self):
        """Tell whether bytes wait for the socket."""
        return self._client.want_write()

    def write(self):
        """Write what waits."""
        self._client.loop_write()

    def read(self, packets=1):
        """Read what has arrived, up to about ``packets`` packets.

        paho reads one packet a call when idle; a burst must be drained before the
        batch is committed, or every message pays for a transaction of its own.
        """
        for _ in range(packets):
            if self._client.loop_read() != mqtt.MQTT_ERR_SUCCESS:
                return
            if not self._readable():
                return

    def _readable(self):
        sock = self._client.socket()
        if sock is None:
            return False
        if hasattr(sock, "pending") and sock.pending():
            return True
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))

    def tick(self):
        """Keep-alive: send pings, notice a silent broker."""
        self._client.loop_misc()

    # paho's callbacks

    def _connected(self, _client, _userdata, flags, reason, _properties):
        if reason.is_failure:
            self._lose(str(reason))
            return
        self.up = True
        self._on_up(self, flags.session_present)

    def _received(self, _client, _userdata, message):
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = None
        self._on_message(
            self,
            Inbound(message.mid, topic, message.payload, message.qos, message.retain),
        )

    def _published(self, _client, _userdata, mid, reason, _properties):
        tag = self._tags.pop(mid, None)
        if tag is not None and reason.value == NO_SUBSCRIBERS:
            self.unheard.append(tag)

    def _disconnected(self, _client, _userdata, _flags, reason, _properties):
        self._lose(str(reason))

    def _lose(self, reason):
        if not self.lost:
            self.up = False
            self.lost = True
            self._on_down(self, reason)
