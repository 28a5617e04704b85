"""A thread that sends what changed to open screens, apart from what changed it.

To wake the bus takes a connection to another database, which is more than many a
request takes in all. What comes within a moment travels together, so that a rush of
bookings is one message.
"""

import logging
import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.1


def merge(into, told):
    """Add messages to others, in place.

    :param dict into: {(channel, type): {name: set of ids}}
    :param dict told: the same
    """
    for target, ids in told.items():
        known = into.setdefault(target, {})
        for name, values in ids.items():
            known.setdefault(name, set()).update(values)


class Courier:
    """Sends messages of committed transactions, of all databases of the process.

    What it holds is lost with the process: screens load by themselves too, some time
    later.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._filled = threading.Event()
        self._held = {}
        self._thread = None

    def hand(self, database, told):
        """Take messages over, to be sent in a moment; from any thread.

        :param str database: name
        :param dict told: see :func:`merge`
        """
        with self._lock:
            merge(self._held.setdefault(database, {}), told)
            self._filled.set()
            # A process that was forked has the object, but not its thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="teahouse.courier", daemon=True
                )
                self._thread.start()

    def _run(self):
        while True:
            self._filled.wait()
            time.sleep(PAUSE_SECONDS)
            with self._lock:
                held, self._held = self._held, {}
                self._filled.clear()
            for database, told in held.items():
                self._send(database, told)

    def _send(self, database, told):
        try:
            with Registry(database).cursor() as cr:
                api.Environment(cr, SUPERUSER_ID, {})["teahouse.live"]._send(told)
        except Exception:
            # The next messages are not to wait for these.
            _logger.exception("Open screens of %s were not told", database)


courier = Courier()
