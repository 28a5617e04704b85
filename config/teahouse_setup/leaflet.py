"""Leaflet, which draws maps: a package of Debian, put where Odoo serves it.

It is no part of the repository. Without it, or without the net, forms and pages show
addresses, coordinates and links instead of a map.
"""

import os
import shutil
import subprocess

from .progress import SetupError

PACKAGE = "libjs-leaflet"
INSIDE = "usr/share/javascript/leaflet"
SERVED = "teahouse_base/static/lib/leaflet"
NEEDED = ("leaflet.css", "images/marker-icon.png")


def is_there(folder, script="leaflet.js"):
    """Tell whether a folder holds what pages ask for."""
    return all((folder / name).is_file() for name in (script, *NEEDED))


def ensure(progress, paths):
    """Put Leaflet below the addons, if it is not there; do without where it fails.

    :return: whether pages can draw maps
    :rtype: bool
    """
    served = paths.addons / SERVED
    if is_there(served):
        return True
    try:
        with progress.step("Leaflet, for maps") as step:
            unpacked = _unpack(progress, paths)
            step.detail = PACKAGE
    except (SetupError, OSError, subprocess.SubprocessError):
        progress.say("     Leaflet cannot be had here: forms show no map.")
        return False
    part = served.with_name("leaflet.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    shutil.copytree(unpacked / "images", part / "images")
    shutil.copy(unpacked / "leaflet.css", part)
    shutil.copy(unpacked / "leaflet.min.js", part / "leaflet.js")
    shutil.rmtree(served, ignore_errors=True)
    os.replace(part, served)
    return True


def _unpack(progress, paths):
    """Return the folder of the unpacked package, downloaded if it is not kept."""
    kept = paths.cache / "leaflet"
    unpacked = kept / "unpacked" / INSIDE
    if is_there(unpacked, "leaflet.min.js"):
        return unpacked
    kept.mkdir(parents=True, exist_ok=True)
    if not any(kept.glob("*.deb")):
        sandbox = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
        progress.run(["apt-get", *sandbox, "download", PACKAGE], cwd=kept)
    (deb,) = kept.glob("*.deb")
    progress.run(["dpkg-deb", "-x", deb, kept / "unpacked"])
    if not is_there(unpacked, "leaflet.min.js"):
        raise SetupError("The package of Leaflet holds something else.")
    return unpacked
