"""The gateway with devices of other makes, and with locks that verify signatures."""

import json
import threading
import time

from odoo.tests import tagged

from ..gateway.gateway import Gateway, Settings
from .gateway_common import Broker, Outbox, make_fleet, wait_until
from .test_broker import Client
from .test_engine_profile import definition
from .test_gateway_outbox import server_parameters
from .test_gateway_secrets import BaseCase, Vault


class GatewayCase(BaseCase):
    """A gateway in a thread, its broker and its database."""

    uids = ()
    broker_options = {}

    def setUp(self):
        super().setUp()
        self.outbox = Outbox(server_parameters())
        self.addCleanup(self.outbox.drop)
        self.broker = Broker(self.uids, **self.broker_options)
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.vault = Vault()

    def run_gateway(self, **options):
        settings = Settings(self.outbox.parameters, self.broker.endpoint(), **options)
        gateway = Gateway(settings, self.vault)
        thread = threading.Thread(target=gateway.run)
        thread.start()
        self.addCleanup(thread.join, 10)
        self.addCleanup(gateway.stop)
        wait_until(lambda: gateway.health()["ok"], message="gateway")
        return gateway

    def profile(self, code):
        data = definition(code)
        return self.outbox.query(
            "INSERT INTO teahouse_device_profile (code, definition, native, dedup)"
            " VALUES (%s, %s, FALSE, FALSE) RETURNING id",
            (code, json.dumps(data)),
        )[0][0]

    def wait_state(self, cmd_id, state, timeout=10):
        wait_until(
            lambda: self.outbox.state(cmd_id)[0] == state, timeout, f"state {state}"
        )
        return self.outbox.state(cmd_id)

    def wait_row(self, sql, expected, timeout=10):
        wait_until(lambda: self.outbox.query(sql) == expected, timeout, str(expected))


class Make(threading.Thread):
    """Plays a device of another make with the gateway's credential.

    :param answers: {topic: [(topic, payload)]} what it says to a command
    """

    def __init__(self, broker, answers):
        super().__init__(daemon=True)
        self.heard = []
        self._answers = answers
        self._ended = threading.Event()
        self._client = Client(broker.endpoint(), *answers, client_id="make")
        self._client.turn(0.2)

    def say(self, topic, payload, retain=False):
        """Publish; safe before :meth:`start` only."""
        self._client.link.publish(topic, payload.encode(), retain=retain)
        self._client.turn(0.1)

    def run(self):
        """Answer until :meth:`close`."""
        while not self._ended.is_set():
            self._client.turn(0.02)
            while self._client.heard:
                topic, payload, _retain = self._client.heard.pop(0)
                self.heard.append((topic, payload.decode()))
                for where, what in self._answers[topic]:
                    text = what(payload) if callable(what) else what
                    self._client.link.publish(where, text.encode())

    def close(self):
        """Stop."""
        self._ended.set()
        if self.is_alive():
            self.join(5)
        self._client.link.close()


@tagged("post_install", "-at_install")
class TestForeign(GatewayCase):
    def make(self, answers):
        make = Make(self.broker, answers)
        self.addCleanup(make.close)
        return make

    def test_tasmota_door(self):
        self.outbox.device(
            "door", profile_id=self.profile("tasmota"), ref="door1", dedup=False
        )
        self.run_gateway()
        make = self.make(
            {"cmnd/door1/Backlog": [("stat/door1/RESULT", '{"POWER":"ON"}')]}
        )
        make.say("tele/door1/LWT", "Online", retain=True)
        self.wait_row("SELECT state FROM teahouse_device", [("online",)])
        make.start()
        cmd_id = self.outbox.command("door")
        self.assertEqual(self.wait_state(cmd_id, "done"), ("done", None))
        self.assertEqual(
            make.heard, [("cmnd/door1/Backlog", "PulseTime1 10; POWER1 ON")]
        )

    def test_shelly_that_is_added_while_the_gateway_runs(self):
        self.run_gateway()
        ref = "shellyplus1-a8032abc7158"
        self.outbox.device("door", profile_id=self.profile("shelly_gen2"), ref=ref)

        def result(payload):
            asked = json.loads(payload)
            return json.dumps(
                {
                    "id": asked["id"],
                    "src": ref,
                    "dst": asked["src"],
                    "result": {"was_on": False},
                }
            )

        status = (f"{ref}/status/switch:0", '{"id":0,"output":true,"apower":8.9}')
        make = self.make({f"{ref}/rpc": [("th/v1/gw/shelly/rpc", result), status]})
        time.sleep(0.5)
        make.say(f"{ref}/online", "true")
        self.wait_row("SELECT state FROM teahouse_device", [("online",)])
        make.start()
        cmd_id = self.outbox.command("door")
        self.wait_state(cmd_id, "done")
        sql = "SELECT round(power_w::numeric, 1)::text FROM teahouse_telemetry"
        self.wait_row(sql, [("8.9",)])

    def test_announcement_is_a_proposal(self):
        self.run_gateway()
        make = self.make({"nothing": []})
        data = {"unique_id": "door1"}
        data |= {"command_topic": "d/set", "state_topic": "d/state"}
        topic = "homeassistant/lock/door1/config"
        for _again in range(2):
            make.say(topic, json.dumps(data), retain=True)
        make.say(topic, '{"value_template": "{{ 7*7 }}", "command_topic": "a"')
        sql = "SELECT key, kind, profile_code, state FROM teahouse_device_announcement"
        self.wait_row(sql, [("door1", "lock", "homeassistant_lock", "waiting")])
        self.assertEqual(self.outbox.query("SELECT uid FROM teahouse_device"), [])

    def test_broken_profile_harms_nobody(self):
        bad = self.outbox.query(
            "INSERT INTO teahouse_device_profile (definition, native) VALUES"
            " ('{\"script\": 1}', FALSE) RETURNING id"
        )[0][0]
        self.outbox.device("bad", profile_id=bad, ref="x")
        self.outbox.device("door", profile_id=self.profile("tasmota"), ref="door1")
        self.run_gateway()
        make = self.make({"cmnd/door1/Backlog": []})
        make.say("tele/door1/LWT", "Online")
        sql = "SELECT state FROM teahouse_device WHERE uid = 'door'"
        self.wait_row(sql, [("online",)])


@tagged("post_install", "-at_install")
class TestSigned(GatewayCase):
    uids = ("lock1",)

    def setUp(self):
        super().setUp()
        self.key = "ab" * 32
        self.outbox.device("lock1", signed=True)
        self.fleet = make_fleet(self.broker, [])
        self.addCleanup(self.fleet.stop)
        password = self.broker.passwords["lock1"]
        spec = {"uid": "lock1", "kind": "lock", "password": password}
        self.fleet.call(self.fleet.add, {**spec, "sig_key": self.key})
        self.run_gateway()
        self.wait_row("SELECT state FROM teahouse_device", [("online",)])

    def press(self):
        cmd_id = self.outbox.command("lock1")
        [(row_id,)] = self.outbox.query(
            "SELECT id FROM teahouse_command WHERE cmd_id = %s", (cmd_id,)
        )
        wait_until(lambda: row_id in self.vault.asked, message="asked")
        return cmd_id, row_id

    @property
    def executed(self):
        return self.fleet.stations["lock1"].device.memory.executed

    def test_lock_opens_by_the_right_signature(self):
        cmd_id, row_id = self.press()
        self.vault.tell({row_id: {"sig_key": self.key}})
        self.wait_state(cmd_id, "done")
        self.assertEqual(len(self.executed), 1)

    def test_lock_refuses_another_one(self):
        cmd_id, row_id = self.press()
        self.vault.tell({row_id: {"sig_key": "cd" * 32}})
        self.assertEqual(self.wait_state(cmd_id, "rejected")[1], "bad_sig")
        self.assertEqual(self.executed, [])

    def test_never_sent_without_a_signature(self):
        _cmd_id, row_id = self.press()
        self.vault.tell({row_id: {}})
        time.sleep(0.5)
        self.assertEqual(self.executed, [])
        ignored = self.fleet.stations["lock1"].device.ignored
        self.assertEqual(ignored, 0, "nothing was published")
