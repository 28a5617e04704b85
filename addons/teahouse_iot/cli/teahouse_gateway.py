"""``odoo teahouse_gateway``: the process between the outbox and the devices."""

import logging
import signal

from odoo.cli import Command
from odoo.tools import config

_logger = logging.getLogger(__name__)


class TeahouseGateway(Command):
    """Run the MQTT gateway of a database"""

    name = "teahouse_gateway"
    epilog = """
        All other arguments are Odoo's: -c FILE, -d DATABASE. The options
        teahouse_mqtt_host, _port, _user, _password, _tls (path of the authority's
        certificate), teahouse_mqtt_accounts (dynsec, or the folder of the broker's
        files), teahouse_gateway_shards and teahouse_gateway_http_port stand in the
        configuration file.
    """

    def run(self, cmdargs):
        """Serve until SIGTERM or SIGINT.

        :param list cmdargs: command line after the command's name
        """
        self.parser.add_argument(
            "--effects",
            action="store_true",
            help="run the part that works with Odoo's models (started by itself)",
        )
        self.parser.add_argument(
            "--http-port",
            type=int,
            help="port of health and metrics, where several run on one host",
        )
        args, rest = self.parser.parse_known_args(cmdargs)
        config.parse_config(rest, setup_logging=True)
        # The addon's code is importable only once the addons path is set up.
        from odoo.addons.teahouse_iot import command_line

        if args.effects:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            command_line.run_effects()
        else:
            command_line.run_gateway(args.http_port)
