"""``config/restore``: a backup comes to life in a fresh place, quietly."""

import argparse
import json
import sys
import tarfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import archive as archives
from . import system
from .archive import Archive
from .backup import MADE
from .installation import Installation
from .paths import Paths
from .progress import Progress, SetupError
from .settings import write_private

#: The log is replayed for so long at most.
REPLAY = timedelta(hours=6)


def parser():
    """Return the command line's parser."""
    text = argparse.ArgumentParser(
        prog="config/restore",
        description="Brings a backup back, into a state folder that holds nothing"
        " (TEAHOUSE_STATE). Start it with config/run afterwards.",
    )
    add = text.add_argument
    add("archive", metavar="FOLDER", help="where the backups are")
    add("--identity", required=True, metavar="FILE", help="the key that opens them")
    add("--at", metavar="TIME", help="this moment, such as 2026-11-23T04:05:06+08:00")
    return text


def main(arguments=None):
    """Run the command.

    :return: exit code
    """
    options = parser().parse_args(arguments)
    system.forget_other_databases()
    paths = Paths.from_environment()
    paths.make()
    progress = Progress(paths.setup_log)
    try:
        with paths.lock():
            return restore(progress, paths, options)
    except SetupError as error:
        print(f"\n{error.problem}", file=sys.stderr)
        if error.advice:
            print(f"What to do: {error.advice}", file=sys.stderr)
        return 1


def restore(progress, paths, options):
    """Restore the newest backup that is not later than the moment asked for."""
    if (paths.state / "settings.json").exists():
        raise SetupError(
            f"{paths.state} is in use.", "Name another one: TEAHOUSE_STATE=FOLDER"
        )
    archives.ensure_tool(progress)
    at = _moment(options.at)
    archive, identity = Archive(options.archive), Path(options.identity).absolute()
    base = _choose(archive, at)
    _take_secrets(paths, archive, identity, base)
    installation = Installation(progress, paths)
    installation.connect(new=True)
    cluster = installation.cluster
    with progress.step(f"Database of {base['stamp']}"):
        source = archive.base / base["stamp"] / "cluster.tar.age"
        with archive.opened(source, identity) as stream:
            cluster.unpack(stream)
    with progress.step("What happened since") as step:
        cluster.recover(archive, identity, at)
        installation.start_database()
        deadline = time.monotonic() + REPLAY.total_seconds()
        while not cluster.recovered():
            if time.monotonic() > deadline or not installation.processes.lives(
                "postgres"
            ):
                raise SetupError(
                    "The log could not be replayed.", f"See {paths.log}/postgres.log"
                )
            time.sleep(0.1)
        step.detail = f"up to {at.isoformat()}" if at else "all of the log"
    databases = [
        name
        for name in cluster.databases()
        if not name.startswith((*MADE, "template")) and cluster.holds_odoo(name)
    ]
    with progress.step("Files") as step:
        step.detail = _take_files(paths, archive, identity, databases)
    with progress.step("Old messages and door commands are laid to rest"):
        quiet(installation, databases)
    installation.stop()
    progress.say(f"Restored in {progress.elapsed():.1f} s. Start it: config/run")
    return 0


def _moment(text):
    """Return an aware moment.

    :raise SetupError: not a time, or one without its zone
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise SetupError(
            f"{text} is no moment.", "Write it as 2026-11-23T04:05:06+08:00."
        )
    return at.astimezone(UTC)


def _choose(archive, at):
    """Return the newest base backup that had ended by then.

    :raise SetupError: there is none
    """
    bases = [
        base
        for base in archive.bases()
        if at is None or datetime.fromisoformat(base["ended"]) <= at
    ]
    if not bases:
        raise SetupError(
            "There is no backup from before that moment.",
            f"config/backup --to {archive.folder} --list tells which there are.",
        )
    return bases[-1]


def _take_secrets(paths, archive, identity, base):
    """Take over keys and passwords; the ports are chosen anew.

    The restored system does not write into the archive that it came from.
    """
    with archive.opened(archive.base / base["stamp"] / "secrets.age", identity) as file:
        secrets = json.load(file)
    secrets.update(ports={}, archive=None)
    write_private(paths.state / "settings.json", json.dumps(secrets, indent=2) + "\n")


def _take_files(paths, archive, identity, databases):
    """Unpack the files of the databases; return what to tell about it."""
    store = paths.data / "filestore"
    store.mkdir(parents=True, exist_ok=True)
    count = 0
    for part in sorted(archive.files.glob("*.tar.age")):
        with (
            archive.opened(part, identity) as stream,
            tarfile.open(fileobj=stream, mode="r|") as packed,
        ):
            for member in packed:
                if member.name.split("/")[0] in databases:
                    packed.extract(member, store, filter="data")
                    count += 1
    return f"{count} of {', '.join(databases)}"


def quiet(installation, databases):
    """Let no restored system do again what was done, or is too late to be done."""
    conf = installation.paths.state / "odoo-setup.conf"
    installation.odoo.write_conf(conf, "", db_maxconn=16)
    for database in databases:
        installation.odoo.script(conf, database, "restored.py")


if __name__ == "__main__":
    sys.exit(main())
