"""Steps of visitors on their way to a stay, noted without making anybody wait.

A request puts a step into the memory of its process and goes on; a thread writes what
has gathered, every few seconds, in one transaction of its own. A process that dies
takes the steps of these seconds along, and a database that is away loses them: they
are counts, nothing rests on any one of them.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from datetime import datetime
from typing import NamedTuple

from odoo.modules import module

_logger = logging.getLogger(__name__)

#: Seconds between two writes.
PAUSE = 5.0
#: What a process holds at most; older steps give way.
MOST = 20_000


class Step(NamedTuple):
    """What somebody did.

    :param str dbname: where it happened
    :param str kind: ``seen`` or ``quoted``
    :param int store_id: of which store
    :param datetime at: naive UTC
    :param str who: what tells one visitor from another; written as a keyed hash only
    """

    dbname: str
    kind: str
    store_id: int
    at: datetime
    who: str


class StepBuffer:
    """Steps of this process that are not written yet."""

    def __init__(self, write, pause=PAUSE, most=MOST):
        """Keep what is needed to write.

        :param write: called with a database name and a list of its steps
        :param float pause: seconds between two writes
        :param int most: steps held at most
        """
        self._write = write
        self._pause = pause
        self._steps = deque(maxlen=most)
        self._lock = threading.Lock()
        self._pid = None

    def add(self, step):
        """Note a step; never waits for a database and never fails."""
        self._steps.append(step)
        # Threads do not live on in a forked worker: each process starts its own.
        if self._pid != os.getpid():
            self._start()

    def flush(self):
        """Write what has gathered; return how many steps were taken out."""
        taken = []
        while self._steps:
            try:
                taken.append(self._steps.popleft())
            except IndexError:
                break
        for dbname in {step.dbname for step in taken}:
            steps = [step for step in taken if step.dbname == dbname]
            try:
                self._write(dbname, steps)
            except Exception as error:
                # The text of a database error may hold what was to be written.
                _logger.warning(
                    "%s steps of visitors are lost: %s", len(steps), type(error)
                )
        return len(taken)

    def _start(self):
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            if module.current_test:
                # What a test makes is taken back; nobody else can write about it.
                return
            threading.Thread(target=self._run, name="steps", daemon=True).start()
            atexit.register(self.flush)

    def _run(self):
        while True:
            time.sleep(self._pause)
            self.flush()
