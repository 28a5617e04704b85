"""A real broker, a database of its own and real processes for the gateway's tests.

Test transactions are invisible to another process, so the gateway gets a throw-away
database that holds the outbox's tables and nothing else.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psycopg2

from ..broker import BrokerSettings, write_broker
from ..gateway.link import Endpoint
from ..simulator.flash import Flash
from ..simulator.fleet import Fleet

GATEWAY_USER = "teahouse-gateway"
GATEWAY_PASSWORD = "gateway-secret"
RUNNER = Path(__file__).with_name("gateway_runner.py")
TABLES = """
CREATE SEQUENCE teahouse_device_seq;
CREATE TABLE teahouse_booking (
    id serial PRIMARY KEY, state varchar, room_id int, store_id int);
CREATE TABLE teahouse_grant (
    id serial PRIMARY KEY, state varchar, valid_from timestamp, valid_to timestamp,
    booking_id int);
CREATE TABLE teahouse_device_profile (
    id serial PRIMARY KEY, code varchar UNIQUE, definition text, native bool,
    dedup bool);
CREATE TABLE teahouse_broker_bridge (
    id serial PRIMARY KEY, username varchar UNIQUE, prefix varchar, mqtt_hash varchar,
    active bool DEFAULT TRUE, credential_seq int DEFAULT 1,
    credential_done int DEFAULT 0);
CREATE TABLE teahouse_device_announcement (
    id serial PRIMARY KEY, key varchar, source varchar, name varchar, kind varchar,
    model varchar, fw varchar, profile_code varchar, profile_values text,
    state varchar DEFAULT 'waiting', first_seen_at timestamp, last_seen_at timestamp,
    UNIQUE (source, key));
CREATE TABLE teahouse_device (
    id serial PRIMARY KEY, uid varchar UNIQUE, kind varchar, store_id int, room_id int,
    active bool DEFAULT TRUE, profile_id int REFERENCES teahouse_device_profile,
    ref varchar, profile_values text, dedup bool, signed bool, bridge_id int,
    revoked bool, mqtt_hash varchar, credential_seq int DEFAULT 1,
    credential_done int DEFAULT 0,
    state varchar DEFAULT 'unknown', state_at timestamp, boot varchar, fw varchar,
    battery_pct int, rssi_dbm int, last_seen_at timestamp);
CREATE TABLE teahouse_command (
    id serial PRIMARY KEY, cmd_id varchar UNIQUE,
    device_id int REFERENCES teahouse_device,
    booking_id int, grant_id int, act varchar, args jsonb, klass varchar,
    superkey varchar, state varchar DEFAULT 'queued', reason varchar,
    guard varchar DEFAULT 'none', seq bigint, due_at timestamp, expires_at timestamp,
    tries int DEFAULT 0, next_try_at timestamp, sent_at timestamp,
    first_sent_at timestamp, received_at timestamp, closed_at timestamp,
    ack_ts timestamp, boot varchar, effects_done bool DEFAULT FALSE);
CREATE UNIQUE INDEX ON teahouse_command (device_id)
    WHERE act = 'unlock' AND state IN ('queued', 'sent');
CREATE INDEX ON teahouse_command (due_at) WHERE state = 'queued';
CREATE INDEX ON teahouse_command (device_id, superkey)
    WHERE state IN ('queued', 'sent');
CREATE INDEX ON teahouse_command (id) WHERE NOT effects_done;
CREATE TABLE teahouse_device_event (
    id serial PRIMARY KEY, device_id int REFERENCES teahouse_device, uid varchar,
    ev varchar, sev varchar, payload jsonb, ts timestamp, received_at timestamp,
    effects_done bool DEFAULT FALSE, UNIQUE (device_id, uid));
CREATE TABLE teahouse_telemetry (
    id bigserial, device_id int, received_at timestamp, ts timestamp, temp_c real,
    hum_pct real, co2_ppm real, smoke bool, presence bool, power_w real,
    energy_wh float8);
CREATE INDEX ON teahouse_telemetry (device_id, received_at DESC);
CREATE FUNCTION teahouse_command_wake() RETURNS trigger AS $$
BEGIN PERFORM pg_notify('teahouse_command', ''); RETURN NULL; END $$ LANGUAGE plpgsql;
CREATE TRIGGER wake AFTER INSERT OR UPDATE OF due_at ON teahouse_command
    FOR EACH STATEMENT EXECUTE FUNCTION teahouse_command_wake();
CREATE FUNCTION teahouse_registry_wake() RETURNS trigger AS $$
BEGIN PERFORM pg_notify('teahouse_registry', ''); RETURN NULL; END $$ LANGUAGE plpgsql;
CREATE TRIGGER wake AFTER INSERT OR DELETE
    OR UPDATE OF uid, ref, profile_id, store_id, profile_values, active, dedup,
       bridge_id, revoked, credential_seq ON teahouse_device
    FOR EACH STATEMENT EXECUTE FUNCTION teahouse_registry_wake();
"""
NOW = "clock_timestamp() AT TIME ZONE 'UTC'"


def free_port():
    """Return a TCP port that nobody listens on.

    It lies below those that the system gives to outgoing connections: one of these may
    take a port in the moment between its choice and its use.
    """
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(check, timeout=10.0, message="condition"):
    """Poll until ``check()`` is true and return its value.

    :param message: what is waited for, or a function that tells
    :raise AssertionError: it stays false
    """
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            words = message() if callable(message) else message
            raise AssertionError(f"{words} not reached in {timeout} s")
        time.sleep(0.02)


class Broker:
    """A mosquitto of the test's own.

    :param uids: devices that have a credential
    :param options: further :class:`BrokerSettings`: dynsec, TLS files
    """

    def __init__(self, uids, **options):
        self.port = free_port()
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="teahouse-broker-"))
        self.passwords = {uid: f"secret-{uid}" for uid in uids}
        self.write()
        self._process = None

    def write(self):
        """(Re)write the files from ``passwords``."""
        settings = BrokerSettings(
            port=self.port,
            persistence=False,
            run_as="root" if os.geteuid() == 0 else None,
            gateway=GATEWAY_USER,
            **self.options,
        )
        users = {GATEWAY_USER: GATEWAY_PASSWORD, **self.passwords}
        write_broker(self.folder, settings, users)

    def start(self):
        """Start and wait for the port."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._process = subprocess.Popen(
            [program, "-c", str(self.folder / "mosquitto.conf")],
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, message="broker")

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=0.2).close()
        except OSError:
            return False
        return True

    def kill(self, number=signal.SIGKILL):
        """End the broker, by default without a goodbye."""
        if self._process:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def reload(self):
        """Let the broker read its files again."""
        self._process.send_signal(signal.SIGHUP)

    def close(self):
        """Stop and clean up."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def endpoint(self, username=GATEWAY_USER, password=GATEWAY_PASSWORD):
        """Return the endpoint for a user."""
        cafile = self.options.get("cafile")
        return Endpoint("127.0.0.1", self.port, username, password, cafile)


class Outbox:
    """A throw-away database with the outbox's tables.

    :param dict server: connection parameters of any database on the server
    """

    def __init__(self, server):
        self.name = f"teahouse_gateway_{uuid.uuid4().hex[:12]}"
        self._server = {k: v for k, v in server.items() if k != "dsn"}
        self._admin(f'CREATE DATABASE "{self.name}" TEMPLATE template0')
        self.parameters = {**self._server, "dbname": self.name}
        self.parameters.pop("database", None)
        self._connection = None
        self.query(TABLES)

    def _admin(self, sql):
        parameters = {**self._server, "dbname": "postgres"}
        parameters.pop("database", None)
        connection = psycopg2.connect(**parameters)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def query(self, sql, parameters=None):
        """Run SQL in a transaction of its own and return the rows."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(**self.parameters)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def device(self, uid, kind="lock", room_id=1, store_id=1, **values):
        """Insert a device and return its id."""
        row = {"uid": uid, "kind": kind, "room_id": room_id, **values}
        row["store_id"] = store_id
        marks = ", ".join(["%s"] * len(row))
        return self.query(
            f"INSERT INTO teahouse_device ({', '.join(row)})"
            f" VALUES ({marks}) RETURNING id",
            tuple(row.values()),
        )[0][0]

    def command(self, uid, act="unlock", args=None, life=15, delay=0, **values):
        """Insert a command and return its protocol id."""
        cmd_id = str(uuid.uuid4())
        args = {"pulse_ms": 1000} if args is None else args
        edge = act in ("unlock", "say")
        slot = f":{args['slot']}" if "slot" in args else ""
        row = {
            "cmd_id": cmd_id,
            "act": act,
            "args": json.dumps(args),
            "klass": "edge" if edge else "level",
            "superkey": "" if edge else act.split("_")[0] + slot,
            **values,
        }
        names = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        self.query(
            f"INSERT INTO teahouse_command (device_id, due_at, expires_at, {names})"
            f" SELECT id, {NOW} + %s * interval '1 second',"
            f"        {NOW} + %s * interval '1 second', {marks}"
            "   FROM teahouse_device WHERE uid = %s",
            (delay, life, *row.values(), uid),
        )
        return cmd_id

    def state(self, cmd_id):
        """Return (state, reason) of a command."""
        return self.query(
            "SELECT state, reason FROM teahouse_command WHERE cmd_id = %s", (cmd_id,)
        )[0]

    def kill_backends(self):
        """Cut every other connection to the database.

        The server's own vacuum is nobody's to end: it gives way by itself.
        """
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()"
            " AND usename = current_user",
            (self.name,),
        )

    def shut(self):
        """Let nobody in, and turn out who is there."""
        self._admin(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        self.kill_backends()
        self._connection.close()

    def open(self):
        """Let everybody in again."""
        self._admin(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')

    def drop(self):
        """Remove the database."""
        self.open()
        self.kill_backends()
        self._connection.close()
        self._admin(f'DROP DATABASE IF EXISTS "{self.name}"')


class GatewayProcess:
    """The gateway in a process of its own, so that it can be killed."""

    def __init__(self, outbox, broker, crash=None, http_port=None, **options):
        self.http_port = http_port or free_port()
        endpoint = broker.endpoint()
        configuration = {
            "database": outbox.parameters,
            "broker": list(vars(endpoint).values()),
            **options,
            "http_port": self.http_port,
            "crash": crash,
        }
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, str(RUNNER), json.dumps(configuration, default=str)],
            stderr=self._said,
        )

    @property
    def alive(self):
        """Tell whether the process runs."""
        return self._process.poll() is None

    def said(self):
        """Return the end of what it wrote, and how it ended if it did."""
        self._said.seek(0)
        words = self._said.read().decode(errors="replace")[-2000:]
        return f"gateway ended with {self._process.poll()}: {words}"

    def kill(self, number=signal.SIGKILL):
        """Send a signal; wait for the end unless the process is only stopped."""
        if self.alive:
            self._process.send_signal(number)
            if number not in (signal.SIGSTOP, signal.SIGCONT):
                self._process.wait(timeout=15)
        return self._process.returncode

    def wait(self, timeout=15):
        """Wait for the end and return the exit code."""
        return self._process.wait(timeout=timeout)


def make_fleet(broker, specs, tele_interval=0, state=None):
    """Start simulated devices in a thread.

    :param list specs: (uid, kind) pairs
    :rtype: Fleet
    """
    fleet = Fleet(broker.endpoint(), Flash(state), tele_interval, spread=0.1)
    for uid, kind in specs:
        fleet.add({"uid": uid, "kind": kind, "password": broker.passwords[uid]})
    fleet.start()
    return fleet
