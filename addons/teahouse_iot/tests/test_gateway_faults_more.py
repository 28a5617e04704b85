"""Rows of the fault table that ask for clocks, storms and outages."""

import json
import socket
import struct
import time

from odoo.tests import tagged

from ..gateway.link import Link, Will
from .gateway_common import make_fleet, wait_until
from .test_gateway_faults import FaultCase

STORM = 120


@tagged("post_install", "-at_install")
class TestClocks(FaultCase):
    def events(self, name):
        sql = "SELECT count(*) FROM teahouse_device_event WHERE ev = %s"
        return self.outbox.query(sql, (name,))[0][0]

    def test_clock_ten_minutes_fast_opens_nothing_and_is_told(self):
        self.start()
        self.faults(skew_s=600)
        cmd_id = self.outbox.command("lock1")
        state = self.wait_state(cmd_id, "rejected")
        self.assertEqual(state, ("rejected", "clock"))
        self.assertEqual(self.executed(), [])
        wait_until(lambda: self.events("clock") == 1, message="clock alarm")

    def test_clock_ten_minutes_slow_is_no_excuse_for_a_late_opening(self):
        self.start()
        self.faults(skew_s=-600)
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "done")
        # By its own clock the lock would open ten minutes too late: the broker has
        # let the command expire, and the boot has changed.
        spy = self.client("th/v1/lock1/cmd")
        self.faults(offline=True)
        self.wait_online(2)
        late = self.outbox.command("lock1", life=1)
        self.wait_state(late, "failed", "expired", "unknown")
        self.faults(offline=False)
        self.wait_online()
        self.assertEqual(self.executed(), [cmd_id])
        self.assertEqual(spy.turn().heard, [])

    def test_lock_that_never_heard_the_time(self):
        self.start()
        # It counts from 1970: nothing is ever too late for it, so id and boot decide.
        self.faults(skew_s=60 - time.time())
        spy = self.client("th/v1/lock1/cmd")
        cmd_id = self.outbox.command("lock1")
        self.wait_state(cmd_id, "done")
        wait_until(lambda: self.events("clock") == 1, message="clock alarm")
        smoke = {"v": 1, "id": "s", "ts": 61, "ev": "smoke", "sev": "critical"}
        raw = json.dumps({**smoke, "on": True}).encode()
        self.fleet.call(self.fleet.publish, "lock1", "evt", raw)
        wait_until(lambda: self.events("smoke") == 1, message="smoke")
        [(topic, payload, _retain)] = spy.turn().heard
        spy.link.publish(topic, payload)
        spy.turn()
        self.faults(offline=True)
        self.wait_online(2)
        self.faults(offline=False)
        self.wait_online()
        captured = {**json.loads(payload), "id": "another"}
        spy.link.publish(topic, json.dumps(captured).encode())
        spy.turn()
        second = self.outbox.command("lock1")
        self.wait_state(second, "done")
        self.assertEqual(self.executed(), [cmd_id, second])

    def test_clock_that_jumps_forth_and_back(self):
        self.start()
        done = []
        for skew in (0, 600, 0, -600):
            self.faults(skew_s=skew)
            cmd_id = self.outbox.command("lock1")
            state = self.wait_state(cmd_id, "done", "rejected")
            self.assertEqual(state[0], "rejected" if skew > 0 else "done", skew)
            done += [cmd_id] if skew <= 0 else []
        self.assertEqual(self.executed(), done)


@tagged("post_install", "-at_install")
class TestLinks(FaultCase):
    def test_reset_connection_is_told_at_once(self):
        self.start_gateway()
        status = {"v": 1, "st": "online", "boot": "b1"}
        link = Link(
            self.broker.endpoint("lock1", self.broker.passwords["lock1"]),
            "lock1",
            will=Will(
                "th/v1/lock1/st", json.dumps({**status, "st": "offline"}).encode()
            ),
            on_up=lambda link, _present: link.publish(
                "th/v1/lock1/st", json.dumps(status).encode(), retain=True
            ),
            on_message=lambda _link, _message: None,
            on_down=lambda _link, _reason: None,
        )
        link.connect()
        while not link.up:
            link.write()
            link.read()
        link.write()
        self.wait_online(1)
        # A reset instead of a goodbye.
        sock = link._client.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        started = time.monotonic()
        sock.close()
        self.wait_online(0)
        self.assertLess(time.monotonic() - started, 2)

    def test_storm_is_no_burst_of_alarms(self):
        uids = [f"d{number}" for number in range(STORM)]
        self.broker.kill()
        self.broker.passwords.update((uid, f"secret-{uid}") for uid in uids)
        self.broker.write()
        self.broker.start()
        for uid in uids:
            self.outbox.device(uid, "power")
        self.gateway = self.start_gateway()
        self.fleet = make_fleet(self.broker, [(uid, "power") for uid in uids])
        self.addCleanup(self.fleet.stop)
        self.wait_online(STORM)
        # One lasting wish for each, under way when all of them fall.
        for uid in uids:
            self.outbox.command(uid, "power", {"on": True}, life=600)
        boots = dict(self.outbox.query("SELECT uid, boot FROM teahouse_device"))
        self.broker.kill()
        self.broker.start()

        def back():
            rows = self.outbox.query(
                "SELECT uid, boot, state FROM teahouse_device WHERE uid LIKE 'd%'"
            )
            return all(boot != boots[u] and st == "online" for u, boot, st in rows)

        wait_until(back, 30, "all back")
        done = "SELECT count(*) FROM teahouse_command WHERE state = 'done'"
        wait_until(lambda: self.outbox.query(done) == [(STORM,)], 15, "wishes")
        worst = self.outbox.query(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM teahouse_device_event"
            " GROUP BY device_id, ev) per_device"
        )[0][0]
        self.assertLessEqual(worst or 0, 1, "one offline and one online at most")
        for uid in uids:
            self.assertEqual(len(self.executed(uid)), 1, uid)


@tagged("post_install", "-at_install")
class TestOutages(FaultCase):
    def close_database(self):
        self.outbox.shut()
        wait_until(lambda: self.get("/health")[0] == 503, message="unwell")

    def memory_kb(self):
        pid = self.gateway._process.pid
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            [line] = [line for line in file if line.startswith("VmRSS")]
        return int(line.split()[1])

    def test_what_is_said_while_the_database_is_away(self):
        self.start()
        opened = self.outbox.command("lock1", args={"pulse_ms": 500})
        self.wait_state(opened, "done")
        before = self.memory_kb()
        self.close_database()
        count = 600
        for number in range(count):
            event = {"v": 1, "id": f"e{number}", "ev": "smoke", "on": True}
            raw = json.dumps({**event, "sev": "critical"}).encode()
            self.fleet.call(self.fleet.publish, "lock2", "evt", raw)
        time.sleep(1)
        # No connection to the broker, hence no PUBACK and nothing kept in memory.
        self.assertLess(self.memory_kb() - before, 8_000)
        self.assertFalse(self.fleet.stations["lock1"].device.snapshot()["open"])
        self.assertEqual(self.executed(), [opened], "nothing is invented")
        self.outbox.open()
        sql = "SELECT count(*) FROM teahouse_device_event WHERE ev = 'smoke'"
        wait_until(lambda: self.outbox.query(sql) == [(count,)], 15, "all events")

    def test_first_send_after_a_restart(self):
        self.start(crash="claimed")
        cmd_id = self.outbox.command("lock1")
        self.gateway.wait()
        sql = "SELECT tries, clock_timestamp() AT TIME ZONE 'UTC' - sent_at"
        sql += " FROM teahouse_command WHERE cmd_id = %s"
        self.assertEqual(self.outbox.query(sql, (cmd_id,))[0][0], 1)
        self.gateway = self.start_gateway()
        wait_until(lambda: self.get("/health")[0] == 200, message="leader")
        led = time.monotonic()
        self.wait_state(cmd_id, "done", timeout=5)
        self.assertLess(time.monotonic() - led, 2.5)
        self.assertEqual(self.executed(), [cmd_id])
