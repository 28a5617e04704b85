"""The gateway's test parts for runs from outside, without starting Odoo."""

import importlib
import sys
import types
from pathlib import Path

ADDON = Path(__file__).resolve().parents[1] / "addons" / "teahouse_iot"


def load():
    """Return the addon's ``gateway_common``: broker, outbox, processes, devices.

    The addon's own packages are replaced by empty ones, whose models would ask for a
    server. Gateway, simulator and broker need none.
    """
    for name, path in (
        ("teahouse_iot", ADDON),
        ("teahouse_iot.tests", ADDON / "tests"),
    ):
        package = types.ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
    return importlib.import_module("teahouse_iot.tests.gateway_common")
