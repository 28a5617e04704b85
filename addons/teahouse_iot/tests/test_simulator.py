"""The simulated device obeys the device rule, and lies only when told to."""

import base64
import hashlib
import hmac
import json
import re
import tempfile
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path

from ..models.teahouse_device_simulator import TRICKS
from ..simulator import control, qr
from ..simulator.device import Device
from ..simulator.flash import Flash, Memory
from ..simulator.fleet import Fleet

NOW = 1_795_345_120


class DeviceCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.now = float(NOW)
        self.flash = Flash()
        self.device = self.make("lock")

    def make(self, kind, **spec):
        device = Device(
            {"uid": f"{kind}1", "kind": kind, **spec}, self.flash, lambda: self.now
        )
        device.begin()
        return device

    def send(self, device=None, retained=False, **changes):
        """Send a command and return the answers as (st, code)."""
        device = device or self.device
        command = {
            "v": 1,
            "id": "c1",
            "seq": 1,
            "boot": device.boot,
            "exp": NOW + 15,
            "act": "unlock",
            "args": {"pulse_ms": 1000},
            **changes,
        }
        answers = device.command(json.dumps(command).encode(), retained)
        return [(ack["st"], ack["code"]) for ack in map(json.loads, answers)]

    def acts(self, device=None):
        return [one["id"] for one in (device or self.device).memory.executed]


@tagged("post_install", "-at_install")
class TestDeviceRule(DeviceCase):
    def test_command_is_executed_and_answered(self):
        self.assertEqual(self.send(), [("done", "ok")])
        self.assertTrue(self.device.snapshot()["open"])
        self.now += 2
        self.assertFalse(self.device.snapshot()["open"])

    def test_repeated_id_is_answered_and_not_executed(self):
        self.send()
        self.assertEqual(self.send(), [("done", "dup")])
        self.assertEqual(self.acts(), ["c1"])

    def test_repeated_id_is_known_under_a_new_boot(self):
        self.send()
        self.device.begin()
        self.assertEqual(self.send(), [("done", "dup")])
        self.assertEqual(self.acts(), ["c1"])

    def test_refusals_execute_nothing(self):
        cases = [
            (("rejected", "retained"), True, {}),
            (("rejected", "bad_boot"), False, {"boot": "another"}),
            (("expired", "clock"), False, {"exp": NOW - 3}),
            (("rejected", "unsupported"), False, {"act": "power"}),
            (("rejected", "unsupported"), False, {"act": "explode"}),
        ]
        for expected, retained, changes in cases:
            with self.subTest(expected=expected, changes=changes):
                self.assertEqual(self.send(retained=retained, **changes), [expected])
        self.assertEqual(self.acts(), [])

    def test_two_seconds_late_is_still_in_time(self):
        self.assertEqual(self.send(exp=NOW - 2), [("done", "ok")])

    def test_nonsense_is_ignored(self):
        for payload in (b"", b"\xff", b"[]", b"7", b"{}", b'{"id":1}', b"null"):
            self.assertEqual(self.device.command(payload), [])
        self.assertEqual(self.device.ignored, 7)

    def test_level_command_needs_a_newer_sequence_number(self):
        power = self.make("power")
        on = {"act": "power", "args": {"on": True, "until": NOW + 60}}
        off = {"act": "power", "args": {"on": False}}
        self.assertEqual(self.send(power, id="a", seq=5, **on), [("done", "ok")])
        answer = self.send(power, id="b", seq=4, **off)
        self.assertEqual(answer, [("rejected", "old_seq")])
        self.assertTrue(power.level("power")["on"])
        self.now += 60
        self.assertFalse(power.level("power")["on"], "it switches off by itself")

    def test_pin_slots_have_sequences_of_their_own(self):
        window = {"from": NOW - 5, "to": NOW + 60}
        for slot, seq in ((1, 9), (2, 3)):
            args = {"slot": slot, "pin": f"11111{slot}", **window}
            answer = self.send(id=f"p{slot}", seq=seq, act="pin_set", args=args)
            self.assertEqual(answer, [("done", "ok")])
        old = self.send(id="d", seq=8, act="pin_del", args={"slot": 1})
        self.assertEqual(old, [("rejected", "old_seq")])

    def test_pin_opens_inside_its_window_only(self):
        args = {"slot": 3, "pin": "481516", "from": NOW + 10, "to": NOW + 20}
        self.send(act="pin_set", args=args)
        outcomes = []
        for now in (NOW, NOW + 10, NOW + 20):
            self.now = now
            outcomes.append(json.loads(self.device.press("481516"))["ok"])
        self.assertEqual(outcomes, [False, True, False])
        self.assertFalse(json.loads(self.device.press("000000"))["ok"])

    def test_signature_is_demanded_where_there_is_a_key(self):
        key = b"k" * 32
        lock = self.make("lock", uid="lock9", sig_key=key.hex())
        inner = json.dumps(
            {
                "id": "s1",
                "seq": 1,
                "boot": lock.boot,
                "exp": NOW + 5,
                "act": "unlock",
                "args": {},
            }
        )
        mac = hmac.new(key, f"lock9\n{inner}".encode(), hashlib.sha256).hexdigest()
        forged = json.dumps({"p": inner, "sig": "0" * 64}).encode()
        self.assertEqual(json.loads(lock.command(forged)[0])["code"], "bad_sig")
        signed = json.dumps({"p": inner, "sig": mac}).encode()
        self.assertEqual(json.loads(lock.command(signed)[0])["st"], "done")
        self.assertEqual(self.acts(lock), ["s1"])


@tagged("post_install", "-at_install")
class TestFaults(DeviceCase):
    def test_faults(self):
        cases = [
            ({"lie": "done"}, [("done", "ok")], 0),
            ({"lie": "jammed"}, [("failed", "jammed")], 0),
            ({"lie": "busy"}, [("rejected", "busy")], 0),
            ({"drop_ack": True}, [], 1),
            ({"dup_ack": True}, [("done", "ok"), ("done", "ok")], 1),
            ({"skew_s": 600}, [("expired", "clock")], 0),
        ]
        for number, (fault, answers, executed) in enumerate(cases):
            with self.subTest(fault=fault):
                self.device = self.make("lock", uid=f"lock-{number}")
                self.device.faults.change(fault)
                self.assertEqual(self.send(), answers)
                self.assertEqual(len(self.acts()), executed)

    def test_without_dedup_it_acts_twice(self):
        self.device.faults.change({"no_dedup": True})
        self.send()
        self.send()
        self.assertEqual(self.acts(), ["c1", "c1"])

    def test_unknown_fault_is_refused(self):
        for values in ({"magic": 1}, {"offline": "yes"}, {"slow_s": "long"}):
            with self.subTest(values=values), self.assertRaises(ValueError):
                self.device.faults.change(values)


@tagged("post_install", "-at_install")
class TestFlash(DeviceCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "flash.jsonl"
        self.open()

    def open(self):
        self.flash = Flash(self.path)
        self.addCleanup(self.flash.close)
        self.device = self.make("lock")

    def restart(self):
        self.flash.close()
        self.open()

    def test_restart_forgets_nothing(self):
        self.send()
        pin = {"slot": 1, "pin": "123456", "from": 0, "to": NOW + 9}
        self.send(id="c2", seq=7, act="pin_set", args=pin)
        self.restart()
        self.assertEqual(self.send(), [("done", "dup")])
        self.assertEqual(self.acts(), ["c1", "c2"])
        self.assertTrue(json.loads(self.device.press("123456"))["ok"])
        self.assertEqual(
            self.send(id="c3", seq=7, act="pin_del", args={"slot": 1}),
            [("rejected", "old_seq")],
        )

    def test_power_cut_while_writing_is_survived(self):
        self.send()
        with self.path.open("a") as file:
            file.write('{"d": "lock1", "id": "c')
        self.restart()
        self.assertEqual(self.send(), [("done", "dup")])
        self.send(id="c2")
        self.restart()
        self.assertEqual(self.send(id="c2"), [("done", "dup")])

    def test_power_cut_before_acting_costs_one_opening(self):
        self.flash.write("lock1", {"id": "c1", "answer": ["received", "ok"]})
        self.restart()
        self.assertEqual(self.send(), [("received", "ok")])
        self.assertEqual(self.acts(), [])

    def test_compacted_journal_says_the_same(self):
        for number in range(300):
            self.send(id=f"c{number}")
        memory = self.flash.memory("lock1")
        copy = Memory()
        for entry in memory.entries():
            copy.apply(entry)
        self.assertEqual(vars(copy), vars(memory))
        self.assertEqual(len(memory.answers), 256)


@tagged("post_install", "-at_install")
class TestReader(DeviceCase):
    key = hashlib.sha256(b"day").digest()

    def passport(self, grant=77, store=1, room=5, start=-60, end=3600, step=0):
        def digits(number):
            text = ""
            while number or not text:
                number, rest = divmod(number, 36)
                text = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + text
            return text

        numbers = [grant, store, room, (NOW + start) // 60, (NOW + end) // 60]
        numbers.append(NOW // 60 + step)
        head = ".".join(["TH1", *map(digits, numbers)])
        mac = hmac.new(self.key, head.encode(), hashlib.sha256).digest()[:16]
        return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def test_cut_off_reader_decides_by_itself(self):
        memory = Memory()
        memory.keys = {
            datetime.fromtimestamp(NOW, UTC).date().isoformat(): self.key.hex()
        }
        memory.revoked = {"78": NOW + 60}
        spec = {"store": 1, "room": 5}
        cases = [
            ("ok", self.passport()),
            ("ok", self.passport(step=-1)),
            ("stale", self.passport(step=-2)),
            ("window", self.passport(start=60)),
            ("window", self.passport(end=-60)),
            ("place", self.passport(room=6)),
            ("revoked", self.passport(grant=78)),
            ("bad_mac", self.passport()[:-2] + "aa"),
            ("malformed", "TH1.a.b"),
            ("malformed", "https://example.com/"),
            ("malformed", "TH1.!.1.1.1.1.1.x"),
        ]
        for expected, text in cases:
            with self.subTest(expected=expected, text=text):
                self.assertEqual(qr.check(text, memory, spec, NOW), expected)
        memory.keys = {}
        self.assertEqual(qr.check(self.passport(), memory, spec, NOW), "bad_mac")

    def test_online_reader_leaves_it_to_the_server(self):
        reader = self.make("reader")
        event = json.loads(reader.scan("anything", online=True))
        self.assertEqual((event["ev"], event["text"]), ("scan", "anything"))
        self.assertEqual(self.acts(reader), [])


@tagged("post_install", "-at_install")
class TestControl(BaseCase):
    def setUp(self):
        super().setUp()
        self.fleet = Fleet(None, Flash(), tele_interval=0, spread=3600)
        self.fleet.add({"uid": "lock1", "kind": "lock", "password": "x"})
        self.server = control.serve(self.fleet, 0)
        thread = self.fleet.start()
        self.addCleanup(thread.join, 5)
        self.addCleanup(self.fleet.stop)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def call(self, path, body=None):
        url = f"http://127.0.0.1:{self.server.server_address[1]}{path}"
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(url, data, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def test_devices_are_seen_broken_and_healed(self):
        status, seen = self.call("/devices/lock1")
        self.assertEqual((status, seen["online"], seen["executed"]), (200, False, []))
        broken = {"offline": True, "slow_s": 2}
        self.assertEqual(self.call("/devices/lock1/faults", broken)[0], 200)
        self.assertEqual(self.call("/")[1]["faulty"], 1)
        healed = self.call("/devices/lock1/faults", {"reset": True, "offline": True})[1]
        self.assertEqual(healed["faults"]["slow_s"], 0.0)

    def test_every_wish_of_the_wall_is_granted(self):
        # There is no broker here: who is well would look for one.
        away = {"faults": {"offline": True}}
        for name, (verb, body) in TRICKS.items():
            with self.subTest(name):
                body = {**body, **away.get(verb, {})}
                self.assertEqual(self.call(f"/devices/lock1/{verb}", body)[0], 200)
        wishes = ("late_answer", "lost_answer", "double_answer", "wrong_clock")
        for name in wishes:
            body = TRICKS[name][1] | away["faults"]
            seen = self.call("/devices/lock1/faults", body)[1]["faults"]
        self.assertEqual(
            [seen[name] for name in ("slow_s", "drop_ack", "dup_ack", "skew_s")],
            [4.0, True, True, 600.0],
        )
        device = self.fleet.stations["lock1"].device
        self.call("/devices/lock1/readings", TRICKS["battery_low"][1])
        self.assertEqual(json.loads(device.telemetry(0))["bat_pct"], 7)
        self.call("/devices/lock1/readings", TRICKS["usual"][1])
        self.assertEqual(json.loads(device.telemetry(0))["bat_pct"], 87)

    def test_wall_offers_what_there_is(self):
        path = file_path("teahouse_iot/static/src/wall/device_wall.js")
        text = Path(path).read_text("utf-8")
        offered = text.partition("tricks = {")[2].partition("};")[0]
        names = re.findall(r"(\w+): _t", offered)
        self.assertEqual(set(names), set(TRICKS))

    def test_wrong_requests_are_told(self):
        cases = [
            (404, "/nothing", None),
            (404, "/devices/none", None),
            (404, "/devices/none/faults", {"offline": True}),
            (404, "/devices/lock1/dance", {}),
            (400, "/devices/lock1/faults", {"magic": True}),
            (400, "/devices/lock1/faults", [1]),
        ]
        for expected, path, body in cases:
            with self.subTest(path=path):
                self.assertEqual(self.call(path, body)[0], expected)

    def test_devices_can_be_added(self):
        spec = {"uid": "gate7", "kind": "gate", "password": "x"}
        self.assertEqual(self.call("/devices", spec)[0], 200)
        uids = [one["uid"] for one in self.call("/devices")[1]["devices"]]
        self.assertEqual(uids, ["gate7", "lock1"])
