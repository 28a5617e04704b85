"""Gateway, broker and devices as processes, and what happens when they fail."""

import json
import re
import signal
import threading
import time
import urllib.error
import urllib.request

from odoo.tests import BaseCase, tagged

from .gateway_common import (
    NOW,
    Broker,
    GatewayProcess,
    Outbox,
    make_fleet,
    wait_until,
)
from .test_broker import Client
from .test_gateway_outbox import server_parameters


class FaultCase(BaseCase):
    """A lock and a power relay behind a broker, and a gateway process."""

    devices = (("lock1", "lock"), ("lock2", "lock"), ("power1", "power"))

    def setUp(self):
        super().setUp()
        self.outbox = Outbox(server_parameters())
        self.addCleanup(self.outbox.drop)
        self.broker = Broker([uid for uid, _kind in self.devices])
        self.addCleanup(self.broker.close)
        self.broker.start()
        for uid, kind in self.devices:
            self.outbox.device(uid, kind)

    def start(self, fleet=True, **values):
        """Start gateway and devices and wait until all are online."""
        if fleet:
            self.fleet = make_fleet(self.broker, self.devices)
            self.addCleanup(self.fleet.stop)
        self.gateway = self.start_gateway(**values)
        if fleet:
            self.wait_online()

    def start_gateway(self, **values):
        gateway = GatewayProcess(self.outbox, self.broker, **values)
        self.addCleanup(gateway.kill)
        return gateway

    def wait_online(self, count=None):
        sql = "SELECT count(*) FROM teahouse_device WHERE state = 'online'"
        wanted = len(self.devices) if count is None else count

        def message():
            states = self.outbox.query("SELECT uid, state FROM teahouse_device")
            return f"online, {states}, {self.get('/health')}, {self.gateway.said()}"

        wait_until(lambda: self.outbox.query(sql)[0][0] == wanted, message=message)

    def wait_state(self, cmd_id, *states, timeout=10):
        wait_until(lambda: self.outbox.state(cmd_id)[0] in states, timeout, f"{states}")
        return self.outbox.state(cmd_id)

    def executed(self, uid="lock1"):
        memory = self.fleet.stations[uid].device.memory
        return [one["id"] for one in memory.executed]

    def faults(self, uid="lock1", **values):
        self.fleet.call(self.fleet.set_faults, uid, values)

    def get(self, path, gateway=None):
        port = (gateway or self.gateway).http_port
        try:
            url = f"http://127.0.0.1:{port}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        text = self.get("/metrics")[1]
        found = re.search(rf"^teahouse_gateway_{re.escape(name)} (\S+)$", text, re.M)
        return float(found[1]) if found else 0.0

    def client(self, *filters):
        client = Client(self.broker.endpoint(), *filters, client_id="spy")
        self.addCleanup(client.link.close)
        return client.turn()


@tagged("post_install", "-at_install")
class TestDoor(FaultCase):
    def test_door_opens_once_and_is_confirmed(self):
        self.start()
        cmd_id = self.outbox.command("lock1")
        self.assertEqual(self.wait_state(cmd_id, "done"), ("done", None))
        self.assertEqual(self.executed(), [cmd_id])
        status, text = self.get("/health")
        health = json.loads(text)
        self.assertEqual((status, health["role"], health["ok"]), (200, "leader", True))
        self.assertEqual(self.metric('acks_total{outcome="done"}'), 1)

    def test_device_faults(self):
        self.start()
        cases = [
            ({"lie": "jammed"}, ("failed", "jammed"), 0),
            ({"lie": "busy"}, ("rejected", "busy"), 0),
            ({"lie": "done"}, ("done", None), 0),
            ({"dup_ack": True}, ("done", None), 1),
            ({"slow_s": 1}, ("done", None), 1),
            ({"drop_ack": True}, ("unknown", "no_answer"), 1),
            ({"silent": True}, ("unknown", "no_answer"), 0),
        ]
        for fault, expected, times in cases:
            with self.subTest(fault=fault):
                self.faults(**fault)
                cmd_id = self.outbox.command("lock1", life=4)
                state = self.wait_state(cmd_id, "done", "failed", "rejected", "unknown")
                self.assertEqual(state, expected)
                self.assertEqual(self.executed().count(cmd_id), times)
                self.faults(**dict.fromkeys(("silent", "drop_ack", "dup_ack"), False))
                self.faults(lie=None, slow_s=0)

    def test_offline_lock_is_told_at_once(self):
        self.start()
        self.faults(offline=True)
        self.wait_online(2)
        cmd_id = self.outbox.command("lock1")
        state = self.wait_state(cmd_id, "failed", timeout=2)
        self.assertEqual(state, ("failed", "offline"))
        self.faults(offline=False)
        self.wait_online()
        self.assertEqual(self.executed(), [])

    def test_answer_after_the_end_is_still_taken(self):
        self.start()
        self.faults(slow_s=3)
        cmd_id = self.outbox.command("lock1", life=2)
        self.wait_state(cmd_id, "unknown")
        self.wait_state(cmd_id, "done")
        self.assertEqual(self.executed(), [cmd_id])

    def test_cancel_racing_the_door(self):
        self.start()
        self.outbox.query("INSERT INTO teahouse_booking (state) VALUES ('confirmed')")
        for number in range(30):
            grant = self.outbox.query(
                "INSERT INTO teahouse_grant (state, valid_from, valid_to, booking_id)"
                f" SELECT 'active', {NOW} - interval '1 min', {NOW} + interval '1 min',"
                " 1 RETURNING id"
            )[0][0]
            values = {"guard": "grant", "grant_id": grant, "booking_id": 1}
            if number % 2:
                thread = threading.Thread(target=self.revoke, args=(grant, number))
                thread.start()
                cmd_id = self.outbox.command("lock1", **values)
                thread.join()
            else:
                self.revoke(grant, 0)
                cmd_id = self.outbox.command("lock1", **values)
            state, reason = self.wait_state(cmd_id, "done", "cancelled")
            opened = self.executed().count(cmd_id)
            if number % 2 == 0:
                self.assertEqual((state, reason), ("cancelled", "right_lost"))
            self.assertEqual(opened, int(state == "done"), "said as it was")

    def revoke(self, grant, number):
        time.sleep(number / 10_000)
        outbox = Outbox.__new__(Outbox)
        outbox.parameters, outbox._connection = self.outbox.parameters, None
        outbox.query(
            "UPDATE teahouse_grant SET state = 'revoked' WHERE id = %s", (grant,)
        )
        outbox._connection.close()


@tagged("post_install", "-at_install")
class TestGatewayDies(FaultCase):
    def test_killed_at_every_step(self):
        self.start(fleet=True)
        for step in ("claimed", "published", "ack_read", "ack_committed"):
            with self.subTest(step=step):
                self.gateway.kill()
                self.gateway = self.start_gateway(crash=step)
                self.wait_leader()
                cmd_id = self.outbox.command("lock1")
                self.gateway.wait()
                before = self.outbox.query(
                    "SELECT seq, tries FROM teahouse_command WHERE cmd_id = %s",
                    (cmd_id,),
                )
                self.gateway = self.start_gateway()
                self.assertEqual(self.wait_state(cmd_id, "done"), ("done", None))
                self.assertEqual(self.executed().count(cmd_id), 1)
                self.assertEqual(before[0][0] is not None, True)

    def wait_leader(self):
        wait_until(lambda: self.get("/health")[0] == 200, message="leader")

    def test_standby_takes_over(self):
        self.start()
        standby = self.start_gateway()
        wait_until(lambda: self.get("/health", standby)[0] == 200, message="standby")
        health = json.loads(self.get("/health", standby)[1])
        self.assertEqual((health["role"], health["broker"]), ("standby", False))
        ids = [self.outbox.command(uid) for uid in ("lock1", "lock2")]
        for cmd_id in ids:
            self.wait_state(cmd_id, "done")
        self.gateway.kill()
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "done", timeout=5)
        self.assertEqual(self.executed(), [ids[0], cmd_id])
        self.assertEqual(json.loads(self.get("/health", standby)[1])["role"], "leader")

    def test_two_shares_and_one_who_stands_by(self):
        self.outbox.query("UPDATE teahouse_device SET store_id = id")
        everyone = {self.start_gateway(shards=2) for _number in range(3)}
        self.fleet = make_fleet(self.broker, self.devices)
        self.addCleanup(self.fleet.stop)
        self.wait_online()

        def role(gateway):
            status, text = self.get("/health", gateway)
            if status != 200:
                return None
            health = json.loads(text)
            return health["role"], health["shard"]

        def roles():
            found = {gateway: role(gateway) for gateway in everyone if gateway.alive}
            return None not in found.values() and found

        def settled():
            shares = sorted(
                shard for name, shard in (roles() or {}).values() if name == "leader"
            )
            return shares == [0, 1]

        wait_until(settled, 10, "two leaders")
        ids = [self.outbox.command(uid) for uid in ("lock1", "lock2")]
        for cmd_id in ids:
            self.wait_state(cmd_id, "done")
        found = roles()
        victim = next(g for g, (name, shard) in found.items() if shard == 1)
        started = time.monotonic()
        victim.kill()
        ids = [self.outbox.command(uid) for uid in ("lock1", "lock2")]
        for cmd_id in ids:
            self.wait_state(cmd_id, "done", timeout=5)
        self.assertLess(time.monotonic() - started, 5)
        self.assertTrue(settled())
        for uid in ("lock1", "lock2"):
            self.assertEqual(len(self.executed(uid)), 2)

    def test_answers_wait_for_the_next_gateway(self):
        self.start()
        self.faults(slow_s=1)
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "sent")
        self.gateway.kill()
        wait_until(self.executed, message="execution")
        self.outbox.query("UPDATE teahouse_command SET next_try_at = NULL")
        self.gateway = self.start_gateway()
        self.wait_state(cmd_id, "done")
        self.assertEqual(self.executed(), [cmd_id])

    def test_clean_stop(self):
        self.start()
        listener = self.client("th/v1/gw/st")
        self.assertEqual(json.loads(listener.heard[-1][1])["st"], "online")
        self.assertEqual(self.gateway.kill(signal.SIGTERM), 0)
        listener.turn()
        topic, payload, _retain = listener.heard[-1]
        self.assertEqual((topic, json.loads(payload)["st"]), ("th/v1/gw/st", "offline"))

    def test_killed_gateway_is_announced_by_the_broker(self):
        self.start()
        listener = self.client("th/v1/gw/st")
        self.gateway.kill()
        listener.turn()
        self.assertEqual(json.loads(listener.heard[-1][1])["st"], "offline")


@tagged("post_install", "-at_install")
class TestDatabaseDies(FaultCase):
    def test_connections_cut(self):
        self.start()
        for _round in range(2):
            self.outbox.kill_backends()
            cmd_id = self.outbox.command("lock1")
            self.wait_state(cmd_id, "done", timeout=5)
            self.assertEqual(self.executed().count(cmd_id), 1)

    def test_database_away(self):
        self.start()
        self.faults(slow_s=1)
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "sent")
        self.outbox.shut()
        wait_until(lambda: self.get("/health")[0] == 503, message="unwell")
        wait_until(self.executed, message="execution")
        self.assertTrue(self.gateway.alive)
        self.outbox.open()
        self.wait_state(cmd_id, "done")
        self.assertEqual(self.executed(), [cmd_id])


@tagged("post_install", "-at_install")
class TestBrokerDies(FaultCase):
    def test_edge_ends_and_level_arrives_later(self):
        self.start()
        self.broker.kill()
        wait_until(lambda: self.get("/health")[0] == 503, message="unwell")
        level = self.outbox.command("power1", "power", {"on": True}, life=600)
        started = time.monotonic()
        edge = self.outbox.command("lock1", life=15)
        state = self.wait_state(edge, "failed", "expired", timeout=5)
        self.assertEqual(state, ("failed", "offline"))
        self.assertLess(time.monotonic() - started, 3.5, "the guest waits for the PIN")
        self.broker.start()
        self.wait_state(level, "done", timeout=10)
        self.assertEqual((self.executed(), self.executed("power1")), ([], [level]))

    def test_command_under_way_when_the_broker_dies(self):
        self.start()
        self.faults(slow_s=1)
        cmd_id = self.outbox.command("lock1", life=5)
        self.wait_state(cmd_id, "sent")
        self.broker.kill()
        time.sleep(0.2)
        self.broker.start()
        self.wait_online()
        state = self.wait_state(cmd_id, "done", "unknown", "failed")
        self.assertLessEqual(self.executed().count(cmd_id), 1)
        if state[0] == "done":
            self.assertEqual(self.executed(), [cmd_id])

    def test_silent_device_is_noticed(self):
        self.start()
        self.faults(silent=True)
        started = time.monotonic()
        sql = "SELECT state FROM teahouse_device WHERE uid = 'lock1'"
        wait_until(lambda: self.outbox.query(sql) == [("offline",)], 15, "offline")
        # Keep-alive is 5 s, the broker waits 1.5 of it and looks every 5 s.
        self.assertLess(time.monotonic() - started, 13.5)


@tagged("post_install", "-at_install")
class TestRudeMessages(FaultCase):
    def test_broken_payloads_harm_nobody(self):
        self.start()
        payloads = [
            (b"\xff\xfe", "ack"),
            (b"[]", "ack"),
            (b'{"id":1e999,"st":"done"}', "ack"),
            (b"[" * 1000, "evt"),
            (b"{}" * 10_000, "evt"),
            (b'{"v":1,"temp_c":NaN}', "tele"),
            (b'{"v":1,"id":"e","ev":"scan","text":"\\u0000"}', "evt"),
            (b'{"st":"online","boot":"' + b"x" * 60_000 + b'"}', "st"),
        ]
        cmd_id = self.outbox.command("lock1")
        for payload, leaf in payloads:
            self.fleet.call(self.fleet.publish, "lock2", leaf, payload)
        self.wait_state(cmd_id, "done")

        def rejected():
            health = json.loads(self.get("/health")[1])
            return health["rejected_by_device"].get("lock2") == len(payloads)

        wait_until(rejected, message="all rejected")
        self.assertEqual(self.metric('reconnects_total{side="broker"}'), 1)

    def test_huge_payload_does_not_reach_the_gateway(self):
        self.start()
        self.fleet.call(self.fleet.publish, "lock2", "evt", b"x" * 1_000_000)
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "done")
        self.assertEqual(self.metric('reconnects_total{side="broker"}'), 1)

    def test_foreign_and_invented_answers(self):
        self.start()
        self.faults(silent=True)
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "sent")
        for answer in (cmd_id, "invented"):
            payload = json.dumps({"v": 1, "id": answer, "st": "done", "code": "ok"})
            self.fleet.call(self.fleet.publish, "lock2", "ack", payload.encode())
        wait_until(
            lambda: (
                self.metric('acks_total{outcome="wrong_device"}') == 1
                and self.metric('acks_total{outcome="unknown_id"}') == 1
            ),
            message="counted",
        )
        self.assertEqual(self.outbox.state(cmd_id)[0], "sent")

    def test_replayed_command(self):
        self.start()
        spy = self.client("th/v1/lock1/cmd")
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "done")
        [(topic, payload, _retain)] = spy.turn().heard
        spy.link.publish(topic, payload)
        spy.turn()
        self.faults(offline=True)
        self.faults(offline=False)
        self.wait_online()
        spy.link.publish(topic, payload)
        fresh = {**json.loads(payload), "id": "another"}
        spy.link.publish(topic, json.dumps(fresh).encode())
        spy.turn()
        self.assertEqual(self.executed(), [cmd_id])

    def test_retained_command(self):
        self.start()
        spy = self.client()
        command = {
            "v": 1,
            "id": "stale",
            "seq": 1,
            "boot": "old",
            "exp": int(time.time()) + 999,
            "act": "unlock",
            "args": {},
        }
        payload = json.dumps(command).encode()
        self.faults(offline=True)
        spy.link.publish("th/v1/lock1/cmd", payload, retain=True)
        spy.turn()
        self.faults(offline=False)
        sql = "SELECT ev FROM teahouse_device_event WHERE ev = 'retained'"
        wait_until(lambda: self.outbox.query(sql), message="alarm")
        self.assertEqual(self.executed(), [])

    def test_late_will_is_ignored(self):
        self.start()
        spy = self.client()
        will = json.dumps({"v": 1, "st": "offline", "boot": "replaced"}).encode()
        spy.link.publish("th/v1/lock1/st", will, retain=True)
        spy.turn()
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "done")

    def test_flood_of_readings(self):
        self.start()
        payload = json.dumps({"v": 1, "temp_c": 21.5}).encode()
        stop = time.monotonic() + 1.5

        def flood():
            for _number in range(100):
                self.fleet.publish("lock2", "tele", payload, qos=0)

        ids = []
        while time.monotonic() < stop:
            self.fleet.call(flood)
            ids.append(self.outbox.command("lock1"))
            self.wait_state(ids[-1], "done", timeout=3)
        smoke = {"v": 1, "id": "s", "ev": "smoke", "sev": "critical", "on": True}
        raw = json.dumps(smoke).encode()
        self.fleet.call(self.fleet.publish, "lock2", "evt", raw)
        sql = "SELECT ev FROM teahouse_device_event ORDER BY id"
        wait_until(lambda: ("smoke",) in self.outbox.query(sql), message="smoke")
        self.assertEqual(self.outbox.query(sql), [("flood",), ("smoke",)])
        [(count,)] = self.outbox.query("SELECT count(*) FROM teahouse_telemetry")
        self.assertTrue(60 <= count <= 70, count)
        self.assertEqual(self.executed(), ids)
