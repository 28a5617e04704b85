"""The processes of an installation: separate, known by file, started when missing."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import accounts
from .paths import digest
from .progress import SetupError

STOP_SECONDS = 15
READY_SECONDS = 180


@dataclass
class Service:
    """A process that is to run.

    :param list command: its command line
    :param ready: tells whether it answers
    :param str account: runs it, None for oneself
    :param tuple watched: files whose change asks for a restart
    :param stop_signal: ends it in good order
    """

    name: str
    command: list
    ready: Callable[[], bool]
    account: str | None = None
    watched: tuple = ()
    stop_signal: int = signal.SIGTERM
    env: dict = field(default_factory=dict)

    def mark(self):
        """Return what tells this set-up of the service from another one."""
        files = [path for path in self.watched if Path(path).exists()]
        return digest(*self.command, *map(Path, files))


class Processes:
    """Starts, finds and stops services by the files in ``<state>/run``."""

    def __init__(self, paths):
        self._folder = paths.state / "run"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._log = paths.log

    def record(self, name):
        """Return what is known of a service that lives, else None.

        :rtype: dict | None
        """
        with contextlib.suppress(FileNotFoundError, ValueError):
            record = json.loads((self._folder / f"{name}.json").read_text())
            if _start_time(record["pid"]) == record["started"]:
                return record
        return None

    def names(self):
        """Return the services that were started and not stopped."""
        return sorted(file.stem for file in self._folder.glob("*.json"))

    def lives(self, name):
        """Tell whether a service's process lives."""
        return self.record(name) is not None

    @staticmethod
    def is_alive(pid):
        """Tell whether a process lives; a zombie does not."""
        return _start_time(pid) is not None

    def start(self, service):
        """Start a service unless it runs as it should; tell whether it did."""
        record = self.record(service.name)
        if record and record["mark"] == service.mark():
            return False
        self.stop(service.name)
        log = (self._log / f"{service.name}.log").open("ab")
        with log:
            process = subprocess.Popen(
                [str(part) for part in service.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**os.environ, **service.env},
                start_new_session=True,
                **accounts.as_account(service.account),
            )
        # Whoever ends is buried at once: others look whether its number is free.
        threading.Thread(target=process.wait, daemon=True).start()
        self.note(service.name, process.pid, service.mark(), service.stop_signal)
        return True

    def note(self, name, pid, mark="", stop_signal=signal.SIGTERM):
        """Write down a process, with its start so that a reused number is noticed."""
        record = {
            "pid": pid,
            "started": _start_time(pid),
            "mark": mark,
            "signal": int(stop_signal),
        }
        partial = self._folder / f".{name}.new"
        partial.write_text(json.dumps(record))
        partial.replace(self._folder / f"{name}.json")

    def forget(self, name):
        """Forget a process without touching it."""
        (self._folder / f"{name}.json").unlink(missing_ok=True)

    def wait(self, services):
        """Wait until all services answer.

        :raise SetupError: one ended, or none of its answers came
        """
        deadline = time.monotonic() + READY_SECONDS
        for service in services:
            while not service.ready():
                if not self.lives(service.name):
                    raise SetupError(
                        f"{service.name} ended while starting.\n{self._tail(service)}",
                        f"Its log: {self._log / service.name}.log",
                    )
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"{service.name} runs but does not answer.",
                        f"Its log: {self._log / service.name}.log",
                    )
                time.sleep(0.1)

    def stop(self, name):
        """Stop a service and whatever is left of its process group."""
        file = self._folder / f"{name}.json"
        try:
            record = json.loads(file.read_text())
        except (FileNotFoundError, ValueError):
            return
        pid = record["pid"]
        if _start_time(pid) == record["started"]:
            os.kill(pid, record["signal"])
            if not _gone(pid, record["started"], STOP_SECONDS):
                os.kill(pid, signal.SIGKILL)
                _gone(pid, record["started"], STOP_SECONDS)
        for left in _session_members(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)
        file.unlink(missing_ok=True)

    def _tail(self, service):
        file = self._log / f"{service.name}.log"
        lines = file.read_text(errors="replace").splitlines()[-15:]
        return "\n".join(f"    {line}" for line in lines)


def _stat(pid):
    """Return the fields of /proc/<pid>/stat behind the command's name."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _start_time(pid):
    """Return when a process began, in ticks; None if it is gone or a zombie."""
    fields = _stat(pid)
    return None if fields is None or fields[0] in "ZX" else int(fields[19])


def _gone(pid, started, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _start_time(pid) != started:
            return True
        time.sleep(0.05)
    return False


def _session_members(leader):
    """Yield the processes left in the session that a service's process led."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(entry.name)
            if fields and int(fields[3]) == leader and fields[0] not in "ZX":
                yield int(entry.name)
