"""A folder of backups: what lies where, sealed for one recipient.

::

    recipient.txt          the public key; who restores has the identity that opens it
    base/STAMP/            cluster.tar.age, secrets.age, manifest.json
    wal/NAME.age           every finished segment of the write-ahead log
    files/STAMP.tar.age    files that no earlier one holds; STAMP.list names them

Everything is sealed by `age <https://age-encryption.org/v1>`_. The system that makes
backups cannot read them.
"""

import contextlib
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from . import accounts, system
from .progress import SetupError

PACKAGE = "age"
STAMP = "%Y%m%dT%H%M%SZ"


def ensure_tool(progress):
    """Install what seals and opens the parts."""
    system.ensure_packages(progress, [PACKAGE])


def make_identity(file):
    """Write a new identity, readable by its owner only; return its public key."""
    if file.exists():
        raise SetupError(f"{file} exists.", "Name another file, or use this key.")
    file.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [system.program("age-keygen"), "-o", str(file)], check=True, capture_output=True
    )
    return recipient_of(file)


def recipient_of(identity):
    """Return the public key of an identity file.

    :raise SetupError: it is none
    """
    done = subprocess.run(
        [system.program("age-keygen"), "-y", str(identity)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(
            f"{identity} is no identity that opens backups.",
            "It is the file that config/backup --new-key wrote.",
        )
    return done.stdout.strip()


class Archive:
    """One folder of backups.

    :param Path folder:
    """

    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        self.base, self.wal = self.folder / "base", self.folder / "wal"
        self.files, self.recipient = (
            self.folder / "files",
            self.folder / "recipient.txt",
        )

    def make(self, account):
        """Make the folders; the database's account writes its log into one of them.

        :raise SetupError: the account cannot get there
        """
        for folder in (self.folder, self.base, self.files, self.wal):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o711 if folder == self.folder else 0o700)
        if account:
            shutil.chown(self.wal, account, account)
            if not accounts.reaches(account, self.wal):
                raise SetupError(
                    f"The account {account} cannot reach {self.wal}.",
                    "Choose a folder that is not below a closed one.",
                )

    def set_recipient(self, key):
        """Seal for this public key from now on."""
        self.recipient.write_text(key + "\n", encoding="utf-8")
        self.recipient.chmod(0o644)

    # Sealing

    def seal_command(self, target):
        """Return the command that seals its standard input into a file."""
        age = system.program("age")
        return [age, "-e", "-R", str(self.recipient), "-o", str(target)]

    @contextlib.contextmanager
    def sealed(self, target):
        """Open a file to be sealed, for writing; in place once it is whole."""
        partial = target.with_name(f".{target.name}.part")
        process = subprocess.Popen(self.seal_command(partial), stdin=subprocess.PIPE)
        try:
            yield process.stdin
        finally:
            process.stdin.close()
            failed = process.wait()
        if failed:
            raise SetupError(f"{target} could not be sealed.", "Is the disk full?")
        flush(partial)
        partial.rename(target)
        flush(target.parent)

    @staticmethod
    @contextlib.contextmanager
    def opened(source, identity):
        """Open a sealed file for reading.

        :raise SetupError: the identity does not open it, or it is damaged
        """
        process = subprocess.Popen(
            [system.program("age"), "-d", "-i", str(identity), str(source)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        failure = None
        with process:
            try:
                yield process.stdout
            except Exception as error:  # noqa: BLE001  judged below, with the reason
                failure = error
            process.stdout.read()
            words = process.stderr.read().decode(errors="replace").strip()
        if process.returncode:
            raise SetupError(
                f"{source} does not open: {words}",
                "It needs the identity of its recipient, and must be undamaged.",
            ) from failure
        if failure:
            raise failure

    # What is there

    def bases(self):
        """Return the manifests of the finished base backups, oldest first.

        :rtype: list[dict]
        """
        found = sorted(self.base.glob("*/manifest.json"))
        return [json.loads(file.read_text(encoding="utf-8")) for file in found]

    def known_files(self):
        """Return the names of all files that some part holds.

        :rtype: set[str]
        """
        names = set()
        for file in self.files.glob("*.list"):
            names.update(file.read_text(encoding="utf-8").splitlines())
        return names


def flush(path):
    """Make sure that a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def stamp(at=None):
    """Return the name of a moment, now without one."""
    return (at or datetime.now(UTC)).strftime(STAMP)
