"""Where things lie."""

import contextlib
import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ADDONS = (
    "field_encrypted",
    "payment_cn_common",
    "payment_wechatpay",
    "payment_alipay",
    "teahouse_base",
    "teahouse_booking",
    "teahouse_billing",
    "teahouse_iot",
    "teahouse_marketing",
)


@dataclass(frozen=True)
class Paths:
    """Folders of one installation.

    ``state`` holds what belongs to this checkout (databases, logs, secrets), ``cache``
    what any checkout on the machine can share (downloads, Odoo, Python packages).
    """

    state: Path
    cache: Path
    checkout: Path = CHECKOUT

    @classmethod
    def from_environment(cls, state=None):
        """Return the folders that the environment names, or the usual ones."""
        chosen = state or os.environ.get("TEAHOUSE_STATE") or CHECKOUT / ".state"
        chosen = Path(chosen).absolute()
        return cls(chosen, _writable_cache(chosen))

    @property
    def addons(self):
        return self.checkout / "addons"

    @property
    def log(self):
        return self.state / "log"

    @property
    def setup_log(self):
        return self.log / "setup.log"

    @property
    def data(self):
        """Odoo's ``data_dir``."""
        return self.state / "data"

    @property
    def odoo_conf(self):
        return self.state / "odoo.conf"

    @property
    def demo_file(self):
        return self.state / "demo.json"

    @property
    def sms_file(self):
        return self.state / "sms.jsonl"

    def filestore(self, database):
        return self.data / "filestore" / database

    def make(self):
        """Make the folders; the state is nobody else's business."""
        self.state.mkdir(parents=True, exist_ok=True)
        # Services that run as other accounts pass through, nobody lists it.
        self.state.chmod(0o711)
        for folder in (self.log, self.data):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

    @contextlib.contextmanager
    def lock(self, folder=None):
        """Let one set-up at a time work in a folder (the state by default)."""
        folder = folder or self.state
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _writable_cache(state):
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(os.environ.get("TEAHOUSE_CACHE") or Path(base) / "teahouse")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        probe = cache / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        return state / "cache"
    return cache.absolute()


def digest(*parts):
    """Return a short hash of texts, bytes, contents of files and names of folders.

    :rtype: str
    """
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path) and part.is_file():
            part = part.read_bytes()
        sha.update(part if isinstance(part, bytes) else str(part).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:16]


def addon_digest(folder):
    """Return a hash of what an addon brings into a database.

    Tests, assets and texts for readers leave the database as it is.
    """
    ignored = {"tests", "static", "readme", "demo", "__pycache__"}
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not ignored.intersection(path.relative_to(folder).parts[:-1])
        and path.suffix != ".pyc"
    )
    return digest(*(x for f in files for x in (str(f.relative_to(folder)), f)))
