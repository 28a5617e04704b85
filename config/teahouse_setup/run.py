"""``config/run``: set up, start, watch, stop."""

import argparse
import json
import os
import shutil
import signal
import sys
import time

from . import system, told
from .installation import Installation
from .paths import Paths
from .progress import Progress, SetupError
from .settings import DATABASE

FOREGROUND = "run"
WATCH_SECONDS = 1


def parser():
    """Return the command line's parser."""
    text = argparse.ArgumentParser(
        prog="config/run",
        description="Sets up what is missing and starts the teahouse, until Ctrl-C.",
        epilog="Environment: ODOO_HOME (an Odoo 19 of your own), TEAHOUSE_STATE"
        " (default .state), TEAHOUSE_CACHE (default ~/.cache/teahouse),"
        " TEAHOUSE_PYTHON.",
    )
    what = text.add_mutually_exclusive_group()
    add = what.add_argument
    add("--stop", action="store_true", help="stop everything")
    add("--status", action="store_true", help="tell what runs")
    add("--reset", action="store_true", help="stop and remove databases and secrets")
    add(
        "--journey",
        action="store_true",
        help="play a guest's whole stay against the running system, step by step",
    )
    text.add_argument(
        "--detach", action="store_true", help="return as soon as everything answers"
    )
    text.add_argument(
        "--demo-year",
        action="store_true",
        help="let the demo grow, once: five stores in two companies, 1,500 stays of"
        " three months made by the models, nine months of figures before (minutes);"
        " at each start, guests who come and go just now in every store",
    )
    text.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="N Odoo processes behind nginx, 0 for one with threads; without it what"
        " runs goes on as it is",
    )
    text.add_argument("--yes", action="store_true", help="--reset does not ask")
    return text


def main(arguments=None):
    """Run the command.

    :return: exit code
    """
    options = parser().parse_args(arguments)
    system.forget_other_databases()
    paths = Paths.from_environment()
    if options.status:
        return status(paths)
    progress = Progress(paths.setup_log)
    try:
        if options.stop:
            return stop(progress, paths)
        if options.reset:
            return reset(progress, paths, options.yes)
        if options.journey:
            return journey(paths)
        return start(progress, paths, options)
    except SetupError as error:
        print(f"\n{error.problem}", file=sys.stderr)
        if error.advice:
            print(f"What to do: {error.advice}", file=sys.stderr)
        return 1


def start(progress, paths, options):
    """Set up and start; unless detached or already watched, stay."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    paths.make()
    installation = Installation(progress, paths, options.workers)
    processes = installation.processes
    try:
        with paths.lock():
            installation.prepare()
            installation.start(options.demo_year)
            watched = processes.lives(FOREGROUND)
            if not options.detach and not watched:
                processes.note(FOREGROUND, os.getpid())
    except KeyboardInterrupt:
        progress.say("\nStopping.")
        with paths.lock():
            installation.stop()
        return 130
    progress.say(told.describe(installation))
    progress.say(f"Ready after {progress.elapsed():.1f} s.")
    if options.detach or watched:
        return 0
    return _watch(progress, paths, installation)


def _interrupt(_signal, _frame):
    raise KeyboardInterrupt


def _watch(progress, paths, installation):
    """Stay until interrupted; tell when a process ends, leave the others alone."""
    progress.say("Ctrl-C stops everything.")
    processes = installation.processes
    down = set()
    try:
        while processes.lives(FOREGROUND):
            for name in installation.expected():
                if processes.lives(name):
                    down.discard(name)
                elif name not in down:
                    down.add(name)
                    progress.say(
                        f"{name} has ended, the others go on; config/run heals it."
                    )
            time.sleep(WATCH_SECONDS)
        return 0
    except KeyboardInterrupt:
        progress.say("\nStopping.")
        processes.forget(FOREGROUND)
        with paths.lock():
            installation.stop()
        return 0


def stop(progress, paths):
    """Stop everything; the one who watches ends too."""
    if not paths.state.exists():
        progress.say("Nothing is set up.")
        return 0
    installation = Installation(progress, paths)
    # Without its file the foreground process ends by itself.
    installation.processes.forget(FOREGROUND)
    with paths.lock():
        stopped = installation.stop()
    progress.say(f"Stopped: {', '.join(stopped) or 'nothing was running'}.")
    return 0


def status(paths):
    """Print what runs.

    :return: 0 when everything does, else 3
    """
    if not (paths.state / "settings.json").exists():
        print("Not set up: config/run does it.")
        return 3
    installation = Installation(Progress(paths.setup_log), paths)
    records = {n: installation.processes.record(n) for n in installation.expected()}
    for name, record in records.items():
        state = f"runs, process {record['pid']}" if record else "stopped"
        print(f"  {name:10} {state}")
    running = all(records.values())
    if running:
        print(told.describe(installation))
    return 0 if running else 3


def reset(progress, paths, sure):
    """Remove the state folder, after asking."""
    if not paths.state.exists():
        progress.say("Nothing is set up.")
        return 0
    if not sure:
        print(
            f"This removes {paths.state}: the database {DATABASE}, its files, secrets."
        )
        try:
            sure = input("Remove it? [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            print("\nNobody answered: --reset --yes does not ask.")
    if not sure:
        progress.say("Nothing was removed.")
        return 1
    installation = Installation(progress, paths)
    installation.processes.forget(FOREGROUND)
    with paths.lock():
        installation.reset()
    progress.say("Removed.")
    return 0


def journey(paths):
    """Play the stay that the tests assert, telling each step."""
    if not paths.demo_file.exists():
        raise SetupError("Nothing is set up.", "Start config/run in another terminal.")
    demo = json.loads(paths.demo_file.read_text(encoding="utf-8"))
    sys.path.insert(0, str(paths.checkout / "tests"))
    from journey import JourneyError, tell

    try:
        tell(demo, width=shutil.get_terminal_size().columns)
    except (JourneyError, OSError) as error:
        raise SetupError(
            f"The journey stopped: {error}", "config/run --status tells what runs."
        ) from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
