"""What the world is told of an installation: a file for programs, lines for people."""

import json
import os

from . import broker, settings, stores
from .odoo import GATEWAY_USER
from .settings import write_private

ADMIN = {"login": "admin", "password": "Teahouse-admin"}
STAFF = ("owner", "manager", "staff", "cleaner", "accountant", "technician")
MEMBERS = tuple(
    {"phone": f"1380000000{n}", "password": f"Teahouse-{n}"} for n in (1, 2, 3)
)


def write(installation, facts):
    """Write ``demo.json``: addresses and logins, for programs.

    :param dict facts: stores and devices of the demo's database
    """
    paths, known = installation.paths, installation.settings
    base_url, port = installation.base_url, known.port
    values = {
        "base_url": base_url,
        "api_url": f"{base_url}/teahouse/api/v1",
        "app_url": f"{base_url}/teahouse/app",
        "database": settings.DATABASE,
        "admin": ADMIN,
        "staff": [
            {"role": role, "login": role, "password": f"Teahouse-{role}"}
            for role in STAFF
        ],
        "members": list(MEMBERS),
        "sms_file": str(paths.sms_file),
        "broker": {
            "host": "127.0.0.1",
            "port": port("broker"),
            "gateway": {
                "username": GATEWAY_USER,
                "password": known["gateway_password"],
            },
            "device": {
                "username": broker.SPARE_DEVICE,
                "password": known["spare_device_password"],
            },
        },
        "gateway_url": f"http://127.0.0.1:{port('gateway')}",
        "simulator_url": f"http://127.0.0.1:{port('simulator')}",
        "postgres": {"host": "127.0.0.1", "port": port("database")},
        "log_folder": str(paths.log),
        "stores": facts["stores"],
        "databases": [
            {**store.values(), "base_url": installation.store_url(store)}
            for store in stores.known(known)
        ],
        "devices": [
            {name: value for name, value in device.items() if name != "password"}
            for device in facts["devices"]
        ],
    }
    text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    write_private(paths.demo_file, text)


def describe(installation):
    """Return the addresses and logins as lines of text."""
    url, paths = installation.base_url, installation.paths
    simulator = installation.settings.port("simulator")
    lines = [
        "",
        f"  Back office   {url}/odoo",
        f"  Mobile app    {url}/teahouse/app",
        f"  API           {url}/teahouse/api/v1/docs",
        f"  Devices       http://127.0.0.1:{simulator}/devices",
        "",
        f"  Admin         {ADMIN['login']} / {ADMIN['password']}",
        f"  Staff         {', '.join(STAFF)}: password Teahouse-<login>",
        *(f"  Member        {m['phone']} / {m['password']}" for m in MEMBERS),
        *(
            f"  {store.name:13} {installation.store_url(store)}/odoo ({store.host})"
            for store in stores.known(installation.settings)
        ),
        f"  Captured SMS  {_short(paths.sms_file)}",
        f"  For programs  {_short(paths.demo_file)}",
        "",
    ]
    return "\n".join(lines)


def _short(path):
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
