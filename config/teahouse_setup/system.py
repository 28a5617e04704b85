"""Debian packages that the product stands on."""

import os
import shutil
import subprocess

from .progress import SetupError

RUN_PACKAGES = (
    "postgresql",
    "mosquitto",
    "wkhtmltopdf",
    "fonts-noto-cjk",
    "python3-venv",
    "libmagic1",
    "ca-certificates",
)
WORKER_PACKAGES = ("nginx-light",)
TEST_PACKAGES = ("chromium", "mosquitto-clients", "age", *WORKER_PACKAGES)
SOURCE_PACKAGES = ("git",)


def is_root():
    """Tell whether the set-up runs as root."""
    return os.geteuid() == 0


def missing(packages):
    """Return those of the packages that are not installed.

    :rtype: list[str]
    """
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (line.split() for line in done.stdout.splitlines())
    installed = {name for name, status in lines if status == "installed"}
    return [name for name in packages if name not in installed]


def ensure_packages(progress, packages):
    """Install the packages that are missing.

    :raise SetupError: not Debian, or no right to install
    """
    if not shutil.which("dpkg-query"):
        raise SetupError(
            "This machine has no Debian packages.",
            "Run it on Debian 12, or in a container of it.",
        )
    wanted = missing(packages)
    if not wanted:
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(wanted)}"
    with progress.step(f"Debian packages {', '.join(wanted)}"):
        prefix = _privilege(command)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if prefix:
            prefix = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
        advice = f"Try it by hand: apt-get update && {command}"
        progress.run([*prefix, "apt-get", "update", "-qq"], env=env, check=False)
        progress.run([*prefix, *command.split()], env=env, advice=advice)


def _privilege(command):
    if is_root():
        return []
    sudo = shutil.which("sudo")
    if sudo and _sudo_works(sudo):
        return [sudo]
    raise SetupError(
        "Debian packages are missing, and this account may not install them.",
        f"As root: apt-get update && {command}\n  Then start this again as yourself.",
    )


def _sudo_works(sudo):
    """Tell whether sudo answers; it may ask for the password on the terminal."""
    if subprocess.run(
        [sudo, "-n", "true"], capture_output=True, check=False
    ).returncode:
        return (
            os.isatty(0) and subprocess.run([sudo, "-v"], check=False).returncode == 0
        )
    return True


def forget_other_databases():
    """Drop the account's own PostgreSQL settings from the environment.

    Odoo heeds PG* before its configuration: it would use another server.
    """
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def program(name, *folders):
    """Return the path of a program, also where only root's PATH looks.

    :raise SetupError: it is not there
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *folders])
    found = shutil.which(name, path=path)
    if not found:
        raise SetupError(f"{name} is not installed.", f"apt-get install {name}")
    return found


def remove_tree(folder):
    """Remove a folder with all that is in it.

    :raise SetupError: something in it belongs to somebody else
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise SetupError(
            f"{error.filename} belongs to another account.",
            f"Remove {folder} as the account that made it.",
        ) from error
