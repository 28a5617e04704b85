"""``config/backup``: database, files and keys of the running system, sealed."""

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

from . import archive as archives
from . import system
from .archive import Archive, stamp
from .installation import Installation
from .paths import Paths
from .progress import Progress, SetupError
from .settings import write_private

#: Databases that are made anew from Odoo's modules.
MADE = ("template_", "foundation_", "building_", "bare_")


def parser():
    """Return the command line's parser."""
    text = argparse.ArgumentParser(
        prog="config/backup",
        description="Backs up the running system: a copy of the database cluster, new"
        " files, keys. From the first one on the database's log is kept too, so that"
        " config/restore can go back to any moment.",
    )
    add = text.add_argument
    add("--to", metavar="FOLDER", help="where backups go; remembered")
    add("--new-key", metavar="FILE", help="make the key pair; keep FILE elsewhere")
    add("--recipient", metavar="KEY", help="a public key that you have: age1…")
    add("--files", action="store_true", help="only files that are new; quick")
    add("--keep", type=int, metavar="N", help="remove all but the newest N")
    add("--off", action="store_true", help="no longer keep the database's log")
    add("--list", action="store_true", help="tell what there is")
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
        if not (paths.state / "settings.json").exists():
            raise SetupError("Nothing is set up.", "config/run does it.")
        installation = Installation(progress, paths)
        with paths.lock():
            return _run(progress, installation, options)
    except SetupError as error:
        print(f"\n{error.problem}", file=sys.stderr)
        if error.advice:
            print(f"What to do: {error.advice}", file=sys.stderr)
        return 1


def _run(progress, installation, options):
    folder = options.to or installation.settings.get("archive")
    if not folder:
        raise SetupError("Where do backups go?", "config/backup --to FOLDER")
    archive = Archive(folder)
    if options.list:
        for base in archive.bases():
            progress.say(f"  {base['stamp']}  {base['bytes'] / 2**20:.0f} MB")
        return 0
    archives.ensure_tool(progress)
    installation.connect()
    if not installation.cluster.answers():
        raise SetupError("The system does not run.", "Start it: config/run")
    if options.off:
        installation.settings.update(archive=None)
        with progress.step("The database's log is no longer kept (one restart)"):
            installation.restart_database()
        return 0
    _prepare(progress, installation, archive, options)
    if not options.files:
        take_base(progress, installation, archive)
    take_files(progress, installation, archive)
    if options.keep:
        forget(progress, installation, archive, max(1, options.keep))
    return 0


def _prepare(progress, installation, archive, options):
    """Make the folder, set the key, and begin to keep the log."""
    archive.make(installation.cluster.account)
    if options.new_key:
        key = archives.make_identity(Path(options.new_key).absolute())
        archive.set_recipient(key)
        progress.say(f"     Without {options.new_key} nothing can be restored.")
    elif options.recipient:
        archive.set_recipient(options.recipient)
    if not archive.recipient.exists():
        raise SetupError(
            "Backups are sealed, and there is no key yet.",
            "config/backup --new-key FILE makes one. Keep FILE off this machine.",
        )
    if installation.settings.get("archive") == str(archive.folder):
        return
    installation.settings.update(archive=str(archive.folder))
    with progress.step("The database begins to keep its log (one restart)"):
        installation.restart_database()


def take_base(progress, installation, archive):
    """Copy the running cluster and the secrets that belong to it."""
    cluster = installation.cluster
    began = datetime.now(UTC)
    folder = archive.base / stamp(began)
    with progress.step("Database and keys") as step:
        start_wal = cluster.sql(
            "SELECT pg_walfile_name(pg_current_wal_lsn())", superuser=True
        )
        partial = folder.with_name(f".{folder.name}.part")
        partial.mkdir(mode=0o700)
        try:
            with archive.sealed(partial / "cluster.tar.age") as sink:
                cluster.base_backup(sink)
            with archive.sealed(partial / "secrets.age") as sink:
                sink.write(json.dumps(installation.settings.values).encode())
            # What stands in the log up to now is needed for a whole copy.
            last_wal = cluster.sql(
                "SELECT pg_walfile_name(pg_switch_wal())", superuser=True
            )
            _wait_for(archive.wal / f"{last_wal}.age")
            size = (partial / "cluster.tar.age").stat().st_size
            manifest = {
                "stamp": folder.name,
                "began": began.isoformat(),
                "ended": datetime.now(UTC).isoformat(),
                "start_wal": start_wal,
                "bytes": size,
                "postgresql": cluster.sql("SHOW server_version"),
                "odoo": installation.odoo.source.version,
            }
            write_private(partial / "manifest.json", json.dumps(manifest, indent=1))
            partial.rename(folder)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        archives.flush(archive.base)
        step.detail = f"{folder.name}, {size / 2**20:.0f} MB"


def _wait_for(file, seconds=120):
    deadline = time.monotonic() + seconds
    while not file.exists():
        if time.monotonic() > deadline:
            raise SetupError(
                f"The database's log does not arrive: {file}",
                "Its log says why (postgres.log in the log folder).",
            )
        time.sleep(0.05)


def take_files(progress, installation, archive):
    """Keep files that no earlier part holds. A file never changes under its name."""
    store = installation.paths.data / "filestore"
    with progress.step("Files") as step:
        known = archive.known_files()
        fresh = [name for name in _files(store) if name not in known]
        step.detail = f"{len(fresh)} new"
        if not fresh:
            return
        kept, name = [], stamp()
        with (
            archive.sealed(archive.files / f"{name}.tar.age") as sink,
            tarfile.open(fileobj=sink, mode="w|") as packed,
        ):
            for file in fresh:
                try:
                    packed.add(store / file, arcname=file, recursive=False)
                except FileNotFoundError:
                    # Odoo has swept it away meanwhile: nothing refers to it.
                    continue
                kept.append(file)
        write_private(archive.files / f"{name}.list", "\n".join(kept) + "\n")


def _files(store):
    """Yield the names of the files in use, below the store."""
    if not store.is_dir():
        return
    for database in sorted(store.iterdir()):
        if database.name.startswith(MADE):
            continue
        for path in sorted(database.glob("[0-9a-f][0-9a-f]/*")):
            yield str(path.relative_to(store))


def forget(progress, installation, archive, keep):
    """Remove all but the newest base backups, and the log that only those needed."""
    bases = archive.bases()
    for base in bases[:-keep]:
        shutil.rmtree(archive.base / base["stamp"])
        progress.say(f"     {base['stamp']} is removed.")
    tool = installation.cluster.bin / "pg_archivecleanup"
    oldest = bases[-keep:][0]["start_wal"]
    subprocess.run([tool, "-x", ".age", archive.wal, oldest], check=True)


if __name__ == "__main__":
    sys.exit(main())
