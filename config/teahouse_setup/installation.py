"""One installation: its parts put together, its services, what it tells the world."""

import http.client
import os
import signal

from . import (
    accounts,
    broker,
    database,
    leaflet,
    odoo_source,
    proxy,
    settings,
    stores,
    system,
    told,
    venv,
)
from .cluster import Cluster
from .odoo import Odoo
from .processes import Processes, Service

#: Stopped in this order: who needs a service goes before it. A store's own have its
#: name behind theirs.
STOP_ORDER = ("simulator", "gateway", "nginx", "odoo", "broker", "postgres")
#: Processes of Odoo for a store that stands alone, where there are several at all.
STORE_WORKERS = 2


class Installation:
    """A teahouse in a state folder.

    :param workers: Odoo processes behind nginx; 0 runs Odoo in threads, None leaves
        what runs as it is
    :param bool fsync: False for tests; None goes by TEAHOUSE_FSYNC
    """

    def __init__(self, progress, paths, workers=None, fsync=None):
        self.progress = progress
        self.paths = paths
        asked = os.environ.get("TEAHOUSE_FSYNC") != "off"
        self.fsync = asked if fsync is None else fsync
        paths.make()
        self.settings = settings.Settings(paths)
        self.processes = Processes(paths)
        if workers is None:
            runs = self.processes.lives("odoo") or self.processes.lives("nginx")
            workers = self.settings.get("workers", 0) if runs else 0
        self.workers = workers
        self.cluster = self.odoo = self.databases = None

    # Set-up

    def prepare(self, extra_packages=()):
        """Get everything that is needed, up to a running PostgreSQL."""
        packages = [*system.RUN_PACKAGES, *extra_packages]
        if self.workers:
            packages += system.WORKER_PACKAGES
        system.ensure_packages(self.progress, packages)
        source = odoo_source.ensure(self.progress, self.paths)
        python = venv.ensure(self.progress, self.paths, source)
        self.progress.say(f"     Odoo {source.version} of: {source.origin}")
        leaflet.ensure(self.progress, self.paths)
        self._free_ports()
        self._assemble(python, source)
        self.cluster.ensure()
        self._start_postgres()
        self.cluster.ensure_role()

    def connect(self, new=False):
        """Get at the databases of an installation that is set up and running.

        :param bool new: nothing runs yet, and Debian's packages may be missing
        """
        if new:
            system.ensure_packages(self.progress, system.RUN_PACKAGES)
        source = odoo_source.ensure(self.progress, self.paths)
        self._assemble(venv.ensure(self.progress, self.paths, source), source)

    def _assemble(self, python, source):
        self.cluster = Cluster(self.progress, self.paths, self.settings, self.fsync)
        self.odoo = Odoo(self.progress, self.paths, self.settings, python, source)
        self.databases = database.Databases(
            self.progress, self.paths, self.settings, self.cluster, self.odoo
        )

    def start(self, demo_year=False):
        """Start what is missing and wait until all of it answers.

        :param bool demo_year: let the demo be a chain with a year behind it
        """
        if self.databases.is_behind():
            # Jobs of the version before would write while columns change.
            self._stop_clients()
        changed = self.databases.ensure(told.ADMIN["password"], self.base_url)
        if demo_year and not self.settings.get("demo_year"):
            self._stop_clients()
            changed = self.databases.ensure_demo_year()
        if demo_year:
            self.databases.ensure_present()
        self.odoo.write_conf(self.paths.odoo_conf, settings.DATABASE, self.workers)
        alone = stores.known(self.settings)
        for store in alone:
            if self.databases.changed_addons(store):
                self._stop_store(store)
                self.databases.update_store(store)
        odoo = [*self._odoo_services(), *map(self._store_odoo, alone)]
        if not self.workers:
            self.processes.stop("nginx")
        if changed:
            self.processes.stop("odoo")
        with self.progress.step("Odoo, broker, gateway and devices"):
            for service in odoo:
                self.processes.start(service)
            # Odoo takes seconds to start: meanwhile the rest is made ready.
            facts = self.databases.facts()
            own = [store for store in alone if store.has_devices]
            others = [d for s in own for d in self.databases.facts(s.name)["devices"]]
            broker.ensure(self.paths, self.settings, facts["devices"], others)
            devices = [*self._device_services(), *map(self._store_gateway, own)]
            for service in devices:
                self.processes.start(service)
                self.processes.wait([service])
            self.processes.wait(odoo)
        told.write(self, facts)

    def start_database(self):
        """Start PostgreSQL alone; it may still be replaying its log."""
        service = self._postgres()
        self.processes.start(service)
        self.processes.wait([service])

    def restart_database(self):
        """Restart PostgreSQL with its present settings, and who needs it."""
        ran = self.processes.lives("odoo")
        self._stop_clients()
        self.processes.stop("postgres")
        self.cluster.ensure()
        self._start_postgres()
        if ran:
            self.start()

    def _stop_clients(self, kinds=("gateway", "odoo")):
        """Stop who works with the database."""
        for name in self.processes.names():
            if name.split("-")[0] in kinds:
                self.processes.stop(name)

    def stop(self):
        """Stop every service; return the names of those that were there."""
        names = self.processes.names()
        stopped = [
            name for kind in STOP_ORDER for name in names if name.split("-")[0] == kind
        ]
        for name in stopped:
            self.processes.stop(name)
        return stopped

    def forget_demo(self):
        """Remove the demo's database, so that the next start makes a fresh one."""
        for name in STOP_ORDER[:-1]:
            self.processes.stop(name)
        self.databases.drop(settings.DATABASE)
        for store in stores.known(self.settings):
            self._stop_store(store)
            self.databases.drop(store.name)
        self.settings.update(addons=None, stores=[], store_addons={}, demo_year=None)
        for name in ("devices.journal", self.paths.sms_file.name):
            (self.paths.state / name).unlink(missing_ok=True)

    def _stop_store(self, store):
        for kind in ("gateway", "odoo"):
            self.processes.stop(f"{kind}-{store.name}")

    def reset(self):
        """Stop everything and remove the state; the cache stays."""
        self.stop()
        for name in ("postgres", "broker", "nginx"):
            accounts.remove_folder(self.paths, name)
        system.remove_tree(self.paths.state)

    # Services

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.settings.port('http')}"

    def expected(self):
        """Return the names of the services that should run."""
        proxy_names = ("nginx",) if self.settings.get("workers") else ()
        alone = stores.known(self.settings)
        return (
            *("postgres", "broker", "odoo", *proxy_names, "gateway", "simulator"),
            *(f"odoo-{store.name}" for store in alone),
            *(f"gateway-{store.name}" for store in alone if store.has_devices),
        )

    def store_url(self, store):
        """Return where a store's own Odoo answers on this machine."""
        return f"http://127.0.0.1:{self.settings.port(store.port('odoo'))}"

    def _store_conf(self, store, name, workers=0, **more):
        port = self.settings.port
        conf = self.paths.state / f"{name}.conf"
        self.odoo.write_conf(
            conf,
            store.name,
            workers,
            http_port=port(store.port("odoo")),
            gevent_port=port(store.port("gevent")),
            teahouse_gateway_http_port=port(store.port("gateway")),
            teahouse_allow_demo_payment=False,
            **more,
        )
        return conf

    def _store_odoo(self, store):
        """Return the Odoo of a store that stands alone: it serves one database.

        Several behind one process would be told apart at every request, which costs
        a look at all databases each time.
        """
        port = self.settings.port(store.port("odoo"))
        conf = self._store_conf(
            store, f"odoo-{store.name}", min(self.workers, STORE_WORKERS)
        )
        return Service(
            f"odoo-{store.name}",
            self.odoo.command("-c", conf),
            lambda: _answers(port, "/web/health"),
            watched=(conf,),
        )

    def _store_gateway(self, store):
        port = self.settings.port(store.port("gateway"))
        conf = self._store_conf(store, f"gateway-{store.name}", db_maxconn=8)
        return Service(
            f"gateway-{store.name}",
            self.odoo.command("teahouse_gateway", "-c", conf),
            lambda: _answers(port, "/health"),
            watched=(conf,),
            env={"ODOO_RC": str(conf)},
        )

    def _postgres(self):
        return Service(
            "postgres",
            self.cluster.command(),
            self.cluster.answers,
            account=self.cluster.account,
            stop_signal=signal.SIGINT,
        )

    def _odoo_services(self):
        port = self.settings.port("odoo" if self.workers else "http")
        services = [
            Service(
                "odoo",
                self.odoo.command("-c", self.paths.odoo_conf),
                lambda: _answers(port, "/web/health"),
                watched=(self.paths.odoo_conf,),
            )
        ]
        if self.workers:
            file = proxy.ensure(self.paths, self.settings)
            http = self.settings.port("http")
            services.append(
                Service(
                    "nginx",
                    proxy.command(file),
                    lambda: _answers(http, "/web/health"),
                    account=proxy.account(),
                    watched=(file,),
                )
            )
        return services

    def _device_services(self):
        if "teahouse_iot" not in self.odoo.addons():
            return []
        port = self.settings.port
        conf = self.paths.state / "odoo-gateway.conf"
        self.odoo.write_conf(conf, settings.DATABASE, db_maxconn=8)
        odoo = {"ODOO_RC": str(conf)}
        broker_folder = (self.paths.state / "broker").resolve()
        simulator = (
            *("teahouse_simulator", "-c", conf, "--control-port", port("simulator")),
            *("--devices", self.paths.state / "devices.json"),
            *("--state", self.paths.state / "devices.journal"),
        )
        return [
            Service(
                "broker",
                broker.command(self.paths),
                lambda: not settings.is_free(port("broker")),
                account=accounts.service_account(broker.ACCOUNT),
                watched=(broker_folder / "mosquitto.conf", broker_folder / "passwd"),
            ),
            Service(
                "gateway",
                self.odoo.command("teahouse_gateway", "-c", conf),
                lambda: _answers(port("gateway"), "/health"),
                watched=(conf,),
                env=odoo,
            ),
            Service(
                "simulator",
                self.odoo.command(*simulator),
                lambda: _answers(port("simulator"), "/"),
                watched=(conf, self.paths.state / "devices.json"),
                env=odoo,
            ),
        ]

    def _start_postgres(self):
        service = self._postgres()
        if self.processes.lives(service.name):
            return
        # Odoo's thread for scheduled jobs ends with the database and never comes back.
        self._stop_clients(("odoo",))
        with self.progress.step("PostgreSQL"):
            self.cluster.clear_stale_lock(self.processes)
            self.processes.start(service)
            self.processes.wait([service])

    def _free_ports(self):
        """Give up ports that somebody else took while we were away."""
        owners = {
            "http": "nginx" if self.settings.get("workers") else "odoo",
            "odoo": "odoo",
            "gevent": "odoo",
            "gateway": "gateway",
            "simulator": "simulator",
            "broker": "broker",
            "database": "postgres",
        }
        for store in stores.known(self.settings):
            owners[store.port("odoo")] = f"odoo-{store.name}"
            owners[store.port("gevent")] = f"odoo-{store.name}"
            owners[store.port("gateway")] = f"gateway-{store.name}"
        for name, owner in owners.items():
            if self.processes.lives(owner):
                continue
            # Leftovers of a killed process hold its port: they go first.
            self.processes.stop(owner)
            if not settings.is_free(self.settings.port(name)):
                self.settings.choose_port(name)
        self.settings.update(workers=self.workers)


def _answers(port, path):
    """Tell whether a local HTTP server answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
