"""The broker's files: what each credential may and may not do."""

import os
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..broker import BrokerSettings, password_hash, write_broker
from ..gateway.link import Link
from .gateway_common import Broker, wait_until


class Client:
    """A client that notes what it hears."""

    def __init__(self, endpoint, *filters, client_id=None, session=0):
        self.heard, self.reason = [], None
        self.link = Link(
            endpoint,
            client_id or endpoint.username,
            session_expiry=session,
            on_up=lambda link, _present: filters and link.subscribe(*filters),
            on_message=lambda _link, message: self.heard.append(
                (message.topic, message.payload, message.retain)
            ),
            on_down=lambda _link, reason: setattr(self, "reason", reason),
        )
        self.link.connect()

    def turn(self, seconds=0.3):
        """Serve the connection for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.link.lost:
            self.link.write()
            self.link.read()
            time.sleep(0.01)
        return self


@tagged("post_install", "-at_install")
class TestFiles(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "broker"

    def test_passwords_are_hashed_and_private(self):
        write_broker(self.folder, BrokerSettings(), {"lock1": "open sesame"})
        file = self.folder / "passwd"
        self.assertNotIn("sesame", file.read_text())
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertNotEqual(password_hash("x"), password_hash("x"), "salted")

    def test_hash_is_what_mosquitto_writes(self):
        ours = password_hash("secret").split("$")
        file = self.folder.with_name("theirs")
        file.touch(mode=0o600)
        subprocess.run(
            ["mosquitto_passwd", "-b", str(file), "u", "secret"],
            check=True,
            capture_output=True,
        )
        theirs = file.read_text().strip().partition(":")[2].split("$")
        self.assertEqual(ours[:3], theirs[:3])
        self.assertEqual([len(part) for part in ours], [len(p) for p in theirs])

    def test_username_cannot_break_out_of_its_line(self):
        for name in ("a:b", "a\nb", "", "a b", "+", "#"):
            with self.subTest(name=name), self.assertRaises(ValueError):
                write_broker(self.folder, BrokerSettings(), {name: "x"})

    def test_tls_listener(self):
        settings = BrokerSettings(
            port=8883, host="0.0.0.0", certfile="/c.pem", keyfile="/k.pem"
        )
        text = write_broker(self.folder, settings, {}).read_text()
        for line in ("listener 8883 0.0.0.0", "certfile /c.pem", "keyfile /k.pem"):
            self.assertIn(line, text.splitlines())
        self.assertIn("allow_anonymous false", text)


@tagged("post_install", "-at_install")
class TestRules(BaseCase):
    def setUp(self):
        super().setUp()
        self.broker = Broker(["lock1", "lock2"])
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.clients = []
        self.addCleanup(lambda: [client.link.close() for client in self.clients])

    def client(self, name, *filters, password=None):
        if password is None:
            password = self.broker.passwords.get(name)
        endpoint = (
            self.broker.endpoint(name, password) if password else self.broker.endpoint()
        )
        client = Client(endpoint, *filters).turn()
        self.clients.append(client)
        return client

    def test_device_hears_its_own_commands_only(self):
        gateway = self.client("gateway")
        lock1 = self.client("lock1", "th/v1/lock1/cmd", "th/v1/+/cmd", "#")
        for name in ("lock1", "lock2"):
            gateway.link.publish(f"th/v1/{name}/cmd", b"x")
        gateway.turn()
        lock1.turn()
        self.assertEqual({topic for topic, *_rest in lock1.heard}, {"th/v1/lock1/cmd"})

    def test_device_speaks_for_itself_only(self):
        gateway = self.client("gateway", "th/v1/#")
        lock1 = self.client("lock1")
        for topic in ("th/v1/lock2/ack", "th/v1/gw/st", "th/v1/lock1/cmd"):
            lock1.link.publish(topic, b"spoof")
        for leaf in ("ack", "st", "tele", "evt"):
            lock1.link.publish(f"th/v1/lock1/{leaf}", b"own")
        lock1.turn()
        gateway.turn()
        self.assertEqual(
            sorted(topic for topic, *_rest in gateway.heard),
            [f"th/v1/lock1/{leaf}" for leaf in ("ack", "evt", "st", "tele")],
        )

    def test_wrong_password_is_refused(self):
        self.assertFalse(self.client("lock1", password="guess").link.up)
        self.assertFalse(self.client("stranger", password="guess").link.up)

    def test_revoked_credential_is_cut_at_once(self):
        lock1, lock2 = self.client("lock1"), self.client("lock2")
        del self.broker.passwords["lock1"]
        self.broker.write()
        self.broker.reload()
        wait_until(lambda: lock1.turn(0.05).link.lost, 3, "revoked client cut")
        self.assertTrue(lock2.turn(0.1).link.up)
        again = self.client("lock1", password="secret-lock1")
        self.assertFalse(again.link.up)

    def test_expired_command_is_not_delivered_to_a_session(self):
        gateway = self.client("gateway")
        endpoint = self.broker.endpoint("lock1", self.broker.passwords["lock1"])
        sleeper = Client(endpoint, "th/v1/lock1/cmd", session=600).turn()
        sleeper.link.close(graceful=False)
        gateway.link.publish("th/v1/lock1/cmd", b"late", expiry=1)
        gateway.link.publish("th/v1/lock1/cmd", b"in time", expiry=60)
        gateway.turn(2.2)
        back = Client(endpoint, session=600).turn()
        self.clients.append(back)
        self.assertEqual([payload for _t, payload, _r in back.heard], [b"in time"])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.environ["PATH"] += os.pathsep + "/usr/sbin"
