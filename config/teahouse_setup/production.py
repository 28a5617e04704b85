"""``config/production``: everything that runs a teahouse for real, as files."""

import argparse
import getpass
import os
import shlex
import sys
from pathlib import Path

from . import archive as archives
from . import broker, proxy, stores, system
from .archive import Archive
from .installation import Installation
from .paths import CHECKOUT, Paths
from .progress import Progress, SetupError
from .settings import write_private
from .system import program

FILES = CHECKOUT / "config" / "production_files"
#: For each store; a core works for about two.
WORKERS = 4


def parser():
    """Return the command line's parser."""
    text = argparse.ArgumentParser(
        prog="config/production",
        description="Writes nginx with TLS, the broker with TLS, Odoo's configuration"
        " and systemd units for all stores made with config/store-new --no-start."
        " Run it as the account that will run the services, not as root.",
    )
    add = text.add_argument
    add("--certificate", required=True, help="PEM, with the whole chain")
    add("--key", required=True, help="PEM, of the certificate")
    add("--workers", type=int, default=WORKERS, help=f"a store, default {WORKERS}")
    add("--http", type=int, default=80, metavar="PORT")
    add("--https", type=int, default=443, metavar="PORT")
    add("--mqtt", type=int, default=8883, metavar="PORT", help="for the devices")
    add("--as-root", action="store_true", help="only to look at the files")
    add("--archive", metavar="FOLDER", help="where backups go, every night")
    add("--recipient", metavar="KEY", help="who can restore them: age1…")
    return text


def main(arguments=None):
    """Run the command.

    :return: exit code
    """
    options = parser().parse_args(arguments)
    system.forget_other_databases()
    paths = Paths.from_environment()
    progress = Progress(paths.setup_log)
    try:
        with paths.lock():
            folder = Production(Installation(progress, paths), options).write()
    except SetupError as error:
        print(f"\n{error.problem}", file=sys.stderr)
        if error.advice:
            print(f"What to do: {error.advice}", file=sys.stderr)
        return 1
    progress.say(
        f"\n  Written to {folder}. As root, once and after each change:"
        f"\n    systemctl link {folder}/units/*"
        "\n    systemctl daemon-reload && systemctl enable --now teahouse.target\n"
    )
    return 0


class Production:
    """The files of one installation.

    :param options: of the command line
    """

    def __init__(self, installation, options):
        self._installation, self._options = installation, options
        self._paths, self._settings = installation.paths, installation.settings
        self._folder = self._paths.state / "production"
        self._account = getpass.getuser()

    def write(self):
        """Write all files and return their folder.

        :raise SetupError: something is missing that only a person can give
        """
        options, installation = self._options, self._installation
        if system.is_root() and not options.as_root:
            raise SetupError(
                "Odoo must not run as root, and it runs as who writes these files.",
                "adduser --system --group teahouse; then as that account.",
            )
        for file in (options.certificate, options.key):
            if not Path(file).is_file():
                raise SetupError(f"{file} is not there.", "Name a PEM file.")
        alone = stores.known(self._settings)
        if not alone:
            raise SetupError(
                "There is no store yet.",
                "config/store-new NAME --host tea.example.com --no-start",
            )
        system.ensure_packages(
            installation.progress, [*system.RUN_PACKAGES, *system.WORKER_PACKAGES]
        )
        installation.connect()
        self._keep_backups()
        installation.cluster.ensure()
        for name in ("units", "tmp", "broker"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._nginx(alone)
        self._broker()
        units = [self._postgres(), self._unit_broker(), self._unit_nginx()]
        for store in alone:
            units += self._store(store)
        units += self._timers()
        self._write(
            "units/teahouse.target", "teahouse.target", services=" ".join(units)
        )
        return self._folder

    def _keep_backups(self):
        options = self._options
        if not options.archive:
            return
        archives.ensure_tool(self._installation.progress)
        archive = Archive(options.archive)
        archive.make(self._installation.cluster.account)
        if options.recipient:
            archive.set_recipient(options.recipient)
        if not archive.recipient.exists():
            raise SetupError("Who can restore?", "--recipient age1…")
        self._settings.update(archive=str(archive.folder))

    def _nginx(self, alone):
        template = (FILES / "nginx_store.conf").read_text(encoding="utf-8")
        options, port = self._options, self._settings.port
        servers = "".join(
            template.format(
                host=store.host,
                https=options.https,
                odoo=port(store.port("odoo")),
                gevent=port(store.port("gevent")),
            )
            for store in alone
        )
        self._write(
            "nginx.conf",
            "nginx.conf",
            folder=self._folder,
            certificate=Path(options.certificate).absolute(),
            key=Path(options.key).absolute(),
            http=options.http,
            https=options.https,
            suffix="" if options.https == 443 else f":{options.https}",
            servers=servers,
        )

    def _broker(self):
        """Write the broker's files; the gateway adds the devices while it runs."""
        options, writer = self._options, broker.writer(self._paths)
        folder = self._folder / "broker"
        chosen = writer.BrokerSettings(
            port=options.mqtt,
            host="0.0.0.0",
            gateway=broker.GATEWAY_USER,
            certfile=str(Path(options.certificate).absolute()),
            keyfile=str(Path(options.key).absolute()),
            # Started as root it would become somebody who cannot read its files.
            run_as=self._account if system.is_root() else None,
            log="stderr",
            dynsec=writer.plugin() is not None,
        )
        credentials = {broker.GATEWAY_USER: self._settings["gateway_password"]}
        kept = folder / "dynamic-security.json"
        accounts = kept.read_bytes() if kept.exists() else None
        writer.write_broker(folder, chosen, credentials)
        if accounts is not None:
            # The broker keeps its accounts there: what devices have is not lost.
            kept.write_bytes(accounts)

    def _store(self, store):
        """Write a store's configuration and units; return the units' names."""
        installation, port = self._installation, self._settings.port
        conf = self._folder / f"odoo-{store.name}.conf"
        installation.odoo.write_conf(
            conf,
            store.name,
            self._options.workers,
            http_port=port(store.port("odoo")),
            gevent_port=port(store.port("gevent")),
            teahouse_gateway_http_port=port(store.port("gateway")),
            teahouse_mqtt_port=self._options.mqtt,
            teahouse_mqtt_host=store.host,
            teahouse_mqtt_tls="/etc/ssl/certs/ca-certificates.crt",
            teahouse_allow_demo_payment=False,
            teahouse_sms_file="",
            proxy_mode=True,
            teahouse_log_format="json",
            max_cron_threads=2,
            limit_memory_soft=1_073_741_824,
            limit_memory_hard=2_147_483_648,
            limit_time_cpu=120,
            limit_time_real=240,
        )
        odoo = installation.odoo
        units = [
            self._service(
                f"odoo-{store.name}",
                f"Odoo of {store.host}",
                odoo.command("-c", conf),
                after=("postgres",),
            )
        ]
        if store.has_devices:
            units.append(
                self._service(
                    f"gateway-{store.name}",
                    f"devices of {store.host}",
                    odoo.command("teahouse_gateway", "-c", conf),
                    after=("postgres", "broker"),
                    extra=f"Environment=ODOO_RC={conf}\n",
                )
            )
        return units

    def _postgres(self):
        cluster = self._installation.cluster
        return self._service(
            "postgres", "PostgreSQL", cluster.command(), signal="SIGINT"
        )

    def _unit_broker(self):
        conf = self._folder / "broker" / "mosquitto.conf"
        return self._service(
            "broker",
            "MQTT broker",
            [program("mosquitto"), "-c", str(conf)],
            # Renewed certificates and accounts are read anew.
            extra="ExecReload=/bin/kill -HUP $MAINPID\n",
        )

    def _unit_nginx(self):
        capability = "CAP_NET_BIND_SERVICE"
        return self._service(
            "nginx",
            "nginx",
            proxy.command(self._folder / "nginx.conf"),
            extra="ExecReload=/bin/kill -HUP $MAINPID\n"
            f"AmbientCapabilities={capability}\n",
        )

    def _service(self, name, title, command, after=(), extra="", signal="SIGTERM"):
        writable = {str(self._paths.state), str(self._settings.get("archive") or "")}
        unit = f"teahouse-{name}.service"
        self._write(
            f"units/{unit}",
            "service.unit",
            title=title,
            after=" ".join(f"teahouse-{other}.service" for other in after),
            account=self._account,
            command=shlex.join(map(str, command)),
            extra=extra,
            signal=signal,
            writable=" ".join(sorted(writable - {""})),
        )
        return unit

    def _timers(self):
        if not self._settings.get("archive"):
            return []
        backup = CHECKOUT / "config" / "backup"
        units = []
        for name, title, calendar, flags in (
            ("backup", "nightly backup", "*-*-* 04:40:00", ("--keep", "7")),
            ("backup-files", "new files to the backup", "*:0/5", ("--files",)),
        ):
            self._write(
                f"units/teahouse-{name}.service",
                "oneshot.unit",
                title=title,
                account=self._account,
                state=self._paths.state,
                cache=self._paths.cache,
                command=shlex.join([str(backup), *flags]),
            )
            unit = f"teahouse-{name}.timer"
            self._write(f"units/{unit}", "timer.unit", title=title, calendar=calendar)
            units.append(unit)
        return units

    def _write(self, name, template, **values):
        text = (FILES / template).read_text(encoding="utf-8").format(**values)
        target = self._folder / name
        write_private(target, text)
        if target.parent.name == "units":
            os.chmod(target, 0o644)


if __name__ == "__main__":
    sys.exit(main())
