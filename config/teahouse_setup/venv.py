"""The virtual environment with pinned packages, shared by like-minded checkouts."""

import os
import platform
import shutil
import subprocess
import sys

from .paths import digest
from .progress import SetupError

PROBE = (
    "import psycopg2, lxml.etree, gevent, pydantic, paho.mqtt, pytest, websocket, odoo"
)
TOOLS = ("pip==26.3", "setuptools==80.9.0", "wheel==0.48.0")
PTH = "teahouse_odoo.pth"


def ensure(progress, paths, odoo):
    """Return the venv's Python, installing the packages if need be.

    :param OdooSource odoo: put on the venv's path
    """
    config = paths.checkout / "config"
    pins, names = config / "constraints.txt", config / "requirements.txt"
    key = digest(
        pins, names, platform.python_version(), sys.base_prefix, str(odoo.library)
    )
    folder = paths.cache / f"venv-{key}"
    python = folder / "bin/python"
    with paths.lock(paths.cache):
        if not (folder / ".complete").exists() or not _works(python):
            _build(progress, folder, pins, names, odoo)
    return python


def _works(python):
    try:
        done = subprocess.run([python, "-c", PROBE], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _build(progress, folder, pins, names, odoo):
    with progress.step("Python packages") as step:
        shutil.rmtree(folder, ignore_errors=True)
        base = _base_python()
        progress.run(
            [base, "-m", "venv", folder], advice="apt-get install python3-venv"
        )
        python = folder / "bin/python"
        # Debian's own pip is too old to build what comes without a wheel.
        newer = [python, "-m", "pip", "install", "-q", "--no-input", *TOOLS]
        progress.run(newer, advice="Is the Python package index reached?")
        pip = [python, "-m", "pip", "install", "-q", "--no-input", "-r", names]
        try:
            progress.run([*pip, "-c", pins])
        except SetupError:
            # A pinned release may have left the index; say so rather than give up.
            step.detail = "not the pinned versions, some are no longer to be had"
            progress.run(pip, advice="Is the Python package index reached?")
        site = next((folder / "lib").glob("python3*/site-packages"))
        (site / PTH).write_text(f"{odoo.library}\n", encoding="utf-8")
        if not _works(python):
            progress.run([python, "-c", PROBE])
        (folder / ".complete").touch()


def _base_python():
    """Return a Python that can make environments, this one if it can."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        probe = [candidate, "-c", "import venv, ensurepip"]
        try:
            if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                return candidate
        except OSError:
            continue
    return os.path.realpath(sys.executable)
