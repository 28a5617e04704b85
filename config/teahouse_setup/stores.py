"""Stores that stand alone: each a database of its own, reached by its host name."""

import re
from dataclasses import dataclass

from .paths import ADDONS
from .progress import SetupError

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    r"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
#: Names that something else has.
TAKEN = ("teahouse", "postgres", "template0", "template1", "teahouse_unit")


@dataclass(frozen=True)
class Store:
    """A store with a database of its own.

    :param str name: of the database
    :param str host: by which its requests come
    :param tuple addons: of ours, those that it has
    """

    name: str
    host: str
    addons: tuple

    @property
    def has_devices(self):
        return "teahouse_iot" in self.addons

    def port(self, service):
        """Return the name under which a service's port is kept."""
        return f"{service}_{self.name}"

    def values(self):
        """Return what the settings keep."""
        return {"name": self.name, "host": self.host, "addons": list(self.addons)}


def known(settings):
    """Return the stores of an installation.

    :rtype: list[Store]
    """
    return [
        Store(one["name"], one["host"], tuple(one["addons"]))
        for one in settings.get("stores") or ()
    ]


def planned(settings, odoo, name, host, addons):
    """Return a store that can be made.

    :param addons: of ours; what they stand on comes along
    :raise SetupError: a name that is taken or none
    """
    if not NAME.fullmatch(name) or name in TAKEN:
        raise SetupError(
            f"{name} cannot be a store's name.",
            "Small letters, digits and _, beginning with a letter.",
        )
    if not HOST.fullmatch(host):
        raise SetupError(f"{host} is no host name.", "Such as tea.example.com")
    unknown = [addon for addon in addons if addon not in odoo.addons()]
    if unknown:
        raise SetupError(
            f"There is no addon {', '.join(unknown)}.",
            f"Choose of: {', '.join(odoo.addons())}",
        )
    for other in known(settings):
        if name == other.name or host == other.host:
            raise SetupError(f"{other.name} at {other.host} exists.", "Name another.")
    wanted = set().union(*(odoo.closure(addon) for addon in addons))
    return Store(name, host, tuple(a for a in ADDONS if a in wanted))
