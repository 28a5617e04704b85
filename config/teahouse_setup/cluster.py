"""A private PostgreSQL cluster: own port, own passwords, nothing shared."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from . import accounts
from .archive import Archive
from .progress import SetupError
from .settings import write_private
from .system import program

ROLE = "teahouse"
ACCOUNT = "postgres"
#: Longest path that a unix socket may have, with its file name.
SOCKET_PATH_LIMIT = 90


class Cluster:
    """The PostgreSQL server of one installation.

    :param bool fsync: False for tests: quicker, and lost with the machine's power
    """

    def __init__(self, progress, paths, settings, fsync=True):
        self._progress = progress
        self._paths = paths
        self._settings = settings
        self._fsync = fsync
        self.account = accounts.service_account(ACCOUNT)
        self.bin = _newest_bin()

    @property
    def port(self):
        return self._settings.port("database")

    def ensure(self):
        """Make the cluster if it is not there."""
        folder = accounts.ensure_folder(self._paths, "postgres", self.account)
        data = folder / "data"
        if not (data / "PG_VERSION").exists():
            with self._progress.step("PostgreSQL cluster") as step:
                self._init(folder, data)
                step.detail = f"port {self.port}"
        self._configure(folder, data)

    def command(self):
        """Return the server's command line."""
        data = (self._paths.state / "postgres").resolve() / "data"
        return [str(self.bin / "postgres"), "-D", str(data)]

    def clear_stale_lock(self, processes):
        """Remove the lock of a server that was killed and not yet buried.

        PostgreSQL takes a zombie for a living server and would not start.
        """
        lock = (self._paths.state / "postgres").resolve() / "data" / "postmaster.pid"
        if lock.exists() and not processes.is_alive(int(lock.read_text().split()[0])):
            lock.unlink()

    def _init(self, folder, data):
        password = folder / ".password"
        password.write_text(self._settings["superuser_password"] + "\n")
        password.chmod(0o600)
        if self.account:
            os.chown(password, folder.stat().st_uid, folder.stat().st_gid)
        self._progress.run(
            [
                *(self.bin / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8"),
                *("--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password}"),
                *(() if self._fsync else ("--no-sync",)),
            ],
            cwd="/",
            **accounts.as_account(self.account),
        )
        password.unlink()
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include 'teahouse.conf'\n")

    def _configure(self, folder, data):
        sockets = str(folder) if len(str(folder)) < SOCKET_PATH_LIMIT else ""
        lines = [
            "listen_addresses = '127.0.0.1'",
            f"port = {self.port}",
            f"unix_socket_directories = '{sockets}'",
            "max_connections = 300",
            "shared_buffers = 256MB",
            "jit = off",
        ]
        if not self._fsync:
            lines += [
                "fsync = off",
                "synchronous_commit = off",
                "full_page_writes = off",
            ]
        kept = self._settings.get("archive")
        if kept:
            lines += archiving(Archive(kept))
        (data / "teahouse.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")

    # Backups

    @property
    def folder(self):
        """Where the cluster lies."""
        return (self._paths.state / "postgres").resolve()

    def base_backup(self, sink):
        """Write a copy of the running cluster, with the log that makes it whole.

        :param sink: open for writing; receives a compressed tar
        :raise SetupError: the server refused
        """
        done = subprocess.run(
            [
                *(self.bin / "pg_basebackup", "-D", "-", "-Ft", "-X", "fetch"),
                *("-c", "fast", "--compress=client-gzip:1", "--no-password"),
            ],
            stdout=sink,
            stderr=subprocess.PIPE,
            env=self.environment(superuser=True),
            check=False,
        )
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip()
            raise SetupError(f"PostgreSQL gave no copy of itself: {words}")

    def unpack(self, source):
        """Make the cluster from what :meth:`base_backup` wrote.

        :param source: open for reading
        :raise SetupError: there is a cluster already
        """
        folder = accounts.ensure_folder(self._paths, "postgres", self.account)
        data = folder / "data"
        if data.exists():
            raise SetupError(
                f"There is a database in {data}.", "Restore into a fresh place."
            )
        data.mkdir(mode=0o700)
        owner = () if self.account else ("--no-same-owner",)
        unpacked = subprocess.run(
            ["tar", "-xzpf", "-", "-C", str(data), *owner], stdin=source, check=False
        )
        if unpacked.returncode:
            raise SetupError("The copy of the database is damaged.", "Use another one.")
        if self.account:
            for path in (data, *data.rglob("*")):
                shutil.chown(path, self.account, self.account)
        self._configure(folder, data)

    def recover(self, archive, identity, at=None):
        """Let the unpacked cluster replay the log when it starts next.

        :param Path identity: opens the archive
        :param at: aware datetime to stop at, the end of the log without it
        """
        data = self.folder / "data"
        key = self.folder / ".identity"
        write_private(key, Path(identity).read_text(encoding="utf-8"))
        if self.account:
            shutil.chown(key, self.account, self.account)
        age, wal = shlex.quote(program("age")), shlex.quote(str(archive.wal))
        fetch = f"{age} -d -i {shlex.quote(str(key))} -o %p {wal}/%f.age"
        lines = [f"restore_command = {_quoted(fetch)}"]
        if at:
            lines += [
                f"recovery_target_time = {_quoted(at.isoformat())}",
                "recovery_target_action = 'promote'",
            ]
        with (data / "teahouse.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        (data / "recovery.signal").touch()

    def recovered(self):
        """Tell whether the replay is over; forget then how it was done."""
        state = "SELECT pg_is_in_recovery()"
        if self.sql(state, superuser=True) != "f":
            return False
        (self.folder / ".identity").unlink(missing_ok=True)
        self._configure(self.folder, self.folder / "data")
        return True

    # What needs a running server

    def environment(self, superuser=False):
        """Return the environment for ``psql`` and its kin."""
        user = "postgres" if superuser else ROLE
        password = "superuser_password" if superuser else "database_password"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return {
            **kept,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": user,
            "PGPASSWORD": self._settings[password],
        }

    def answers(self):
        """Tell whether the server takes connections."""
        command = [
            self.bin / "pg_isready",
            "-h",
            "127.0.0.1",
            "-p",
            self.port,
            "-t",
            "2",
        ]
        try:
            self._progress.run(command)
        except SetupError:
            return False
        return True

    def ensure_role(self):
        """Make the role that owns Odoo's databases."""
        known = self.sql(
            f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'", superuser=True
        )
        if not known:
            password = self._settings["database_password"]
            self.sql(
                f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'",
                superuser=True,
            )

    def sql(self, statement, database="postgres", superuser=False):
        """Run a statement and return its rows as text.

        :rtype: str
        """
        out = self._progress.run(
            [self.bin / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database],
            text=statement,
            env=self.environment(superuser),
        )
        return out.strip()

    def databases(self):
        """Return the names of the databases.

        :rtype: list[str]
        """
        return self.sql("SELECT datname FROM pg_database").splitlines()

    def holds_odoo(self, name):
        """Tell whether a database is one of Odoo's."""
        return bool(self.sql("SELECT to_regclass('ir_module_module')", name))

    def create(self, name, template=None):
        """Make a database, a copy of another if one is named."""
        command = [self.bin / "createdb", name]
        if template:
            command += ["-T", template]
        else:
            command += ["-T", "template0", "-E", "UTF8", "--locale=C.UTF-8"]
        self._progress.run(command, env=self.environment())
        if template:
            # A copied sequence trusts the write-ahead log of its origin: until a
            # checkpoint its steps are not logged, and a crash would take them back.
            self.sql("CHECKPOINT", superuser=True)

    def drop(self, name):
        """Remove a database if it is there, whoever is connected."""
        # The server's own vacuum may be at work there: its owner may not end that.
        self._progress.run(
            [self.bin / "dropdb", "--if-exists", "-f", name],
            env=self.environment(superuser=True),
        )

    def rename(self, old, new):
        """Give a database another name."""
        self.sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def dump(self, name, file):
        """Write a database to a file."""
        command = [self.bin / "pg_dump", "-Fc", "-Z", "1", "-f", file, name]
        self._progress.run(command, env=self.environment())

    def restore(self, name, file):
        """Fill an empty database from a file."""
        command = [self.bin / "pg_restore", "--no-owner", "-j", "2", "-d", name, file]
        self._progress.run(command, env=self.environment())


def archiving(archive):
    """Return the lines that make the server keep its log, sealed.

    A segment that is kept already is one whose receipt was lost in a crash.
    """
    target, part = f"{archive.wal}/%f.age", f"{archive.wal}/.%f.part"
    age, key = program("age"), archive.recipient
    seal = f'{shlex.quote(age)} -e -R "{key}" -o "{part}" "%p"'
    keep = f'sync "{part}" && mv "{part}" "{target}" && sync "{archive.wal}"'
    command = f'test -f "{target}" || {{ {seal} && {keep}; }}'
    return [
        "archive_mode = on",
        f"archive_command = {_quoted(command)}",
        "archive_timeout = 60",
    ]


def _quoted(text):
    return "'" + text.replace("'", "''") + "'"


def _newest_bin():
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    if not found:
        raise SetupError("PostgreSQL is not installed.", "apt-get install postgresql")
    return found[-1].parent
