"""Accounts at a running broker: let in without a restart, cut at once."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from odoo.tests import tagged

from ..broker import password_hash
from ..gateway.accounts import DynsecAccounts, FileAccounts
from .gateway_common import GATEWAY_PASSWORD, GATEWAY_USER, make_fleet, wait_until
from .test_broker import Client
from .test_gateway_foreign import GatewayCase


class PasswordVault:
    """Answers for passwords like the effects process."""

    def __init__(self, vault):
        self._vault = vault
        self.passwords = {}
        self._waiting = {}

    def __getattr__(self, name):
        return getattr(self._vault, name)

    def ask_credentials(self, usernames):
        """Answer at once, and wake the gateway."""
        self._waiting.update(
            (name, self.passwords[name]) for name in usernames if name in self.passwords
        )
        self._vault.tell({})
        return True

    def credentials(self):
        """Return what was asked for."""
        found, self._waiting = self._waiting, {}
        return found


class AccountsCase(GatewayCase):
    """Both ways of keeping accounts, one suite."""

    def setUp(self):
        super().setUp()
        self.vault = PasswordVault(self.vault)
        self.clients = []
        self.addCleanup(lambda: [client.link.close() for client in self.clients])
        self.gateway = self.run_gateway(accounts=self.make_accounts())

    def add(self, uid, password, **values):
        self.vault.passwords[uid] = password
        self.outbox.device(uid, mqtt_hash=password_hash(password), **values)
        self.wait_done(uid)

    def change(self, uid, **values):
        marks = ", ".join(f"{name} = %s" for name in values)
        self.outbox.query(
            f"UPDATE teahouse_device SET {marks}, credential_seq = credential_seq + 1"
            " WHERE uid = %s",
            (*values.values(), uid),
        )

    def wait_done(self, uid):
        sql = "SELECT credential_done >= credential_seq FROM teahouse_device"
        sql += " WHERE uid = %s"
        wait_until(
            lambda: self.outbox.query(sql, (uid,)) == [(True,)], 10, "taken over"
        )

    def client(self, uid, password, *filters):
        client = Client(self.broker.endpoint(uid, password), *filters).turn()
        self.clients.append(client)
        return client

    def gets_in(self, uid, password):
        return self.client(uid, password).link.up


class Suite:
    """What must hold however the accounts are kept."""

    def test_new_device_gets_in_without_a_restart(self):
        self.assertFalse(self.gets_in("lock1", "one"))
        self.add("lock1", "one")
        wait_until(lambda: self.gets_in("lock1", "one"), 5, "let in")
        self.assertFalse(self.gets_in("lock1", "guess"))

    def test_revoked_is_cut_at_once(self):
        self.add("lock1", "one")
        self.add("lock2", "two")
        wait_until(lambda: self.gets_in("lock2", "two"), 5, "let in")
        lock1 = self.client("lock1", "one")
        self.assertTrue(lock1.link.up)
        self.change("lock1", revoked=True, mqtt_hash=None)
        wait_until(lambda: lock1.turn(0.05).link.lost, 3, "cut")
        self.wait_done("lock1")
        self.assertFalse(self.gets_in("lock1", "one"))
        self.assertTrue(self.gets_in("lock2", "two"))

    def test_new_password_ends_the_old_one(self):
        self.add("lock1", "one")
        wait_until(lambda: self.gets_in("lock1", "one"), 5, "let in")
        old = self.client("lock1", "one")
        self.vault.passwords["lock1"] = "other"
        self.change("lock1", mqtt_hash=password_hash("other"))
        wait_until(lambda: old.turn(0.05).link.lost, 3, "cut")
        wait_until(lambda: self.gets_in("lock1", "other"), 5, "let in")
        self.assertFalse(self.gets_in("lock1", "one"))

    def test_rights(self):
        self.add("lock1", "one")
        wait_until(lambda: self.gets_in("lock1", "one"), 5, "let in")
        spy = Client(self.broker.endpoint(), "th/v1/+/ack", client_id="spy").turn()
        self.clients.append(spy)
        lock1 = self.client("lock1", "one", "th/v1/lock1/cmd", "th/v1/lock2/cmd")
        lock1.link.publish("th/v1/lock2/ack", b"spoof")
        lock1.link.publish("$CONTROL/dynamic-security/v1", b'{"commands":[]}')
        lock1.link.publish("th/v1/lock1/ack", b"own")
        for name in ("lock1", "lock2"):
            spy.link.publish(f"th/v1/{name}/cmd", b"x")
        spy.turn()
        lock1.turn()
        self.assertEqual([topic for topic, *_rest in spy.heard], ["th/v1/lock1/ack"])
        self.assertEqual([topic for topic, *_r in lock1.heard], ["th/v1/lock1/cmd"])

    def test_other_makes_have_the_rights_of_their_profile(self):
        profile_id = self.profile("tasmota")
        self.add("door", "one", profile_id=profile_id, ref="door1")
        wait_until(lambda: self.gets_in("door", "one"), 5, "let in")
        spy = Client(self.broker.endpoint(), "stat/#", client_id="spy").turn()
        self.clients.append(spy)
        door = self.client("door", "one", "cmnd/door1/POWER1", "cmnd/other/POWER1")
        for topic in ("stat/door1/RESULT", "stat/other/RESULT"):
            door.link.publish(topic, b"{}")
        for ref in ("door1", "other"):
            spy.link.publish(f"cmnd/{ref}/POWER1", b"OFF")
        spy.turn()
        door.turn()
        self.assertEqual([topic for topic, *_r in spy.heard], ["stat/door1/RESULT"])
        self.assertEqual([topic for topic, *_r in door.heard], ["cmnd/door1/POWER1"])

    def test_bridge_stays_in_its_branch(self):
        self.vault.passwords["zigbee"] = "one"
        self.outbox.query(
            "INSERT INTO teahouse_broker_bridge (username, prefix, mqtt_hash)"
            " VALUES ('zigbee', 'zigbee2mqtt', %s)",
            (password_hash("one"),),
        )
        # The gateway is told by the devices' trigger in this database.
        self.add("lock1", "x")
        wait_until(lambda: self.gets_in("zigbee", "one"), 5, "let in")
        spy = Client(self.broker.endpoint(), "zigbee2mqtt/#", client_id="spy")
        spy.turn()
        self.clients.append(spy)
        bridge = self.client("zigbee", "one", "th/v1/lock1/cmd")
        bridge.link.publish("zigbee2mqtt/lamp", b"{}")
        bridge.link.publish("th/v1/lock1/st", b"{}")
        spy.link.publish("th/v1/lock1/cmd", b"x")
        spy.turn()
        bridge.turn()
        self.assertEqual([topic for topic, *_r in spy.heard], ["zigbee2mqtt/lamp"])
        self.assertEqual(bridge.heard, [])


@tagged("post_install", "-at_install")
class TestDynsec(Suite, AccountsCase):
    broker_options = {"dynsec": True}

    def make_accounts(self):
        return DynsecAccounts("test")

    def test_broker_that_has_lost_its_file_is_told_everything(self):
        self.add("lock1", "one")
        self.broker.kill()
        self.broker.write()
        self.broker.start()
        wait_until(lambda: self.gets_in("lock1", "one"), 15, "let in again")

    def test_other_clients_are_left_alone(self):
        command = {
            "commands": [
                {"command": "createRole", "rolename": "mine", "acls": []},
                {
                    "command": "createClient",
                    "username": "monitor",
                    "password": "m",
                    "roles": [{"rolename": "mine"}],
                },
            ]
        }
        spy = Client(self.broker.endpoint(), client_id="spy").turn()
        self.clients.append(spy)
        spy.link.publish("$CONTROL/dynamic-security/v1", json.dumps(command).encode())
        spy.turn()
        self.add("lock1", "one")
        self.assertTrue(self.gets_in("monitor", "m"))


@tagged("post_install", "-at_install")
class TestFileAccounts(Suite, AccountsCase):
    def make_accounts(self):
        return FileAccounts(
            self.broker.folder, GATEWAY_USER, password_hash(GATEWAY_PASSWORD)
        )


@tagged("post_install", "-at_install")
class TestTls(GatewayCase):
    """A certificate authority made for the test."""

    uids = ("lock1",)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)
        self.authority("ca")
        self.authority("other")
        key, cert = self.certificate("localhost", "IP:127.0.0.1,DNS:localhost")
        self.broker_options = {
            "certfile": str(cert),
            "keyfile": str(key),
            "cafile": str(self.folder / "ca.pem"),
        }
        super().setUp()
        self.outbox.device("lock1")

    def openssl(self, *arguments):
        subprocess.run(
            ["openssl", *arguments], check=True, capture_output=True, cwd=self.folder
        )

    def authority(self, name):
        self.openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", f"/CN=teahouse test {name}"),
            *("-keyout", f"{name}.key", "-out", f"{name}.pem"),
        )

    def certificate(self, name, names):
        self.openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", f"/CN={name}", "-keyout", "broker.key", "-out", "broker.csr"),
        )
        (self.folder / "names").write_text(f"subjectAltName={names}")
        self.openssl(
            *("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "2", "-out", "broker.pem"),
            *("-extfile", "names"),
        )
        os.chmod(self.folder / "broker.key", 0o644)
        return self.folder / "broker.key", self.folder / "broker.pem"

    def test_door_over_tls(self):
        fleet = make_fleet(self.broker, [("lock1", "lock")])
        self.addCleanup(fleet.stop)
        self.run_gateway()
        self.wait_row("SELECT state FROM teahouse_device", [("online",)])
        self.wait_state(self.outbox.command("lock1"), "done")

    def test_broker_nobody_vouches_for(self):
        self.broker.options["cafile"] = str(self.folder / "other.pem")
        with self.assertRaises(OSError):
            Client(self.broker.endpoint(), client_id="x")

    def test_broker_of_another_name(self):
        self.broker.kill()
        self.certificate("elsewhere", "DNS:elsewhere.example")
        self.broker.start()
        with self.assertRaises(OSError):
            Client(self.broker.endpoint(), client_id="x")

    def test_plain_client_is_not_let_in(self):
        self.broker.options["cafile"] = None
        with self.assertRaises(OSError):
            client = Client(self.broker.endpoint(), client_id="x")
            client.turn(1.0)
            if not client.link.up:
                raise ConnectionError
