"""Which Odoo 19 is used: the admin's, Debian's package, or upstream's repository."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import debian, system
from .progress import SetupError

UPSTREAM = "https://github.com/odoo/odoo.git"


@dataclass(frozen=True)
class OdooSource:
    """A usable Odoo.

    :param str origin: said to the person at the terminal
    :param Path library: goes on Python's path
    :param list addons: folders for ``addons_path``
    :param Path launcher: the script that starts every process, workers too
    """

    origin: str
    version: str
    library: Path
    addons: tuple
    launcher: Path


def ensure(progress, paths):
    """Return an Odoo, fetching one if need be.

    :raise SetupError: none of the sources gives one
    """
    given = os.environ.get("ODOO_HOME")
    if given:
        return describe(Path(given).absolute(), "ODOO_HOME")
    with paths.lock(paths.cache):
        try:
            prefix = debian.ensure(progress, paths.cache, paths.state / "apt")
            return describe(prefix, "Debian package")
        except SetupError as error:
            progress.say(f"     Debian's package cannot be used: {error.problem}")
        return describe(_clone(progress, paths), "upstream repository")


def _clone(progress, paths):
    folder = paths.cache / "odoo-git"
    if not (folder / debian.COMPLETE).exists():
        system.ensure_packages(progress, system.SOURCE_PACKAGES)
        with progress.step("Odoo 19 from the upstream repository"):
            progress.run(["rm", "-rf", folder])
            progress.run(
                ["git", "clone", "-q", "--depth", "1", "-b", "19.0", UPSTREAM, folder],
                advice="Download Odoo 19 elsewhere and name it:"
                " ODOO_HOME=/path/to/odoo config/run",
            )
            (folder / debian.COMPLETE).touch()
    return folder


def describe(home, origin):
    """Find the parts of an Odoo: a checkout, an unpacked package, or a library folder.

    :raise SetupError: there is no Odoo 19
    """
    layouts = (
        (home, ("addons", "odoo/addons"), "odoo-bin"),
        (home / debian.LIBRARY, ("odoo/addons",), "../../../bin/odoo"),
        (home, ("odoo/addons",), "../../../bin/odoo"),
    )
    for library, addons, launcher in layouts:
        folders = tuple(library / folder for folder in addons)
        script = (library / launcher).resolve()
        if script.is_file() and any((path / "web").is_dir() for path in folders):
            version = _version(library)
            return OdooSource(origin, version, library, folders, script)
    raise SetupError(
        f"{home} is no Odoo 19.",
        "ODOO_HOME names a checkout of branch 19.0 or an unpacked package.",
    )


def _version(library):
    text = (library / "odoo/release.py").read_text(encoding="utf-8")
    match = re.search(r"^version_info = \((\d+), (\d+)", text, re.MULTILINE)
    version = ".".join(match.groups()) if match else "?"
    if version != "19.0":
        raise SetupError(f"Odoo {version} was found, 19.0 is needed.")
    return version
