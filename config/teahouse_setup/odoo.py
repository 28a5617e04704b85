"""Odoo as the set-up uses it: configuration file, and one-off runs on a database."""

import ast
import json
import re
from pathlib import Path

from .cluster import ROLE
from .paths import ADDONS
from .progress import SetupError
from .settings import write_private

INSIDE = Path(__file__).parent / "inside"
RESULT = "TEAHOUSE-RESULT "
GATEWAY_USER = "teahouse-gateway"


class Odoo:
    """An Odoo with our addons.

    :param Path python: the virtual environment's
    :param OdooSource source: where Odoo lies
    """

    def __init__(self, progress, paths, settings, python, source):
        self._progress = progress
        self._paths = paths
        self._settings = settings
        self.python = python
        self.source = source

    def addons(self):
        """Return our addons that are there, lower ones first.

        :rtype: list[str]
        """
        folder = self._paths.addons
        return [name for name in ADDONS if (folder / name / "__manifest__.py").exists()]

    def closure(self, addon):
        """Return an addon of ours with all that it stands on.

        :rtype: frozenset[str]
        """
        found = {addon}
        for below in self._depends(addon).intersection(ADDONS):
            found |= self.closure(below)
        return frozenset(found)

    def _depends(self, addon):
        file = self._paths.addons / addon / "__manifest__.py"
        return set(
            ast.literal_eval(file.read_text(encoding="utf-8")).get("depends", [])
        )

    def foundation(self):
        """Return the modules of Odoo that ours stand on, and two that the demo needs.

        :rtype: list[str]
        """
        wanted = {"web", "l10n_cn", "payment_demo"}
        for name in self.addons():
            wanted |= self._depends(name)
        return sorted(wanted.difference(ADDONS))

    def write_conf(self, file, database, workers=0, **more):
        """Write a configuration file; it holds passwords and keys."""
        settings = self._settings
        values = {
            "addons_path": self._addons_path(),
            "data_dir": self._paths.data,
            "admin_passwd": settings["master_password"],
            "db_host": "127.0.0.1",
            "db_port": settings.port("database"),
            "db_user": ROLE,
            "db_password": settings["database_password"],
            "db_name": database,
            "db_maxconn": 100,
            "list_db": False,
            "without_demo": True,
            "http_interface": "127.0.0.1",
            "http_port": settings.port("odoo" if workers else "http"),
            "gevent_port": settings.port("gevent"),
            "workers": workers,
            "proxy_mode": bool(workers),
            "max_cron_threads": 1,
            "limit_time_cpu": 600,
            "limit_time_real": 1200,
            "field_encrypted_keys": f"1:{settings['encryption_key']}",
            "field_encrypted_index_key": settings["index_key"],
            "teahouse_allow_demo_payment": True,
            "teahouse_sms_file": self._paths.sms_file,
            "teahouse_mqtt_host": "127.0.0.1",
            "teahouse_mqtt_port": settings.port("broker"),
            "teahouse_mqtt_user": GATEWAY_USER,
            "teahouse_mqtt_password": settings["gateway_password"],
            "teahouse_mqtt_accounts": "dynsec",
            "teahouse_mqtt_shared": True,
            "teahouse_gateway_http_port": settings.port("gateway"),
            "teahouse_simulator_port": settings.port("simulator"),
            **more,
        }
        lines = (f"{name} = {value}" for name, value in values.items())
        text = "\n".join(["[options]", *lines]) + "\n"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_private(file, text)

    def command(self, *arguments):
        """Return a command line of Odoo, its server or one of its commands."""
        # The commands of our addons are found only with their path in front.
        addons = f"--addons-path={self._addons_path()}"
        launcher = [str(self.python), str(self.source.launcher)]
        return [*launcher, addons, *map(str, arguments)]

    def _addons_path(self):
        return ",".join(map(str, [*self.source.addons, self._paths.addons]))

    def modules(self, conf, database, install=(), update=()):
        """Install and update modules in one run: each sees the others' new state.

        :raise SetupError: Odoo logged an error
        """
        out = self._progress.run(
            self.command(
                *("-c", conf, "-d", database),
                *(("-i", ",".join(install)) if install else ()),
                *(("-u", ",".join(update)) if update else ()),
                *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
                *("--log-level=warn", "--logfile="),
            ),
        )
        if re.search(r"^\S+ \S+ \d+ (ERROR|CRITICAL) ", out, re.MULTILINE):
            raise SetupError(
                f"Odoo reported errors with {', '.join([*install, *update])}:\n"
                f"{out[-3000:]}"
            )

    def script(self, conf, database, name, **arguments):
        """Run one of the scripts in ``inside/`` in an Odoo shell.

        :return: what it handed to ``result()``
        :raise SetupError: it failed
        """
        text = (
            "import json\n"
            f"arguments = json.loads({json.dumps(json.dumps(arguments))})\n"
            f"def result(value):\n    print({RESULT!r} + json.dumps(value))\n"
            f"exec(compile(open({str(INSIDE / name)!r}).read(), {name!r}, 'exec'))\n"
        )
        out = self._progress.run(
            self.command(
                *("shell", "-c", conf, "-d", database, "--no-http"),
                *("--log-level=warn", "--logfile="),
            ),
            text=text,
            hide=RESULT,
        )
        for line in out.splitlines():
            if line.startswith(RESULT):
                return json.loads(line.removeprefix(RESULT))
        raise SetupError(f"{name} did not finish.", "The log tells more.")
