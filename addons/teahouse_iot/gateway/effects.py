"""What an answer means for the house: the part that needs Odoo's models.

A process of its own beside the gateway, so that the interpreter lock of a slow
business method never delays a door. It works off rows whose ``effects_done`` is
false: a crash at any point repeats work that the models know to do once. Over its
standard input the gateway asks for secrets (PINs, day keys) that only the models can
decrypt; when the gateway dies, end-of-file ends this process too.
"""

import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import time

from .database import EFFECTS_CHANNEL, EFFECTS_LOCK, ConnectionLost, Database

_logger = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
BATCH = 200
RESTART_SECONDS = (1.0, 2.0, 5.0, 15.0)
QUEUES = {
    "teahouse.command": (
        "_on_acks",
        "SELECT id FROM teahouse_command WHERE NOT effects_done AND state IN"
        " ('done', 'failed', 'rejected', 'expired', 'unknown', 'cancelled')"
        " ORDER BY id LIMIT %s",
    ),
    "teahouse.device": (
        "_on_events",
        "SELECT id FROM teahouse_device_event WHERE effects_done IS NOT TRUE"
        " ORDER BY id LIMIT %s",
    ),
}
TABLES = {
    "teahouse.command": "teahouse_command",
    "teahouse.device": "teahouse_device_event",
}


class Effects:
    """Works off rows with Odoo's models.

    :param environment: context manager function that gives an ``Environment`` whose
        transaction :meth:`work` may commit
    """

    def __init__(self, environment):
        self._environment = environment

    def work(self):
        """Work off everything that waits; return how many rows that were."""
        total = 0
        for model, (method, sql) in QUEUES.items():
            while True:
                with self._environment() as env:
                    env.cr.execute(sql, (BATCH,))
                    ids = [row[0] for row in env.cr.fetchall()]
                if not ids:
                    break
                self._run(model, method, ids)
                total += len(ids)
        return total

    def _run(self, model, method, ids):
        try:
            self._call(model, method, ids)
        except ConnectionLost:
            raise
        except Exception:
            _logger.exception("Effects of %s %s failed, one by one now", model, ids)
            for row_id in ids:
                self._run_one(model, method, row_id)

    def _run_one(self, model, method, row_id):
        try:
            self._call(model, method, [row_id])
        except ConnectionLost:
            raise
        except Exception:
            _logger.exception("Effects of %s %s given up", model, row_id)
            with self._environment() as env:
                env.cr.execute(
                    f"UPDATE {TABLES[model]} SET effects_done = TRUE WHERE id = %s",
                    (row_id,),
                )
                env.cr.commit()

    def _call(self, model, method, ids):
        from odoo.service.model import retrying

        with self._environment() as env:
            retrying(lambda: getattr(env[model], method)(ids), env)

    def answer(self, question):
        """Answer the gateway: secret arguments of commands, passwords of clients.

        :param dict question: {"secrets": ids} or {"credentials": usernames}
        """
        with self._environment() as env:
            if "credentials" in question:
                names = question["credentials"]
                return {"credentials": env["teahouse.device"]._broker_passwords(names)}
            ids = question["secrets"]
            return {"secrets": env["teahouse.command"]._secret_args(ids)}


def serve(dbname, parameters):
    """Run the effects process until standard input ends.

    :param str dbname: Odoo's database
    :param dict parameters: of the connection that listens
    """
    # Whatever a library prints must not get into the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    effects = Effects(_registry_environment(dbname))
    _logger.info("Effects process of %s is ready", dbname)
    listener = None
    alone = False
    buffer = b""
    while True:
        try:
            if listener is None:
                listener = Database(parameters, "teahouse_effects")
                listener.listen(EFFECTS_CHANNEL)
                alone = False
            # Gateways of several shares each have such a process: one of them works.
            alone = alone or listener.lock(EFFECTS_LOCK)
            if alone:
                effects.work()
            heard = listener.notified(poll=False)
            timeout = 0 if heard else SWEEP_SECONDS
            ready = select.select([0, listener.fileno()], [], [], timeout)[0]
            if 0 in ready:
                chunk = os.read(0, 65536)
                if not chunk:
                    return
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    answers.write(json.dumps(effects.answer(json.loads(line))) + "\n")
            if listener.fileno() in ready:
                listener.notified()
        except ConnectionLost as error:
            _logger.warning("Database lost: %s", type(error).__name__)
            if listener:
                listener.close()
            listener = None
            if select.select([0], [], [], 1.0)[0] and not os.read(0, 65536):
                return


def _registry_environment(dbname):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    @contextlib.contextmanager
    def environment():
        registry = Registry(dbname).check_signaling()
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    return environment


class EffectsProcess:
    """The gateway's handle of its effects process.

    :param list command: how to start it
    """

    def __init__(self, command):
        self._command = command
        self._process = None
        self._failures = 0
        self._start_at = 0.0
        self._started_at = 0.0
        self._buffer = b""
        self._passwords = {}

    @property
    def alive(self):
        """Tell whether the process runs."""
        return bool(self._process and self._process.poll() is None)

    def fileno(self):
        """Return the descriptor answers come from, -1 when there is none."""
        return self._process.stdout.fileno() if self.alive else -1

    def keep_alive(self):
        """Start the process, again when it died; call about once a second."""
        if self.alive:
            return
        now = time.monotonic()
        if self._process:
            _logger.warning("Effects process ended: %s", self._process.returncode)
            self._close()
            if now - self._started_at > 60:
                self._failures = 0
            pause = RESTART_SECONDS[min(self._failures, len(RESTART_SECONDS) - 1)]
            self._start_at = now + pause
            self._failures += 1
        if now >= self._start_at:
            self._started_at = now
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            os.set_blocking(self._process.stdout.fileno(), False)

    def ask(self, ids):
        """Ask for the secrets of commands; False when nobody can answer."""
        return self._ask({"secrets": ids})

    def ask_credentials(self, usernames):
        """Ask for the passwords of clients; False when nobody can answer."""
        return self._ask({"credentials": usernames})

    def _ask(self, question):
        if not self.alive:
            return False
        try:
            line = json.dumps(question).encode() + b"\n"
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def answers(self):
        """Return the secrets that have come: {command id: {name: value}}."""
        try:
            chunk = os.read(self._process.stdout.fileno(), 65536)
        except BlockingIOError:
            return {}
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        found = {}
        for line in lines:
            answer = json.loads(line)
            self._passwords.update(answer.get("credentials", {}))
            for key, values in answer.get("secrets", {}).items():
                found[int(key)] = values
        return found

    def credentials(self):
        """Return the passwords that :meth:`answers` has read: {username: password}."""
        found, self._passwords = self._passwords, {}
        return found

    def stop(self):
        """End the process; it finishes the row it works on."""
        if not self._process:
            return
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self):
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process = None
        self._buffer = b""


def own_command(*extra):
    """Return the command line that started this process, with more arguments."""
    return [sys.executable, *sys.orig_argv[1:], *extra]
