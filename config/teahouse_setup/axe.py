"""axe-core, which judges whether everybody can use a page: a package of npm's.

It is for tests only and no part of the repository: kept with the other downloads, and
taken only if it is the very package that is named here.
"""

import hashlib
import shutil
import tarfile

from .progress import SetupError

VERSION = "4.14.1"
#: Of the package as it was published.
SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
SCRIPT = "package/axe.min.js"


def script(paths):
    """Return where the script lies once it was fetched."""
    return paths.cache / f"axe-core-{VERSION}" / "axe.min.js"


def ensure(progress, paths):
    """Fetch axe-core if it is not kept; do without where that fails.

    :return: whether it is there
    :rtype: bool
    """
    kept = script(paths)
    if kept.exists():
        return True
    try:
        if not shutil.which("npm"):
            raise SetupError("npm is not installed.", "apt-get install npm")
        with paths.lock(paths.cache), progress.step("axe-core, for accessibility"):
            _fetch(progress, kept)
    except (SetupError, OSError, tarfile.TarError):
        progress.say("     axe-core cannot be had here: its test is skipped.")
        return False
    return True


def _fetch(progress, kept):
    """Download the package, verify it, and keep its script."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    archive = kept.parent / f"axe-core-{VERSION}.tgz"
    command = ["npm", "pack", "--silent", f"axe-core@{VERSION}"]
    progress.run(command, cwd=kept.parent)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        archive.unlink()
        raise SetupError("axe-core is not the package that was asked for.")
    with tarfile.open(archive) as tar:
        content = tar.extractfile(SCRIPT).read()
    part = kept.with_suffix(".part")
    part.write_bytes(content)
    part.replace(kept)
    archive.unlink()
