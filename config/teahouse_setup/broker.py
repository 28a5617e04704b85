"""The private MQTT broker, and the devices it knows."""

import importlib.util
import json
import os
import pwd
import sys

from . import accounts
from .odoo import GATEWAY_USER
from .settings import write_private
from .system import program

ACCOUNT = "mosquitto"
#: A credential that no device uses: for looking at the broker with one's own tools.
SPARE_DEVICE = "spare-device"


def ensure(paths, settings, devices, others=()):
    """Write the broker's files and the simulator's list of devices.

    :param list devices: ``uid``, ``kind``, ``password``… of the demo's devices
    :param list others: those of stores that stand alone, which nobody simulates
    """
    files = writer(paths)
    account = accounts.service_account(ACCOUNT)
    folder = accounts.ensure_folder(paths, "broker", account)
    chosen = files.BrokerSettings(
        port=settings.port("broker"),
        gateway=GATEWAY_USER,
        log="stderr",
        dynsec=files.plugin() is not None,
    )
    credentials = {
        GATEWAY_USER: settings["gateway_password"],
        SPARE_DEVICE: settings["spare_device_password"],
    }
    if not chosen.dynsec:
        # With the plugin the gateway makes the devices' accounts, at run time too.
        credentials |= {one["uid"]: one["password"] for one in [*devices, *others]}
    kept = paths.state / "broker-known.json"
    text = json.dumps([chosen.port, chosen.dynsec, credentials])
    if not kept.exists() or kept.read_text(encoding="utf-8") != text:
        files.write_broker(folder, chosen, credentials)
        write_private(kept, text)
    if account:
        entry = pwd.getpwnam(account)
        for file in folder.iterdir():
            os.chown(file, entry.pw_uid, entry.pw_gid)
    write_private(paths.state / "devices.json", json.dumps(devices, indent=1) + "\n")


def command(paths):
    """Return the broker's command line."""
    conf = (paths.state / "broker").resolve() / "mosquitto.conf"
    return [program("mosquitto"), "-c", str(conf)]


def writer(paths):
    """Import the addon's own writer of the broker's files, without Odoo."""
    name, folder = "teahouse_broker", paths.addons / "teahouse_iot" / "broker"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
