"""Which account runs a service, and a folder that it can reach."""

import os
import pwd
import shutil
import subprocess

from .paths import digest
from .system import is_root

#: Where services keep their files when their account cannot enter the state folder.
ELSEWHERE = "/var/lib/teahouse"


def service_account(name):
    """Return the account for a service: ``name`` when root, else None (oneself)."""
    return name if is_root() else None


def ensure_folder(paths, name, account):
    """Return ``<state>/<name>``, owned by the account and reachable by it.

    Below a closed folder such as ``/root`` the files lie elsewhere, with a link.
    """
    folder = paths.state / name
    if account and not folder.is_symlink() and not reaches(account, paths.state):
        real = os.path.join(ELSEWHERE, digest(paths.state), name)
        os.makedirs(real, exist_ok=True)
        folder.symlink_to(real)
    folder.mkdir(exist_ok=True)
    if account:
        entry = pwd.getpwnam(account)
        if folder.stat().st_uid != entry.pw_uid:
            os.chown(folder.resolve(), entry.pw_uid, entry.pw_gid)
    folder.chmod(0o700)
    return folder.resolve()


def remove_folder(paths, name):
    """Remove what :func:`ensure_folder` made."""
    folder = paths.state / name
    if folder.is_symlink():
        shutil.rmtree(folder.resolve().parent, ignore_errors=True)
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def as_account(account):
    """Return the ``subprocess`` options that change to an account."""
    if not account:
        return {}
    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def reaches(account, folder):
    """Tell whether an account can enter a folder."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0" && test -x .', str(folder)],
        cwd="/",
        capture_output=True,
        check=False,
        **as_account(account),
    )
    return done.returncode == 0
