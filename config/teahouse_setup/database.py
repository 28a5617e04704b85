"""Databases: built once from Odoo's modules, copied ever after.

Two layers. The *foundation* has Odoo's modules, a Chinese company and both languages,
and none of our addons: it is dumped into the cache for every checkout of the machine.
The *template* adds our addons; it stays in the cluster, since its secrets are sealed
with this installation's keys.
"""

import shutil
import tarfile
from concurrent.futures import ThreadPoolExecutor

from .odoo import INSIDE
from .paths import ADDONS, addon_digest, digest
from .progress import SetupError
from .settings import DATABASE

KEPT_FOUNDATIONS = 2
#: Stays of the demo year that the models make, a half for each of its two companies,
#: and the days before today in which they fall.
DEMO_STAYS, DEMO_DAYS = 1500, 90


class Databases:
    """Makes and copies the databases of one installation."""

    def __init__(self, progress, paths, settings, cluster, odoo):
        self._progress = progress
        self._paths = paths
        self._settings = settings
        self.cluster = cluster
        self._odoo = odoo
        self._conf = paths.state / "odoo-setup.conf"

    def digests(self):
        """Return a hash for each of our addons.

        :rtype: dict[str, str]
        """
        folder = self._paths.addons
        return {name: addon_digest(folder / name) for name in self._odoo.addons()}

    def is_behind(self):
        """Tell whether the demo's database is of another version of the addons."""
        known = self._settings.get("addons")
        there = DATABASE in self.cluster.databases()
        return there and known is not None and known != self.digests()

    def ensure(self, admin_password, base_url):
        """Make the demo's database, or bring it up to the present addons.

        :return: whether anything was done
        """
        self._write_conf()
        digests = self.digests()
        known = self._settings.get("addons")
        if DATABASE not in self.cluster.databases() or known is None:
            template = self.template()
            with self._progress.step("Demo store"):
                self.copy(template, DATABASE)
                self._odoo.script(
                    self._conf,
                    DATABASE,
                    "demo.py",
                    addons=self._odoo.addons(),
                    admin_password=admin_password,
                    base_url=base_url,
                )
        elif known != digests:
            fresh = [name for name in digests if name not in known]
            changed = [n for n in digests if n in known and digests[n] != known[n]]
            with self._progress.step(f"Update of {', '.join(fresh + changed)}"):
                self._odoo.modules(self._conf, DATABASE, fresh, changed)
        else:
            return False
        self._settings.update(addons=digests)
        return True

    def ensure_demo_year(self):
        """Let the demo grow into a chain with a year behind it, once.

        :return: whether anything was done
        """
        if self._settings.get("demo_year"):
            return False
        self._write_conf()
        run = self._odoo.script
        with self._progress.step("Five stores in two companies, forty rooms"):
            run(self._conf, DATABASE, "chain.py")
        with self._progress.step(f"{DEMO_STAYS} stays, booked, paid and settled"):
            story = {"days": DEMO_DAYS, "count": DEMO_STAYS // 2}
            with ThreadPoolExecutor(2) as pool:
                halves = [
                    pool.submit(
                        run, self._conf, DATABASE, "stays.py", turn=turn, **story
                    )
                    for turn in range(2)
                ]
            for half in halves:
                half.result()
        with self._progress.step("The months before, figures and forecast"):
            run(self._conf, DATABASE, "history.py", days=DEMO_DAYS)
        self._settings.update(demo_year=True)
        return True

    def ensure_present(self):
        """Let something go on in each of the demo's stores at this hour."""
        self._write_conf()
        with self._progress.step("Guests who come and go just now"):
            self._odoo.script(self._conf, DATABASE, "present.py")

    def make_store(self, store, company, admin_password):
        """Make the database of a store that stands alone.

        :param Store store:
        :param str company: its name
        """
        template = self.template(frozenset(store.addons))
        with self._progress.step(f"Store {store.name}"):
            building = f"building_{store.name}"
            self.copy(template, building)
            self._odoo.script(
                self._conf,
                building,
                "store.py",
                company=company,
                admin_password=admin_password,
                base_url=f"https://{store.host}",
            )
            self._rename(building, store.name)
        self._note(store.name, store.addons)

    def changed_addons(self, store):
        """Return the addons of which a store's database has another version."""
        digests = self.digests()
        known = (self._settings.get("store_addons") or {}).get(store.name, {})
        return [name for name in store.addons if known.get(name) != digests[name]]

    def update_store(self, store):
        """Bring a store's database up to the present addons."""
        self._write_conf()
        changed = self.changed_addons(store)
        with self._progress.step(f"Update of {store.name}: {', '.join(changed)}"):
            self._odoo.modules(self._conf, store.name, (), changed)
        self._note(store.name, store.addons)

    def _note(self, name, addons):
        """Write down which version of the addons a store's database has."""
        digests = self.digests()
        noted = self._settings.get("store_addons") or {}
        mine = {addon: digests[addon] for addon in addons}
        self._settings.update(store_addons={**noted, name: mine})

    def facts(self, database=DATABASE):
        """Return stores, rooms and devices of a database, the demo's by default.

        :rtype: dict
        """
        self._write_conf()
        return self._odoo.script(self._conf, database, "facts.py")

    def copy(self, source, name):
        """Make a database and its files as a copy of another."""
        self.drop(name)
        self.cluster.create(name, template=source)
        files = self._paths.filestore(source)
        if files.is_dir():
            shutil.copytree(files, self._paths.filestore(name))

    def drop(self, name):
        """Remove a database and its files."""
        self.cluster.drop(name)
        shutil.rmtree(self._paths.filestore(name), ignore_errors=True)

    def template(self, addons=None):
        """Return the name of a database with some of our addons and nothing else.

        :param addons: a set that the arrows allow, all of them without it
        :rtype: str
        """
        self._write_conf()
        wanted = frozenset(addons or self._odoo.addons())
        name = self._template_name(wanted)
        present = self.cluster.databases()
        if name not in present:
            self._build(name, wanted, present)
        return name

    def _build(self, name, wanted, present):
        """Make a template from the largest one that lacks something of it."""
        known = {self._template_name(part): part for part in self._sets()}
        lesser = [n for n in present if n in known and known[n] < wanted]
        origin = max(lesser, key=lambda n: len(known[n]), default=None)
        missing = sorted(wanted - known.get(origin, frozenset()), key=ADDONS.index)
        source = origin or self._foundation(self._foundation_key())
        building = f"building_{name}"
        with self._progress.step(f"Addons {', '.join(missing)}"):
            self.copy(source, building)
            self._odoo.modules(self._conf, building, missing)
            self._rename(building, name)
        for old in present:
            if old.startswith(("template_", "building_template_")) and old not in known:
                self.drop(old)

    def _sets(self):
        """Return the sets of addons that templates are made of."""
        every = self._odoo.addons()
        return [frozenset(every), *(self._odoo.closure(name) for name in every)]

    def _template_name(self, addons):
        digests = self.digests()
        parts = [f"{name} {digests[name]}" for name in sorted(addons)]
        return f"template_{digest(self._foundation_key(), *parts)}"

    def bare(self):
        """Return the name of a database with only Odoo's base and web, for installs.

        :rtype: str
        """
        self._write_conf()
        name = f"bare_{self._foundation_key()}"
        if name not in self.cluster.databases():
            self._base(f"building_{name}")
            self._rename(f"building_{name}", name)
        return name

    def _write_conf(self):
        self._odoo.write_conf(self._conf, "", db_maxconn=16)

    def _foundation_key(self):
        source = self._odoo.source
        return digest(
            source.version,
            str(source.library),
            *self._odoo.foundation(),
            INSIDE / "company.py",
            self._paths.checkout / "config/constraints.txt",
        )

    def _foundation(self, key):
        """Return the foundation's name, from the cluster, the cache, or newly built."""
        name = f"foundation_{key}"
        if name in self.cluster.databases():
            return name
        kept = self._paths.cache / "foundations" / key
        building = f"building_{name}"
        self.drop(building)
        if (kept / "complete").exists():
            try:
                with self._progress.step("Odoo's modules from the cache"):
                    self._load(kept, building)
                    self._rename(building, name)
                return name
            except (SetupError, OSError, tarfile.TarError) as error:
                self._progress.say(
                    f"     The kept copy is broken, it is made anew: {error}"
                )
                shutil.rmtree(kept, ignore_errors=True)
                self.drop(building)
        modules = self._odoo.foundation()
        with self._progress.step(f"Odoo's modules ({len(modules)} and what they need)"):
            self._base(building)
            self._odoo.modules(self._conf, building, modules)
            self._rename(building, name)
            self._keep(name, kept)
        return name

    def _base(self, name):
        self.drop(name)
        self.cluster.create(name)
        self._odoo.modules(self._conf, name, ["base", "web"])
        self._odoo.script(self._conf, name, "company.py")

    def _rename(self, old, new):
        self.cluster.rename(old, new)
        files = self._paths.filestore(old)
        if files.is_dir():
            shutil.rmtree(self._paths.filestore(new), ignore_errors=True)
            files.rename(self._paths.filestore(new))

    def _keep(self, name, folder):
        """Put a database and its files into the cache, dropping the oldest."""
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        self.cluster.dump(name, partial / "database.dump")
        with tarfile.open(partial / "files.tar", "w") as archive:
            files = self._paths.filestore(name)
            if files.is_dir():
                archive.add(files, arcname=".")
        (partial / "complete").touch()
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
        folders = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in folders[:-KEPT_FOUNDATIONS]:
            shutil.rmtree(old, ignore_errors=True)

    def _load(self, folder, name):
        self.cluster.create(name)
        self.cluster.restore(name, folder / "database.dump")
        with tarfile.open(folder / "files.tar") as archive:
            archive.extractall(self._paths.filestore(name), filter="data")
