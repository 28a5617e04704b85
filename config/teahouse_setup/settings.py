"""What one installation remembers: ports and secrets, made once."""

import base64
import json
import os
import random
import secrets
import socket

#: Usual ports; another free one is taken where these are in use.
PORTS = {
    "http": 8069,
    "gevent": 8072,
    "odoo": 8070,
    "gateway": 8075,
    "simulator": 8076,
    "broker": 1883,
    "database": 5433,
}
#: Where other ports are looked for.
RESERVE = (10_000, 30_000)
DATABASE = "teahouse"


class Settings:
    """Ports, passwords and keys of a state folder, kept in ``settings.json``."""

    def __init__(self, paths):
        self._file = paths.state / "settings.json"
        self.values = _new_secrets()
        if self._file.exists():
            self.values |= json.loads(self._file.read_text(encoding="utf-8"))
        else:
            self.values["ports"] = {}
            self.save()

    def __getitem__(self, name):
        return self.values[name]

    def get(self, name, default=None):
        """Return a value, or a default."""
        return self.values.get(name, default)

    def update(self, **values):
        """Set values and keep them."""
        self.values |= values
        self.save()

    def save(self):
        """Write the file, readable by its owner only, in one piece."""
        write_private(self._file, json.dumps(self.values, indent=2) + "\n")

    def port(self, name):
        """Return the port of a service, chosen the first time it is asked for."""
        if name not in self["ports"]:
            self.choose_port(name)
        return self["ports"][name]

    def choose_port(self, name):
        """Take the usual port, or a free one when it is in use."""
        taken = set(self["ports"].values())
        usual = PORTS.get(name)
        good = usual and usual not in taken and is_free(usual)
        port = usual if good else free_port(taken)
        self.update(ports={**self["ports"], name: port})
        return port


def _new_secrets():
    def key():
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "master_password": secrets.token_urlsafe(24),
        "superuser_password": secrets.token_urlsafe(24),
        "database_password": secrets.token_urlsafe(24),
        "gateway_password": secrets.token_urlsafe(24),
        "spare_device_password": secrets.token_urlsafe(24),
        "encryption_key": key(),
        "index_key": key(),
    }


def write_private(path, text):
    """Replace a file that only its owner may read."""
    partial = path.with_name(f".{path.name}.new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)


def is_free(port):
    """Tell whether nobody listens on a local port."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0")):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_port(taken=()):
    """Return a local port that nobody listens on.

    It lies below those that the system gives to outgoing connections: one of these
    could take it in the moment between the choice and its use.

    :param taken: ports that are promised already
    """
    while True:
        port = random.randrange(*RESERVE)
        if port not in taken and is_free(port):
            return port
