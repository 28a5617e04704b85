"""What the addon's commands do once the configuration is read."""

import json
import logging
import signal
import sys
import threading
from pathlib import Path

from odoo.sql_db import connection_info_for
from odoo.tools import config

from .broker import password_hash
from .gateway import effects, gateway, health
from .gateway.accounts import DynsecAccounts, FileAccounts
from .gateway.link import Endpoint
from .simulator import control
from .simulator.flash import Flash
from .simulator.fleet import Fleet

_logger = logging.getLogger(__name__)

DEFAULT_HTTP_PORT = 8079
REFRESH_SECONDS = 10.0


def database_name():
    """Return the one database of the configuration.

    :raise SystemExit: none or several are configured
    """
    names = config["db_name"]
    names = [names] if isinstance(names, str) else list(names or [])
    if len(names) != 1:
        raise SystemExit("Exactly one database is needed: -d DATABASE")
    return names[0]


def broker_endpoint():
    """Return the broker and the gateway's credential from the configuration."""
    return Endpoint(
        config.get("teahouse_mqtt_host") or "127.0.0.1",
        int(config.get("teahouse_mqtt_port") or 1883),
        config.get("teahouse_mqtt_user") or "teahouse-gateway",
        config.get("teahouse_mqtt_password") or "",
        config.get("teahouse_mqtt_tls") or None,
    )


def _stop_on_signals(stop):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop())


def broker_accounts(endpoint):
    """Return the keeper of the broker's accounts that the configuration asks for.

    `teahouse_mqtt_accounts`: `dynsec` (mosquitto's plugin), a folder with
    mosquitto's files, or nothing when the broker reads the database itself.

    :param Endpoint endpoint: with the gateway's own credential
    """
    chosen = config.get("teahouse_mqtt_accounts") or ""
    if not chosen:
        return None
    if chosen == "dynsec":
        return DynsecAccounts(database_name())
    own = password_hash(endpoint.password)
    pid_file = config.get("teahouse_mqtt_pid_file") or None
    return FileAccounts(chosen, endpoint.username, own, pid_file)


def run_gateway(http_port=None):
    """Run the gateway until a signal ends it.

    :param int http_port: of health and metrics, instead of the configured one
    """
    database = database_name()
    endpoint = broker_endpoint()
    settings = gateway.Settings(
        connection_info_for(database)[1],
        endpoint,
        name=database if config.get("teahouse_mqtt_shared") else "",
        shards=max(1, int(config.get("teahouse_gateway_shards") or 1)),
        accounts=broker_accounts(endpoint),
    )
    process = effects.EffectsProcess(effects.own_command("--effects"))
    instance = gateway.Gateway(settings, process)
    port = http_port
    if port is None:
        port = int(config.get("teahouse_gateway_http_port") or DEFAULT_HTTP_PORT)
    server = health.serve(instance, port)
    _stop_on_signals(instance.stop)
    _logger.info("Gateway of %s, health on port %s", database, server.server_address[1])
    instance.run()
    server.shutdown()


def run_effects():
    """Run the gateway's second process until its standard input ends."""
    database = database_name()
    effects.serve(database, connection_info_for(database)[1])


def run_simulator(args):
    """Run simulated devices until a signal ends them.

    :param args: ``devices``, ``state``, ``control_port``, ``tele_interval``
    """
    fleet = Fleet(broker_endpoint(), Flash(args.state), args.tele_interval)
    server = control.serve(fleet, args.control_port)
    _stop_on_signals(fleet.stop)
    _logger.info("Simulator control on port %s", server.server_address[1])
    done = threading.Event()
    helper = threading.Thread(
        target=_feed, args=(fleet, args.devices, done), daemon=True
    )
    helper.start()
    fleet.run()
    done.set()
    server.shutdown()


def _feed(fleet, path, done):
    """Add devices, new ones too while it runs, and show the status line."""
    while not done.is_set():
        try:
            for spec in _specs(path):
                fleet.call(fleet.add, spec)
        except Exception:
            # The database may be away, or be updated: the devices that run go on.
            _logger.warning("Devices could not be read", exc_info=True)
        for _second in range(int(REFRESH_SECONDS)):
            if sys.stderr.isatty():
                counts = fleet.call(fleet.counts)
                text = ", ".join(f"{name} {count}" for name, count in counts.items())
                sys.stderr.write(f"\r\033[K{text}")
            if done.wait(1.0):
                return


def _specs(path):
    if path:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(database_name()).check_signaling().cursor(readonly=True) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        return [
            {
                "uid": device.uid,
                "kind": device.kind,
                "password": device.mqtt_password,
                "store": device.store_id.id,
                "room": device.room_id.id or None,
                **({"sig_key": device.sig_key} if device.signed else {}),
            }
            for device in env["teahouse.device"].search([])
            if device.mqtt_password and device.native
        ]
