"""PINs are not in the outbox: the gateway asks for them just before publishing."""

import json
import os
import threading

from odoo.tests import BaseCase, tagged

from ..gateway.gateway import Gateway, Settings
from ..gateway.sender import Sender
from .gateway_common import Broker, Outbox, make_fleet, wait_until
from .test_gateway_outbox import server_parameters

WINDOW = {"from": 1_795_345_000, "to": 2_000_000_000}


class Vault:
    """Stands in for the effects process; answers when the test says so."""

    alive = True

    def __init__(self):
        self.asked = []
        self._read, self._write = os.pipe()

    def keep_alive(self):
        """Nothing to start."""

    def stop(self):
        os.close(self._read)
        os.close(self._write)

    def fileno(self):
        return self._read

    def ask(self, ids):
        self.asked += ids
        return True

    def credentials(self):
        return {}

    def tell(self, values):
        os.write(self._write, json.dumps(values).encode() + b"\n")

    def answers(self):
        lines = os.read(self._read, 65536).splitlines()
        return {int(k): v for line in lines for k, v in json.loads(line).items()}


@tagged("post_install", "-at_install")
class TestSecrets(BaseCase):
    def setUp(self):
        super().setUp()
        self.outbox = Outbox(server_parameters())
        self.addCleanup(self.outbox.drop)
        self.broker = Broker(["lock1"])
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.outbox.device("lock1")
        self.fleet = make_fleet(self.broker, [("lock1", "lock")])
        self.addCleanup(self.fleet.stop)
        self.vault = Vault()
        settings = Settings(self.outbox.parameters, self.broker.endpoint())
        gateway = Gateway(settings, self.vault)
        thread = threading.Thread(target=gateway.run)
        thread.start()
        self.addCleanup(thread.join, 10)
        self.addCleanup(gateway.stop)

    def pin_set(self, slot=1):
        args = {"slot": slot, "key": 5, **WINDOW}
        cmd_id = self.outbox.command("lock1", "pin_set", args, life=600)
        [(row_id,)] = self.outbox.query(
            "SELECT id FROM teahouse_command WHERE cmd_id = %s", (cmd_id,)
        )
        wait_until(lambda: row_id in self.vault.asked, message="asked")
        return cmd_id, row_id

    @property
    def pins(self):
        return self.fleet.stations["lock1"].device.memory.pins

    def test_pin_comes_from_the_models(self):
        cmd_id, row_id = self.pin_set()
        self.vault.tell({row_id: {"pin": "481516"}})
        wait_until(lambda: self.outbox.state(cmd_id)[0] == "done", message="done")
        self.assertEqual(self.pins, {"1": {"pin": "481516", **WINDOW}})
        [one] = self.fleet.stations["lock1"].device.memory.executed
        self.assertNotIn("key", one["args"])
        [(text,)] = self.outbox.query("SELECT args::text FROM teahouse_command")
        self.assertNotIn("481516", text)

    def test_cancelled_meanwhile(self):
        cmd_id, row_id = self.pin_set()
        self.outbox.query(
            "UPDATE teahouse_command SET state = 'cancelled' WHERE id = %s", (row_id,)
        )
        self.vault.tell({row_id: {"pin": "481516"}})
        _other, other_id = self.pin_set(slot=2)
        self.vault.tell({other_id: {"pin": "234234"}})
        wait_until(lambda: "2" in self.pins, message="second PIN")
        self.assertNotIn("1", self.pins)
        self.assertEqual(self.outbox.state(cmd_id)[0], "cancelled")

    def test_no_answer_is_asked_again(self):
        cmd_id, row_id = self.pin_set()
        wait_until(lambda: self.vault.asked.count(row_id) > 1, message="asked again")
        self.vault.tell({row_id: {"pin": "481516"}})
        wait_until(lambda: self.outbox.state(cmd_id)[0] == "done", message="done")

    def test_wrong_arguments_are_not_sent(self):
        cmd_id, row_id = self.pin_set()
        with self.assertLogs(Sender.__module__, "ERROR") as logs:
            self.vault.tell({row_id: {"pin": "not a pin"}})
            wait_until(lambda: self.outbox.state(cmd_id)[0] == "failed", message="end")
        self.assertNotIn("not a pin", str(logs.output))
        self.assertEqual(self.outbox.state(cmd_id), ("failed", "bad_args"))
        self.assertEqual(self.pins, {})
