from odoo import SUPERUSER_ID, api
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class FieldEncryptedRotate(Command):
    """Re-encrypt all encrypted fields with the newest key of the configuration."""

    name = "field_encrypted_rotate"

    def run(self, args):
        self.parser.add_argument("-c", "--config", help="configuration file")
        self.parser.add_argument("-d", "--database", required=True)
        self.parser.add_argument("--batch", type=int, default=500, help="rows at once")
        options = self.parser.parse_args(args)
        config.parse_config(
            ["-c", options.config, "-d", options.database]
            if options.config
            else ["-d", options.database],
            setup_logging=True,
        )
        with Registry(options.database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})

            def report(model_name, field_name, rows):
                # Small transactions: users go on working, a crash loses one batch.
                cr.commit()
                print(f"{model_name}.{field_name}: {rows}", flush=True)

            total = env["field.encrypted.mixin"]._rotate_all(options.batch, report)
        print(f"{total} values re-encrypted.")
