"""Many devices, their connections and one event loop."""

import contextlib
import heapq
import itertools
import json
import logging
import queue
import random
import selectors
import socket
import threading
import time
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import replace

from ..gateway.link import Link, Will
from .device import Device

_logger = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 5
BACKOFF_MAX_SECONDS = 15.0
TICK_SECONDS = 1.0


class Station:
    """A device with its connection."""

    def __init__(self, device, password):
        self.device = device
        self.password = password
        self.link = None
        self.registered = None  # (descriptor, events) in the selector
        self.failures = 0
        self.last_tele = time.monotonic()

    @property
    def online(self):
        """Tell whether the broker accepted the connection."""
        return bool(self.link and self.link.up)


class Fleet:
    """Runs devices against a broker.

    :param Endpoint endpoint: the broker; each device puts its own credential in
    :param Flash flash: what devices remember
    :param float tele_interval: seconds between telemetry, 0 for none
    :param float spread: first connections are spread over so many seconds
    """

    def __init__(self, endpoint, flash, tele_interval=30.0, spread=1.0):
        self.stations = {}
        self._powers = defaultdict(list)  # room -> its power switches
        self._endpoint = endpoint
        self._flash = flash
        self._tele_interval = tele_interval
        self._spread = spread
        self._selector = selectors.DefaultSelector()
        self._timers = []
        self._order = itertools.count()
        self._calls = queue.SimpleQueue()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._stop = False

    # From other threads

    def call(self, function, *args):
        """Run a function in the loop's thread and return its result.

        :raise TimeoutError: the loop does not answer within 10 s
        """
        future = Future()
        self._calls.put((future, function, args))
        self._wake_out.send(b"x")
        return future.result(timeout=10)

    def stop(self):
        """End :meth:`run`; safe from a signal handler."""
        self._stop = True
        with contextlib.suppress(OSError):
            self._wake_out.send(b"x")

    # Devices

    def add(self, spec):
        """Add a device, or do nothing when it is there.

        :param dict spec: ``uid``, ``kind``, ``password``, see :class:`Device`
        """
        if spec["uid"] in self.stations:
            return
        station = Station(Device(spec, self._flash), spec["password"])
        self.stations[spec["uid"]] = station
        if station.device.kind == "power":
            self._powers[spec.get("room")].append(station.device)
        self._later(random.uniform(0, self._spread), self._connect, station)
        if self._tele_interval:
            first = random.uniform(0.2, 1) * self._tele_interval
            self._later(first, self._telemetry, station)

    def set_faults(self, uid, values):
        """Change what is wrong with a device; ``offline`` acts at once."""
        station = self.stations[uid]
        faults = replace(station.device.faults)
        faults.change(values)
        station.device.faults = faults
        if faults.offline and station.link:
            self._drop(station, graceful=False)
        elif not faults.offline and not station.link:
            self._connect(station)

    def publish(self, uid, channel, payload, qos=1):
        """Publish for a device; False while it is not connected."""
        station = self.stations[uid]
        if not station.online or payload is None:
            return False
        topic = f"th/v1/{uid}/{channel}"
        sent = station.link.publish(topic, payload, qos=qos, retain=channel == "st")
        self._watch(station)
        return sent

    # Loop

    def run(self):
        """Serve until :meth:`stop`."""
        self._later(TICK_SECONDS, self._tick)
        while not self._stop:
            timeout = 1.0
            if self._timers:
                timeout = max(0.0, self._timers[0][0] - time.monotonic())
            for key, events in self._selector.select(timeout):
                if key.data is None:
                    self._serve_calls()
                else:
                    self._serve(key.data, events)
            self._run_timers()
        for station in self.stations.values():
            self._drop(station)
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def start(self):
        """Run the loop in a thread of its own and return the thread."""
        thread = threading.Thread(target=self.run, name="fleet", daemon=True)
        thread.start()
        return thread

    def _later(self, delay, function, *args):
        due = time.monotonic() + delay
        heapq.heappush(self._timers, (due, next(self._order), function, args))

    def _run_timers(self):
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            _due, _order, function, args = heapq.heappop(self._timers)
            function(*args)

    def _serve_calls(self):
        self._wake_in.recv(4096)
        while not self._calls.empty():
            future, function, args = self._calls.get()
            try:
                future.set_result(function(*args))
            except Exception as error:  # the caller's, who gets it
                future.set_exception(error)

    def _serve(self, station, events):
        link = station.link
        if link is None or station.device.faults.silent:
            return
        if events & selectors.EVENT_WRITE:
            link.write()
        if events & selectors.EVENT_READ:
            link.read(packets=100)
        self._watch(station)

    def _tick(self):
        for station in self.stations.values():
            if station.link and not station.device.faults.silent:
                station.link.tick()
                self._watch(station)
        self._later(TICK_SECONDS, self._tick)

    def _watch(self, station):
        """Bring the selector in line with the link's socket and its wishes."""
        link = station.link
        wanted = None
        if link and link.fileno() >= 0 and not station.device.faults.silent:
            events = selectors.EVENT_READ
            if link.want_write():
                events |= selectors.EVENT_WRITE
            wanted = (link.fileno(), events)
        if wanted == station.registered:
            return
        if station.registered:
            try:
                self._selector.unregister(station.registered[0])
            except (KeyError, ValueError):
                _logger.debug("Socket of %s was gone", station.device.uid)
        if wanted:
            self._selector.register(wanted[0], wanted[1], station)
        station.registered = wanted

    # Connections

    def _connect(self, station):
        if station.link or station.device.faults.offline or self._stop:
            return
        device = station.device
        device.begin()
        endpoint = replace(
            self._endpoint, username=device.uid, password=station.password
        )
        link = Link(
            endpoint,
            device.uid,
            will=Will(f"th/v1/{device.uid}/st", device.will()),
            keepalive=KEEPALIVE_SECONDS,
            on_up=lambda _link, _present: self._up(station),
            on_message=lambda _link, message: self._message(station, message),
            on_down=lambda _link, _reason: self._down(station),
        )
        station.link = link
        try:
            link.connect()
        except OSError:
            self._down(station)
            return
        self._watch(station)

    def _up(self, station):
        station.failures = 0
        uid = station.device.uid
        station.link.subscribe(f"th/v1/{uid}/cmd")
        self.publish(uid, "st", station.device.birth())

    def _down(self, station):
        station.link = None
        self._watch(station)
        station.failures += 1
        ceiling = min(BACKOFF_MAX_SECONDS, 2 ** (station.failures - 1))
        self._later(random.uniform(0, ceiling), self._connect, station)

    def _drop(self, station, graceful=True):
        if not station.link:
            return
        if graceful:
            self.publish(station.device.uid, "st", station.device.will())
        if station.registered:
            self._selector.unregister(station.registered[0])
            station.registered = None
        station.link.close(graceful)
        station.link = None

    # Traffic

    def _message(self, station, message):
        slow = station.device.faults.slow_s
        if slow:
            self._later(slow, self._obey, station, message)
        else:
            self._obey(station, message)

    def _obey(self, station, message):
        for ack in station.device.command(message.payload, message.retain):
            self.publish(station.device.uid, "ack", ack)

    def _telemetry(self, station):
        self.report(station.device.uid)
        self._later(self._tele_interval, self._telemetry, station)

    def report(self, uid):
        """Publish the readings of a device now."""
        station = self.stations[uid]
        now = time.monotonic()
        elapsed = now - station.last_tele
        payload = station.device.telemetry(elapsed, self._occupied(station.device))
        station.last_tele = now
        if not station.device.faults.silent:
            battery = "bat_pct" in json.loads(payload)
            self.publish(station.device.uid, "tele", payload, qos=int(battery))

    def _occupied(self, device):
        """Tell whether the power of a sensor's room is on: somebody is in."""
        room = device.spec.get("room")
        if device.kind != "sensor" or not room:
            return False
        return any(power.level("power")["on"] for power in self._powers[room])

    # What can be seen

    def counts(self):
        """Return totals for the status line."""
        stations = self.stations.values()
        return {
            "devices": len(stations),
            "online": sum(station.online for station in stations),
            "executed": sum(len(s.device.memory.executed) for s in stations),
            "faulty": sum(s.device.faults.any() for s in stations),
        }
