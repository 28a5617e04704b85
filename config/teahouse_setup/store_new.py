"""``config/store-new``: a store of its own, with the addons it wants and no demo."""

import argparse
import secrets
import sys

from . import stores, system
from .installation import Installation
from .paths import Paths
from .progress import Progress, SetupError

DEFAULT_ADDONS = "teahouse_billing,teahouse_iot"


def parser():
    """Return the command line's parser."""
    text = argparse.ArgumentParser(
        prog="config/store-new",
        description="Makes a database for a store that stands alone, starts it beside"
        " the others and routes its host name there.",
    )
    add = text.add_argument
    add("name", help="of the database: small letters, digits, _")
    add("--host", help="by which it is reached; NAME.localhost without it")
    add("--addons", default=DEFAULT_ADDONS, help=f"default {DEFAULT_ADDONS}")
    add("--no-start", action="store_true", help="only the database: for production")
    add("--company", help="the company's name; the store's without it")
    return text


def main(arguments=None):
    """Run the command.

    :return: exit code
    """
    options = parser().parse_args(arguments)
    system.forget_other_databases()
    paths = Paths.from_environment()
    progress = Progress(paths.setup_log)
    try:
        ready = (paths.state / "settings.json").exists()
        if not ready and not options.no_start:
            raise SetupError("Nothing is set up.", "Start config/run first.")
        paths.make()
        with paths.lock():
            return _make(progress, Installation(progress, paths), options)
    except SetupError as error:
        print(f"\n{error.problem}", file=sys.stderr)
        if error.advice:
            print(f"What to do: {error.advice}", file=sys.stderr)
        return 1


def _make(progress, installation, options):
    ran = installation.processes.lives("odoo")
    installation.prepare()
    host = options.host or f"{options.name.replace('_', '-')}.localhost"
    addons = [name.strip() for name in options.addons.split(",") if name.strip()]
    store = stores.planned(
        installation.settings, installation.odoo, options.name, host, addons
    )
    if store.name in installation.cluster.databases():
        raise SetupError(f"A database {store.name} exists.", "Choose another name.")
    password = secrets.token_urlsafe(12)
    installation.databases.make_store(store, options.company or store.name, password)
    others = installation.settings.get("stores") or []
    installation.settings.update(stores=[*others, store.values()])
    if options.no_start:
        if not ran:
            installation.stop()
        progress.say(
            f"\n  {store.name} has {', '.join(store.addons)}."
            f"\n  https://{store.host} once config/production has written its files."
            f"\n  Admin         admin / {password}   (shown once: change it)\n"
        )
        return 0
    installation.start()
    progress.say(
        f"\n  {store.name} has {', '.join(store.addons)}."
        f"\n  Back office   {installation.store_url(store)}/odoo"
        f"\n  Mobile app    {installation.store_url(store)}/teahouse/app"
        f"\n  Admin         admin / {password}   (shown once: change it)"
        f"\n  By its host   {store.host}, through nginx (config/run --workers N)\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
