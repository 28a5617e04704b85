"""Devices of other makes: what the registry says of them, and who hears what."""

import logging
import secrets

from ..engine import profile
from ..engine.profile import ForeignDevice, ProfileError
from ..engine.protocol import ProtocolError, Status

_logger = logging.getLogger(__name__)

LOAD_SQL = """
SELECT d.uid, d.ref, d.profile_values, p.id, p.definition
  FROM teahouse_device d JOIN teahouse_device_profile p ON p.id = d.profile_id
 WHERE d.active AND NOT p.native {shard}
 ORDER BY d.id
"""
#: Definitions are read once; a profile that changes comes as another text.
_built = {}


class Foreign:
    """All foreign devices of this gateway.

    :param Metrics metrics: counts
    :param clock: monotonic seconds
    """

    def __init__(self, metrics, clock):
        self._metrics, self._clock = metrics, clock
        self._devices = {}  # uid -> (what it was made from, ForeignDevice)
        self._routes = {}  # topic -> [ForeignDevice]
        self._heard = {}  # uid -> monotonic instant of its last word
        self._tells = set()  # uids whose availability is told

    @property
    def topics(self):
        """Topics to subscribe to."""
        return frozenset(self._routes)

    def get(self, uid):
        """Return a foreign device, None for one of the house's own protocol."""
        found = self._devices.get(uid)
        return found and found[1]

    def load(self, rows):
        """Take over what the database says; devices that stay keep what they know.

        :param rows: (uid, ref, values, profile id, definition)
        """
        devices = {}
        for uid, ref, values, _profile_id, definition in rows:
            made_from = (ref, str(values), str(definition))
            known = self._devices.get(uid)
            if known and known[0] == made_from:
                devices[uid] = known
                continue
            try:
                device = ForeignDevice(uid, ref, build(definition), values_of(values))
            except ProfileError as error:
                _logger.warning("Profile of %s cannot be used: %s", uid, error)
                self._metrics.reject(uid, f"profile_{error.code}")
                continue
            devices[uid] = (made_from, device)
            self._heard.setdefault(uid, self._clock())
        self._devices = devices
        self._routes = {}
        for _made_from, device in devices.values():
            for topic in device.topics:
                self._routes.setdefault(topic, []).append(device)
        self._metrics.gauge("foreign_devices", len(devices))

    def order(self, row, args, now):
        """Return (topic, payload) for a claimed command of a foreign device.

        :raises ProfileError: it cannot be said in that device's language
        """
        return self.get(row.uid).order(row.cmd_id, row.seq, row.exp, row.act, args, now)

    def take(self, message, now):
        """Return what a message means: [(uid, message of the protocol)].

        :param Inbound message: as the link delivered it
        :param float now: seconds since the epoch
        """
        devices = self._routes.get(message.topic, ())
        if not devices:
            self._metrics.reject("?", "bad_topic")
            return []
        try:
            document = profile.read(message.payload)
        except ProtocolError as error:
            self._metrics.reject(devices[0].uid, error.code)
            return []
        found = []
        for device in devices:
            boot = secrets.token_hex(4)
            told = device.take(message.topic, document, message.retain, boot, now)
            if told:
                self._note(device, told, message.retain)
            found += [(device.uid, one) for one in told]
        return found

    def _note(self, device, told, retained):
        if not retained:
            self._heard[device.uid] = self._clock()
        for one in told:
            # A sign of life has no boot and is told now; availability has either.
            if isinstance(one, Status) and (one.boot or retained or not one.online):
                self._tells.add(device.uid)

    def silent(self):
        """Return the wills of devices from which nothing was heard for too long."""
        now = self._clock()
        found = []
        for uid, (_made_from, device) in self._devices.items():
            limit = device.profile.silent_s
            if limit and uid not in self._tells and now - self._heard[uid] > limit:
                self._heard[uid] = now
                found.append((uid, Status(online=False, boot="")))
        return found


def build(definition):
    """Return the checked profile of a definition (text or object).

    :raises ProfileError: it is not sound
    """
    text = str(definition)
    if text not in _built:
        _built[text] = profile.build(values_of(definition))
    return _built[text]


def values_of(value):
    """Return the object that a JSON text is, {} for none.

    :raises ProfileError: it is something else
    """
    if isinstance(value, str):
        try:
            value = profile.read(value.encode())
        except ProtocolError as error:
            raise ProfileError(error.code) from None
    if value is not None and not isinstance(value, dict):
        raise ProfileError("not_an_object")
    return value or {}
