"""``odoo teahouse_simulator``: devices for demonstrations and tests."""

from odoo.cli import Command
from odoo.tools import config


class TeahouseSimulator(Command):
    """Run simulated devices that speak the real protocol"""

    name = "teahouse_simulator"
    epilog = """
        All other arguments are Odoo's: -c FILE, -d DATABASE. Where the broker is
        stands in the configuration file (teahouse_mqtt_host, _port, _tls). Without
        --devices all devices of the database are simulated.
    """

    def run(self, cmdargs):
        """Serve until SIGTERM or SIGINT.

        :param list cmdargs: command line after the command's name
        """
        add = self.parser.add_argument
        add("--devices", help="JSON file: [{uid, kind, password, …}]")
        add("--state", help="journal file that is the devices' flash")
        add("--control-port", type=int, default=0, help="0 takes a free one")
        add("--tele-interval", type=float, default=30.0, help="seconds, 0 for none")
        args, rest = self.parser.parse_known_args(cmdargs)
        config.parse_config(rest, setup_logging=True)
        # The addon's code is importable only once the addons path is set up.
        from odoo.addons.teahouse_iot import command_line

        command_line.run_simulator(args)
