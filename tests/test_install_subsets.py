"""Every set of addons that the arrows allow installs on a plain Odoo and leaves it."""

import os
from pathlib import Path

import pytest
from teahouse_setup.installation import Installation
from teahouse_setup.paths import Paths
from teahouse_setup.progress import Progress

ADDONS = Path(__file__).resolve().parents[1] / "addons"
CHINA = ("field_encrypted", "payment_cn_common")
BASE = ("field_encrypted", "teahouse_base")
BOOKING = (*BASE, "teahouse_booking")
BILLING = (*BOOKING, "teahouse_billing")
#: Each set is one addon more than an earlier one; the last of it is the new one.
SETS = (
    CHINA,
    (*CHINA, "payment_wechatpay"),
    (*CHINA, "payment_alipay"),
    BASE,
    BOOKING,
    (*BOOKING, "teahouse_iot"),
    BILLING,
    (*BILLING, "teahouse_iot"),
    (*BILLING, "teahouse_marketing"),
    (*BILLING, "teahouse_marketing", "teahouse_iot"),
)


PRESENT = {path.parent.name for path in ADDONS.glob("*/__manifest__.py")}


class Yard:
    """Databases to install into, each a copy of another.

    :param Installation installation: with a running PostgreSQL
    """

    def __init__(self, installation):
        self.databases = installation.databases
        self.odoo = installation.odoo
        self.conf = installation.paths.state / "odoo-setup.conf"
        self.made = {}

    def install(self, addons):
        """Return a database with these addons, made from the one with one less."""
        if not addons:
            return self.databases.bare()
        if addons not in self.made:
            fresh = addons if len(addons) == 2 else addons[-1:]
            source = self.install(addons[: -len(fresh)])
            name = f"subset_{len(self.made)}"
            self.databases.copy(source, name)
            self.odoo.modules(self.conf, name, fresh)
            self.made[addons] = name
        return self.made[addons]

    def states(self, database):
        """Return which of our addons are installed."""
        rows = self.databases.cluster.sql(
            "SELECT name FROM ir_module_module WHERE state = 'installed'"
            " AND (name LIKE 'teahouse_%' OR name LIKE 'payment_%pay'"
            " OR name = 'payment_cn_common'"
            " OR name = 'field_encrypted')",
            database,
        )
        return set(rows.splitlines())

    def uninstall(self, database, addon):
        """Uninstall an addon from a copy and return what it left."""
        name = f"{database}_less"
        self.databases.copy(database, name)
        try:
            return self.odoo.script(self.conf, name, "uninstall.py", module=addon)
        finally:
            self.databases.drop(name)

    def clear(self):
        """Remove the databases."""
        for name in self.made.values():
            self.databases.drop(name)


@pytest.fixture(scope="module")
def yard():
    paths = Paths.from_environment(Path(os.environ["TEAHOUSE_TEST_STATE"]))
    installation = Installation(Progress(paths.setup_log), paths, fsync=False)
    installation.connect()
    yard = Yard(installation)
    yield yard
    yard.clear()


@pytest.mark.parametrize(
    "addons",
    [s for s in SETS if set(s) <= PRESENT],
    ids=lambda addons: "+".join(addons),
)
def test_installs_and_uninstalls(yard, addons):
    database = yard.install(addons)
    assert yard.states(database) == set(addons)

    left = yard.uninstall(database, addons[-1])

    assert left == {"state": "uninstalled", "records": [], "tables": []}


def test_no_addon_is_forgotten(yard):
    assert PRESENT == set(yard.odoo.addons()) <= set().union(*SETS)
