"""A database of a benchmark's own, with what it needs, and a server on it.

``BENCH_KEEP=1`` leaves the database for the next run, which then starts at once.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

KEEP = bool(os.environ.get("BENCH_KEEP"))
START_SECONDS = 60

FLOORS = """
import uuid

from odoo import http, models
from odoo.http import request


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _confirm_requirements(self):
        return ["payment"]


class Floors(http.Controller):
    @http.route("/bench/one", type="http", auth="user", readonly=True)
    def one(self):
        request.env.cr.execute(
            "SELECT login FROM res_users WHERE id = %s", [request.env.uid]
        )
        return request.make_json_response({"login": request.env.cr.fetchone()[0]})

    @http.route("/bench/create", type="http", auth="user", methods=["POST"], csrf=False)
    def create(self):
        row = request.env["res.partner.category"].create({"name": str(uuid.uuid4())})
        return request.make_json_response({"id": row.id}, status=201)
"""


class OwnDatabase:
    """A database, by name, and ways to it."""

    def __init__(self, name):
        self.name = name

    @contextmanager
    def env(self):
        """Return a context with an environment of the superuser; it commits."""
        # pytest-odoo turned the tests of a registry that is being loaded on.
        with patch.dict(config.options, {"test_enable": False}):
            registry = Registry(self.name)
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def odoo(self, *arguments, addons=(), **kwargs):
        """Return the command that runs Odoo on this database."""
        paths = [*map(str, addons), *config.options["addons_path"]]
        return [
            *(sys.executable, "-m", "odoo", "-c", os.environ["ODOO_RC"]),
            *("-d", self.name, "--addons-path", ",".join(paths)),
            *("--max-cron-threads", "0", "--log-level", "error", *arguments),
        ]

    def install(self, *modules, addons=()):
        """Install modules, those of more folders too."""
        command = self.odoo(
            *("-i", ",".join(modules), "--stop-after-init", "--no-http"), addons=addons
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]


@contextmanager
def own_database(name, *modules, addons=()):
    """Return a context with a copy of the tests' database that has more modules."""
    source = config["db_name"]
    source = source[0] if isinstance(source, list) else source
    database = OwnDatabase(name)
    if not (KEEP and exists(name)):
        sql_db.close_db(source)
        server(f"DROP DATABASE IF EXISTS {name}")
        server(f'CREATE DATABASE {name} TEMPLATE "{source}"')
        database.install(*modules, addons=addons)
    try:
        yield database
    finally:
        if name in Registry.registries:
            Registry.delete(name)
        sql_db.close_db(name)
        if not KEEP:
            server(f"DROP DATABASE IF EXISTS {name}")


def exists(name):
    """Tell whether a database is there."""
    _name, options = sql_db.connection_info_for("postgres")
    with closing(psycopg2.connect(**options)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            return bool(cursor.fetchone())


def server(statement, dbname="postgres"):
    """Run a statement outside of a transaction."""
    _name, options = sql_db.connection_info_for(dbname)
    with closing(psycopg2.connect(**options)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


class Server:
    """An Odoo that serves a database, and a user who is signed in there."""

    def __init__(self, port):
        self.port = port
        self.cookie = None

    def ask(self, connection, method, path, body=None, headers=None):
        """Send one request on a connection that is kept; return (status, JSON)."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, headers)
        response = connection.getresponse()
        content = response.read()
        cookie = response.getheader("Set-Cookie")
        if cookie and "session_id" in cookie and not self.cookie:
            self.cookie = cookie.split(";")[0]
        return response.status, json.loads(content or "null")

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def sign_in(self, login, password, database):
        """Sign in to the back office."""
        params = {"db": database, "login": login, "password": password}
        with closing(self.connect()) as connection:
            _status, answer = self.ask(
                connection, "POST", "/web/session/authenticate", {"params": params}
            )
        assert answer["result"]["uid"], answer

    def measure(self, requests, clients=1):
        """Send requests, and return (seconds of each, requests in a second).

        :param list requests: (method, path, body, headers, expected status)
        """
        seconds, shares = [], [requests[n::clients] for n in range(clients)]

        def run(share):
            with closing(self.connect()) as connection:
                for method, path, body, headers, expected in share:
                    begun = time.perf_counter()
                    status, answer = self.ask(connection, method, path, body, headers)
                    seconds.append(time.perf_counter() - begun)
                    assert status == expected, answer

        threads = [threading.Thread(target=run, args=(share,)) for share in shares]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seconds) == len(requests)
        return seconds, len(requests) / (time.perf_counter() - begun)


@contextmanager
def served(database):
    """Return a context with a server that also has the floors, signed in as admin.

    Bookings wait for a payment there that never comes.
    """
    with tempfile.TemporaryDirectory() as folder:
        addon = Path(folder) / "teahouse_bench"
        addon.mkdir()
        (addon / "__init__.py").write_text("from . import floors\n")
        (addon / "floors.py").write_text(textwrap.dedent(FLOORS))
        (addon / "__manifest__.py").write_text(
            '{"name": "Floors", "depends": ["teahouse_booking"], "license": "LGPL-3"}\n'
        )
        database.install("teahouse_bench", addons=[folder])
        with database.env() as env:
            env.ref("base.user_admin").write({"login": "bench", "password": "bench"})
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = database.odoo(
            *("--http-port", str(port), "--workers", "0"), addons=[folder]
        )
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            server = Server(port)
            wait_for(server)
            server.sign_in("bench", "bench", database.name)
            yield server
        finally:
            process.terminate()
            process.wait(30)


def wait_for(server):
    """Return once the server answers."""
    for _second in range(START_SECONDS * 4):
        try:
            with closing(server.connect()) as connection:
                if server.ask(connection, "GET", "/web/health")[0] == 200:
                    return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("The server does not start.")
