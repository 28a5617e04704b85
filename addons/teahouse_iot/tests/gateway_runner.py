"""Runs the gateway alone, without Odoo; started by tests that kill it.

``crash`` names a step at which the process kills itself, as a power cut would.
"""

import json
import os
import signal
import sys
import types
from pathlib import Path


def load():
    """Make the gateway importable without the addon's models."""
    package = types.ModuleType("teahouse_iot")
    package.__path__ = [str(Path(__file__).parent.parent)]
    sys.modules["teahouse_iot"] = package


def die(*_args, **_kwargs):
    """End like a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def main():
    """Run until SIGTERM or the crash."""
    load()
    import logging

    from teahouse_iot.engine import protocol
    from teahouse_iot.gateway import gateway, health, link, sender

    logging.basicConfig(level=os.environ.get("GATEWAY_LOG", "WARNING"))
    configuration = json.loads(sys.argv[1])
    settings = gateway.Settings(
        configuration["database"],
        link.Endpoint(*configuration["broker"]),
        shards=configuration.get("shards", 1),
    )
    instance = gateway.Gateway(settings)
    crash = configuration["crash"]
    if crash == "claimed":
        sender.Sender._publish = die
    elif crash == "published":
        publish = sender.Sender._publish

        def publish_and_die(self, database, wire, row, args):
            publish(self, database, wire, row, args)
            wire.write()
            die()

        sender.Sender._publish = publish_and_die
    elif crash in ("ack_read", "ack_committed"):
        store = gateway.Inbox.store

        def store_and_die(self, database):
            answered = any(isinstance(entry[2], protocol.Ack) for entry in self._urgent)
            if answered and crash == "ack_read":
                die()
            result = store(self, database)
            if answered:
                die()
            return result

        gateway.Inbox.store = store_and_die
    health.serve(instance, configuration["http_port"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: instance.stop())
    instance.run()


if __name__ == "__main__":
    main()
