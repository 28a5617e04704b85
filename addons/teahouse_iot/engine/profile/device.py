"""A device of a foreign make: its profile filled with its own values.

Pure: what comes in becomes messages of the protocol, what goes out topic and payload.
The caller has the sockets and the clock.
"""

import json
import re
from dataclasses import dataclass, field, replace

from ..protocol import ACTS, Ack, Event, ProtocolError, Status, Tele, decode
from ..protocol.checks import EPOCH
from ..protocol.messages import FLAGS, READINGS
from . import pointer, values
from .errors import ProfileError
from .pointer import MISSING
from .spec import TARGETS

#: Other makes are more talkative than the protocol allows its own devices to be.
MAX_BYTES = 16_384
MAX_OPEN = 20
#: How long an order waits for what it must hear, seconds.
OPEN_SECONDS = 86_400
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]*\Z")
# Neither wildcards nor the broker's own topics, where a message is a command to it.
_TOPIC = re.compile(r"[^$+#\x00][^+#\x00]{0,199}\Z")
#: Topics of the house's own protocol; answers of other makes come under `gw`.
_OWN, _ANSWERS = "th/v1/", "th/v1/gw/"


@dataclass
class Open:
    """An order on its way, and what of its conditions was heard."""

    id: str
    act: str
    at: float
    done: list  # [(topic, pointers, wanted, id pointer, device pointer)]
    failed: list
    heard: set = field(default_factory=set)


class ForeignDevice:
    """One device behind a profile.

    :param str uid: its name in the house
    :param str ref: its name in its own world: topic level, friendly name
    :param Profile profile: what it speaks
    :param dict extra: further values its profile asks for
    :raises ProfileError: a value is missing, or would make a bad topic
    """

    def __init__(self, uid, ref, profile, extra=None):
        self.uid, self.ref, self.profile = uid, ref or uid, profile
        self.values = {
            **profile.defaults,
            **{
                k: v for k, v in (extra or {}).items() if not isinstance(v, dict | list)
            },
            "uid": uid,
            "ref": self.ref,
        }
        self._last = {}  # event -> last value
        self._state = {}  # topic -> last document heard there
        self._open = []
        self.rules = {}  # topic -> [Rule, ...]
        for rule in profile.rules:
            topic = self._topic(rule.topic)
            if topic:
                self.rules.setdefault(topic, []).append(self._bound(rule))
        conditions = [
            (self._topic(condition.topic), condition.device)
            for orders in profile.orders.values()
            for order in orders
            for condition in (*order.done, *order.failed)
        ]
        self.echoes = {topic for topic, _device in conditions if topic}
        #: Topics under which many devices answer: a message there is no sign of life.
        self.shared = {topic for topic, device in conditions if device is not None}

    @property
    def topics(self):
        """Topics to listen to."""
        return set(self.rules) | self.echoes

    @property
    def command_topics(self):
        """Topics its commands go to: what its credential may read."""
        found = (
            self._topic(order.topic)
            for orders in self.profile.orders.values()
            for order in orders
        )
        return {topic for topic in found if topic}

    def _topic(self, template):
        """Fill a topic; None when the device has not the values for it."""
        try:
            topic = values.fill(template, self.values)
        except ProfileError:
            return None
        if topic == "":
            return None
        if not isinstance(topic, str) or not _TOPIC.match(topic):
            raise ProfileError("bad_topic", str(topic)[:80])
        if topic.startswith(_OWN) and not topic.startswith(_ANSWERS):
            raise ProfileError("bad_topic", topic)
        return topic

    def _bound(self, rule):
        """Return a rule as (device pointer, [(target, pointers, read), ...])."""
        reads = []
        for read in rule.reads:
            try:
                target = values.fill(read.to, self.values)
                pointers = self._pointers(read.at)
                scale = values.number(values.fill(read.scale, self.values))
                table = values.fill(read.map, self.values, keys=True)
            except ProfileError:
                continue
            if target in TARGETS and scale is not None:
                read = replace(read, map=table, scale=scale)
                reads.append((target, pointers, read))
        return rule.device, reads

    def _pointers(self, texts, known=None):
        known = known or self.values
        return [pointer.parse(values.fill(text, known)) for text in texts]

    # Out

    def order(self, cmd_id, seq, exp, act, args, now):
        """Return what to publish for a command, and remember to wait for its end.

        :param float now: seconds since the epoch
        :return: (topic, payload bytes)
        :raises ProfileError: unsupported, missing_value, unsafe_value
        """
        known = {**self.values, **args, "id": cmd_id, "seq": seq, "exp": exp}
        known["now"] = int(now)
        if args.get("until") is not None:
            known["left_s"] = max(1, int(args["until"] - now))
        for order in self.profile.orders.get(act, ()):
            if all(args.get(name) == want for name, want in order.when.items()):
                break
        else:
            raise ProfileError("unsupported", act)
        for name, rule in order.values.items():
            known[name] = values.derive(rule, known)
        topic = self._topic(order.topic)
        if topic is None:
            raise ProfileError("missing_value", order.topic)
        payload = _payload(order.payload, known)
        self._open = [one for one in self._open if one.id != cmd_id][-MAX_OPEN + 1 :]
        self._open.append(self._opened(order, known, act, now))
        return topic, payload

    def _opened(self, order, known, act, now):
        done = [self._condition(one, known) for one in order.done]
        failed = [self._condition(one, known) for one in order.failed]
        waiting = Open(known["id"], act, now, done, failed)
        if ACTS[act] == "level" and any(one.id is not None for one in order.done):
            # A state that holds already is not told again; the answer with the id
            # is still waited for.
            waiting.heard = {
                place
                for place, (topic, *_rest, ident, _device) in enumerate(done)
                if ident is None
                and topic in self._state
                and self._meets(done[place], topic, self._state[topic], known["id"])
            }
        return waiting

    def _condition(self, condition, known):
        wanted = condition.equals
        if wanted is not MISSING:
            wanted = values.key_of(values.fill(wanted, known))
        return (
            self._topic(condition.topic),
            self._pointers(condition.at, known),
            wanted,
            condition.id,
            condition.device,
        )

    # In

    def take(self, topic, document, retained, boot, now):
        """Return the protocol's messages that one message means.

        :param document: decoded payload, see :func:`read`
        :param bool retained: it was waiting at the broker: no answer to anything
        :param str boot: fresh id, for the case that this is a birth
        :param float now: seconds since the epoch
        :rtype: list[Status | Tele | Event | Ack]
        """
        messages = []
        heard = False
        for device, reads in self.rules.get(topic, ()):
            if device is not None and not self._is_me(document, device):
                continue
            heard = True
            messages += self._read(reads, document, retained, boot, now)
        if topic in self.echoes:
            self._state[topic] = document
        if not retained and topic in self.echoes:
            messages += self._answers(topic, document, now)
            heard = heard or topic not in self.shared
        told = any(isinstance(message, Status) for message in messages)
        if heard and not told and not retained and self.profile.silent_s:
            messages.insert(0, Status(online=True, boot=""))
        return messages

    def _is_me(self, document, device):
        return values.key_of(pointer.first(document, [device])) == self.ref

    def _read(self, reads, document, retained, boot, now):
        readings, live, events = {}, {}, []
        for target, pointers, read in reads:
            value = _value(document, pointers, read)
            if value is None:
                continue
            kind, _dot, name = target.partition(".")
            if kind == "event" and isinstance(value, bool):
                events += self._event(name, value, retained, now)
            elif target in FLAGS and isinstance(value, bool):
                readings[target] = value
            elif target in READINGS and _inside(value, *READINGS[target]):
                readings[target] = float(value)
            elif kind != "event" and target not in READINGS:
                live[target] = value
        return [*_messages(readings, live, retained, boot), *events]

    def _event(self, name, value, retained, now):
        before = self._last.get(name)
        self._last[name] = value
        # The first value is where things stand; only smoke and the like are told.
        if before is value or retained or (before is None and not value):
            return []
        key = "open" if name == "door" else "on"
        level = {"smoke": "critical"}.get(name, "warning") if value else "info"
        ident = f"{name}-{int(now * 1000)}"
        return [Event(ident, None, name, level, {key: value})]

    def _answers(self, topic, document, now):
        messages = []
        self._open = [one for one in self._open if now - one.at < OPEN_SECONDS]
        for one in list(self._open):
            if any(self._meets(c, topic, document, one.id) for c in one.failed):
                self._open.remove(one)
                messages.append(Ack(one.id, "failed", "device_error", None, None))
                break
            hit = [
                place
                for place, condition in enumerate(one.done)
                if place not in one.heard
                and self._meets(condition, topic, document, one.id)
            ]
            if not hit:
                continue
            one.heard.update(hit)
            if len(one.heard) == len(one.done):
                self._open.remove(one)
                messages.append(Ack(one.id, "done", "ok", None, None))
            else:
                messages.append(Ack(one.id, "received", "ok", None, None))
            # An echo without an id answers one command: the oldest.
            break
        return messages

    def _meets(self, condition, topic, document, cmd_id):
        where, pointers, wanted, ident, device = condition
        if where != topic:
            return False
        if ident is not None and pointer.first(document, [ident]) != cmd_id:
            return False
        if device is not None and not self._is_me(document, device):
            return False
        if wanted is MISSING:
            return any(pointer.find(document, one) is not MISSING for one in pointers)
        return any(
            (value := pointer.find(document, one)) is not MISSING
            and not isinstance(value, dict | list)
            and values.key_of(value) == wanted
            for one in pointers
        )


def read(payload):
    """Decode a payload: JSON where it is some, text otherwise.

    :raises ProtocolError: too_large, bad_utf8, too_deep
    """
    try:
        return decode(payload, MAX_BYTES)
    except ProtocolError as error:
        if error.code not in ("bad_json", "bad_number"):
            raise
    text = bytes(payload).decode()
    if "\x00" in text or len(text) > 256:
        raise ProtocolError("bad_json")
    return text


def _scalars(data):
    return {k: v for k, v in data.items() if not isinstance(v, dict | list)}


def _payload(template, known):
    """Fill a payload; text that is put together may hold plain values only."""
    if isinstance(template, str) and values.names(template):
        whole = re.fullmatch(r"\{[a-z0-9_]+\}", template)
        for name in () if whole else values.names(template):
            value = known.get(name)
            if value is not None and not _PLAIN.match(values.key_of(value)):
                raise ProfileError("unsafe_value", name)
    filled = values.fill(template, known)
    text = (
        values.key_of(filled)
        if not isinstance(filled, dict | list)
        else json.dumps(filled, ensure_ascii=False, separators=(",", ":"))
    )
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        raise ProfileError("unsafe_value") from None
    if len(payload) > MAX_BYTES:
        raise ProfileError("too_large")
    return payload


def _value(document, pointers, read):
    value = pointer.first(document, pointers)
    if value is MISSING or value is None:
        return None
    if read.map is not None:
        return read.map.get(values.key_of(value))
    if read.scale != 1 or read.add:
        value = values.number(value)
        return None if value is None else value * read.scale + read.add
    return value


def _inside(value, low, high):
    found = values.number(value)
    return found is not None and low <= found <= high


def _whole(value, low, high):
    found = values.number(value)
    return round(found) if found is not None and low <= found <= high else None


def _messages(readings, live, retained, boot):
    """Put what one message told together."""
    battery = _whole(live.get("bat_pct"), 0, 100)
    signal = _whole(live.get("rssi_dbm"), -200, 50)
    firmware = live.get("fw")
    firmware = firmware[:64] if isinstance(firmware, str) else None
    online = live.get("online")
    if isinstance(online, bool):
        # A birth that is told now is a new connection; a retained one may be old.
        fresh = boot if online and not retained else ""
        yield Status(online, fresh, firmware, battery, signal)
    if readings or battery is not None or signal is not None:
        yield Tele(None, readings, battery, signal)


def window(args):
    """Return the (from, to) of a PIN in epoch seconds, None where it has none."""
    bounds = [args.get(name) for name in ("from", "to")]
    if any(not isinstance(b, int) or not EPOCH[0] <= b <= EPOCH[1] for b in bounds):
        return None
    return tuple(bounds)
