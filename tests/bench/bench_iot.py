"""How close the gateway comes to the bare outbox: latency, burst, readings.

    python tests/bench/bench_iot.py [--rounds 10] [--burst 1000]

Floor and gateway run in the same minutes on the same broker, database and devices,
in turns, and what counts is their ratio. The floor is the least that can do the work:
LISTEN, one UPDATE … RETURNING, publish; an UPDATE per answer. PostgreSQL is found by
the usual PG* variables; mosquitto must be installed.
"""

import argparse
import importlib
import json
import select
import socket
import statistics
import subprocess
import sys
import threading
import time
import types
import uuid
from pathlib import Path

import paho.mqtt.client as mqtt
import psycopg2
from psycopg2 import extras

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from iot_parts import load  # noqa: E402

DEVICES = 100
FLOOR_TABLE = """
CREATE TABLE floor (id serial PRIMARY KEY, cmd_id varchar UNIQUE, dev varchar,
                    state varchar DEFAULT 'queued');
CREATE INDEX ON floor (id) WHERE state = 'queued';
"""
#: How to insert, what to notify, how to see the end.
FLOOR_SIDE = (
    "INSERT INTO floor (cmd_id, dev) VALUES %s",
    "floor",
    "SELECT count(*) FROM floor WHERE state = 'done' AND cmd_id = ANY(%s)",
)
NOW = "clock_timestamp() AT TIME ZONE 'UTC'"


def run_floor(parameters, port, user, password):
    """Be the least gateway there can be, until killed."""
    database = psycopg2.connect(**parameters)
    database.autocommit = True
    cursor = database.cursor()
    cursor.execute("LISTEN floor")
    answers = []
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, "floor", protocol=mqtt.MQTTv5, manual_ack=True
    )
    client.username_pw_set(user, password)
    client.max_inflight_messages_set(1000)
    client.on_socket_open = lambda _client, _userdata, sock: sock.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    )
    client.on_connect = lambda c, *_args: c.subscribe("floor/+/ack", 1)
    client.on_message = lambda _c, _u, message: answers.append(message)
    client.connect("127.0.0.1", port)
    due = True
    while True:
        if not due:
            writing = [client.socket()] if client.want_write() else []
            ready = select.select([database, client.socket()], writing, [], 1)
            if ready[1]:
                client.loop_write()
            if client.socket() in ready[0]:
                client.loop_read()
                while select.select([client.socket()], [], [], 0)[0]:
                    client.loop_read()
            if database in ready[0]:
                database.poll()
            client.loop_misc()
        due = bool(database.notifies)
        database.notifies.clear()
        if due:
            cursor.execute(
                "UPDATE floor SET state = 'sent' WHERE id IN (SELECT id FROM floor"
                " WHERE state = 'queued' ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)"
                " RETURNING cmd_id, dev"
            )
            for cmd_id, dev in cursor.fetchall():
                client.publish(f"floor/{dev}/cmd", json.dumps({"id": cmd_id}), 1)
        if answers:
            batch, answers[:] = list(answers), []
            ids = [json.loads(message.payload)["id"] for message in batch]
            cursor.execute(
                "UPDATE floor SET state = 'done' WHERE cmd_id = ANY(%s)", (ids,)
            )
            for message in batch:
                client.ack(message.mid, 1)


class Devices:
    """All devices in one client: notes arrivals and says done."""

    def __init__(self, endpoint, filters=("th/v1/+/cmd", "floor/+/cmd")):
        self.arrived = {}
        self.heard = threading.Event()
        self.ready = threading.Event()
        client = self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, "devices", protocol=mqtt.MQTTv5
        )
        client.username_pw_set(endpoint.username, endpoint.password)
        client.max_inflight_messages_set(1000)
        client.on_connect = lambda c, *_args: c.subscribe([(f, 1) for f in filters])
        client.on_subscribe = lambda *_args: self.ready.set()
        client.on_message = self._message
        client.connect(endpoint.host, endpoint.port)
        client.loop_start()
        self.ready.wait(5)

    def _message(self, client, _userdata, message):
        arrived = time.perf_counter()
        cmd_id = json.loads(message.payload)["id"]
        self.arrived[cmd_id] = arrived
        answer = {"v": 1, "id": cmd_id, "st": "done", "code": "ok"}
        topic = message.topic.rpartition("/")[0] + "/ack"
        client.publish(topic, json.dumps(answer), 1)
        self.heard.set()

    def close(self):
        """Disconnect."""
        self._client.loop_stop()


class Side:
    """One of the two that are compared: how to insert and to see the end."""

    def __init__(self, name, outbox, insert, channel, done):
        self.name, self.outbox = name, outbox
        self.to_device, self.to_done, self.bursts = [], [], []
        self._connection = psycopg2.connect(**outbox.parameters)
        self._insert, self._channel, self._done = insert, channel, done

    def commit(self, count):
        """Insert commands in one transaction; return ids and the COMMIT's instant."""
        ids = [str(uuid.uuid4()) for _number in range(count)]
        rows = [(cmd_id, f"dev{i % DEVICES}") for i, cmd_id in enumerate(ids)]
        with self._connection.cursor() as cursor:
            extras.execute_values(cursor, self._insert, rows, page_size=count)
            if self._channel:
                cursor.execute(f"NOTIFY {self._channel}")
        self._connection.commit()
        return ids, time.perf_counter()

    def wait_done(self, ids):
        """Wait until all are done and return the instant."""
        while True:
            [(count,)] = self.outbox.query(self._done, (ids,))
            if count == len(ids):
                return time.perf_counter()
            time.sleep(0.0005)

    def press(self, devices):
        """Measure one command."""
        devices.heard.clear()
        [cmd_id], committed = self.commit(1)
        if not devices.heard.wait(5):
            raise SystemExit(f"{self.name}: a command did not arrive")
        self.to_device.append(devices.arrived[cmd_id] - committed)
        self.to_done.append(self.wait_done([cmd_id]) - committed)

    def close(self):
        """Give the connection back."""
        self._connection.close()

    def burst(self, count):
        """Measure many commands in one transaction, until all are done."""
        ids, committed = self.commit(count)
        self.bursts.append(count / (self.wait_done(ids) - committed))


def quantile(values, share):
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(arguments):
    """Run both sides in turns and print the ratios."""
    common = load()
    outbox = common.Outbox({})
    broker = common.Broker([])
    floor = gateway = None
    try:
        broker.start()
        outbox.query(FLOOR_TABLE)
        outbox.query(
            "INSERT INTO teahouse_device (uid, kind, state, boot)"
            " SELECT 'dev' || n, 'lock', 'online', 'b' FROM generate_series(0, %s) n",
            (DEVICES - 1,),
        )
        endpoint = broker.endpoint()
        command = [
            sys.executable,
            __file__,
            "--floor",
            json.dumps(
                [outbox.parameters, broker.port, endpoint.username, endpoint.password]
            ),
        ]
        floor = subprocess.Popen(command)
        gateway = common.GatewayProcess(outbox, broker)
        devices = Devices(endpoint)
        sides = [
            Side("floor", outbox, *FLOOR_SIDE),
            Side(
                "gateway",
                outbox,
                "INSERT INTO teahouse_command (cmd_id, act, args, klass, superkey,"
                " device_id, due_at, expires_at) SELECT v.cmd_id, 'say',"
                """ '{"text": "hello"}', 'edge', '', d.id,"""
                f" {NOW}, {NOW} + interval '60 seconds' FROM (VALUES %s) v(cmd_id, dev)"
                " JOIN teahouse_device d ON d.uid = v.dev",
                None,
                "SELECT count(*) FROM teahouse_command WHERE state = 'done'"
                " AND cmd_id = ANY(%s)",
            ),
        ]
        time.sleep(2)
        for _warm in range(10):
            for side in sides:
                side.press(devices)
        for side in sides:
            side.to_device.clear()
            side.to_done.clear()
        for _round in range(arguments.rounds):
            for side in sides:
                for _press in range(arguments.presses):
                    side.press(devices)
        for _round in range(arguments.bursts):
            for side in sides:
                side.burst(arguments.burst)
        report(*sides)
        flood(sides[1], devices, endpoint, arguments.presses * arguments.rounds)
        devices.close()
        readings(common, outbox)
    finally:
        if floor:
            floor.kill()
        if gateway:
            gateway.kill()
        broker.close()
        outbox.drop()
    many(common, arguments.devices)


def line(label, low, high, goal, digits=2):
    """Print one comparison."""
    figures = f"{low:10.{digits}f}{high:10.{digits}f}{high / low:8.2f}"
    print(f"{label:34}{figures}{goal:>8}")


def report(floor, real):
    """Print what both sides needed."""
    print(f"{'':34}{'floor':>10}{'gateway':>10}{'ratio':>8}{'goal':>8}")
    for label, name, share, goal in (
        ("COMMIT to device, p50 ms", "to_device", 0.5, "<= 3"),
        ("COMMIT to device, p99 ms", "to_device", 0.99, "<= 5"),
        ("COMMIT to done, p50 ms", "to_done", 0.5, ""),
        ("COMMIT to done, p99 ms", "to_done", 0.99, ""),
    ):
        low, high = (quantile(getattr(s, name), share) * 1000 for s in (floor, real))
        line(label, low, high, goal)
    low, high = (statistics.median(side.bursts) for side in (floor, real))
    line("burst, commands/s", low, high, ">= 0.33", digits=0)


def talk(host, port, user, password):
    """Be a flood of readings, until killed."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "flood")
    client.username_pw_set(user, password)
    client.connect(host, port)
    client.loop_start()
    payload = json.dumps({"v": 1, "temp_c": 21.5, "hum_pct": 50}).encode()
    # One reading in 30 s is usual.
    share = DEVICES * 10 // 30
    started, sent = time.perf_counter(), 0
    while True:
        name = f"dev{sent % DEVICES}" if sent % 1000 < share else "dev0"
        client.publish(f"th/v1/{name}/tele", payload)
        sent += 1
        ahead = started + sent / (1000 + share) - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)


def flood(real, devices, endpoint, presses):
    """Press while one device sends 1,000 readings a second and all others ten times
    more than usual."""
    quiet = quantile(real.to_device, 0.99)
    real.to_device.clear()
    where = [endpoint.host, endpoint.port, endpoint.username, endpoint.password]
    talker = subprocess.Popen([sys.executable, __file__, "--talk", json.dumps(where)])
    time.sleep(2)
    for _press in range(presses):
        real.press(devices)
    talker.kill()
    talker.wait()
    loaded = quantile(real.to_device, 0.99)
    line("flood: p99 ms quiet, flooded", quiet * 1000, loaded * 1000, "<= 2")


def readings(common, outbox, count=20_000, batch=500):
    """Compare storing readings with bare execute_values."""
    inbox = importlib.import_module("teahouse_iot.gateway.inbox")
    link = importlib.import_module("teahouse_iot.gateway.link")
    metrics = importlib.import_module("teahouse_iot.gateway.metrics")
    database = importlib.import_module("teahouse_iot.gateway.database")
    outbox.query("CREATE TABLE bare (LIKE teahouse_telemetry INCLUDING ALL)")
    outbox.query("CREATE INDEX ON bare (device_id, received_at DESC)")
    connection = psycopg2.connect(**outbox.parameters)
    rates = {"floor": [], "storing": [], "all": []}
    real = inbox.Inbox(metrics.Metrics())
    real._readings_limit = types.SimpleNamespace(allow=lambda _key: True)
    store = database.Database(outbox.parameters)
    payload = json.dumps(
        {"v": 1, "temp_c": 21.5, "hum_pct": 50, "co2_ppm": 600}
    ).encode()
    for _round in range(3):
        started = time.perf_counter()
        with connection.cursor() as cursor:
            for _batch in range(count // batch):
                extras.execute_values(
                    cursor,
                    "INSERT INTO bare (device_id, received_at, ts, temp_c, hum_pct,"
                    " co2_ppm) VALUES %s",
                    [(1, "2026-01-01", "2026-01-01", 21.5, 50, 600)] * batch,
                    page_size=batch,
                )
                connection.commit()
        rates["floor"].append(count / (time.perf_counter() - started))
        parsing = storing = 0.0
        for _batch in range(count // batch):
            started = time.perf_counter()
            for number in range(batch):
                topic = f"th/v1/dev{number % DEVICES}/tele"
                real.take(link.Inbound(1, topic, payload, 0, False))
            parsed = time.perf_counter()
            real.store_readings(store)
            parsing += parsed - started
            storing += time.perf_counter() - parsed
        rates["storing"].append(count / storing)
        rates["all"].append(count / (parsing + storing))
    low, high, both = (statistics.median(rates[name]) for name in rates)
    line("readings stored/s", low, high, ">= 0.5", digits=0)
    line("readings parsed and stored/s", low, both, "", digits=0)
    connection.close()
    store.close()


def many(common, count):
    """Command many simulated devices at once, and let all of them come back."""
    uids = [f"dev-{number}" for number in range(count)]
    outbox, broker = common.Outbox({}), common.Broker(uids)
    fleet = gateway = None
    online = "SELECT count(*) FROM teahouse_device WHERE state = 'online'"
    try:
        broker.start()
        outbox.query(
            "INSERT INTO teahouse_device (uid, kind) SELECT unnest(%s), 'lock'", (uids,)
        )
        gateway = common.GatewayProcess(outbox, broker)
        started = time.perf_counter()
        fleet = common.make_fleet(broker, [(uid, "lock") for uid in uids])
        common.wait_until(lambda: outbox.query(online) == [(count,)], 60, "online")
        figure(f"{count} devices connect", time.perf_counter() - started)
        outbox.query(
            "INSERT INTO teahouse_command (cmd_id, device_id, act, args, klass,"
            " superkey, due_at, expires_at) SELECT gen_random_uuid()::text, id,"
            """ 'unlock', '{"pulse_ms": 1000}', 'edge', '',"""
            f" {NOW}, {NOW} + interval '60 seconds' FROM teahouse_device"
        )
        started = time.perf_counter()
        sql = "SELECT count(*) FROM teahouse_command WHERE state = 'done'"
        common.wait_until(lambda: outbox.query(sql) == [(count,)], 60, "all done")
        figure("all commanded and done", time.perf_counter() - started, "< 2 s")
        boots = dict(outbox.query("SELECT uid, boot FROM teahouse_device"))
        broker.kill()
        started = time.perf_counter()
        broker.start()

        def back():
            now = dict(outbox.query("SELECT uid, boot FROM teahouse_device"))
            return all(now[uid] != boots[uid] for uid in uids)

        common.wait_until(back, 90, "all back")
        figure("all back after a broker kill", time.perf_counter() - started, "< 30 s")
    finally:
        if fleet:
            fleet.stop()
        if gateway:
            gateway.kill()
        broker.close()
        outbox.drop()


def figure(label, seconds, goal=""):
    """Print one duration."""
    print(f"{label:34}{seconds:18.2f} s{goal:>16}")


def parser():
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--presses", type=int, default=20)
    parser.add_argument("--bursts", type=int, default=3)
    parser.add_argument("--burst", type=int, default=1000)
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--floor", help=argparse.SUPPRESS)
    parser.add_argument("--talk", help=argparse.SUPPRESS)
    return parser


def bench_iot():
    """Run under pytest with the usual sizes; the figures are read, not asserted."""
    measure(parser().parse_args([]))


def main():
    """Read the command line and measure."""
    arguments = parser().parse_args()
    if arguments.floor:
        run_floor(*json.loads(arguments.floor))
    elif arguments.talk:
        talk(*json.loads(arguments.talk))
    else:
        measure(arguments)


if __name__ == "__main__":
    main()
