"""``config/test``: pytest over each addon, and over the product from outside."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from . import axe, system
from .installation import Installation
from .paths import Paths
from .progress import Progress, SetupError

UNIT_DATABASE = "teahouse_unit"
#: Tests of the product that need no running product of ours and look at no clock: in a
#: whole run they go beside those of the addons, on the second core.
BESIDE = (
    "tests/test_install_subsets.py",
    "tests/test_quality.py",
    "tests/test_upgrade.py",
)


def parser():
    """Return the command line's parser."""
    text = argparse.ArgumentParser(
        prog="config/test",
        description="Sets up what the tests need and runs them, all or the named ones.",
        epilog="What is not known here goes to pytest: config/test -k race -x",
    )
    add = text.add_argument
    add("--full", action="store_true", help="long runs: all seeds, all sizes")
    add("--bench", action="store_true", help="the benchmarks of tests/bench instead")
    add("--chaos", action="store_true", help="kill processes for longer")
    add("--keep", action="store_true", help="leave the test system running afterwards")
    return text


def main(arguments=None):
    """Run the command.

    :return: exit code: 0 when tests ran and all passed
    """
    options, rest = parser().parse_known_args(arguments)
    usual = Paths.from_environment()
    paths = Paths.from_environment(usual.state / "test")
    progress = Progress(paths.setup_log)
    signal.signal(signal.SIGTERM, _interrupt)
    usual.state.mkdir(parents=True, exist_ok=True)
    usual.state.chmod(0o711)
    paths.make()
    installation = Installation(progress, paths, fsync=False)
    try:
        with paths.lock(paths.state / "run"):
            try:
                return _run(progress, installation, options, rest)
            finally:
                if not options.keep:
                    installation.stop()
    except SetupError as error:
        print(f"\n{error.problem}", file=sys.stderr)
        if error.advice:
            print(f"What to do: {error.advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _interrupt(_signal, _frame):
    raise KeyboardInterrupt


def _run(progress, installation, options, rest):
    """Run the named tests, all without names, and sum up.

    The tests of an addon run in a database with that addon and what it stands on: it
    must work without the others. Those of the product start one of their own.

    :return: exit code
    """
    installation.prepare(extra_packages=system.TEST_PACKAGES)
    axe.ensure(progress, installation.paths)
    checkout = installation.paths.checkout
    named = [word for word in rest if (checkout / word.split("::")[0]).exists()]
    others = [word for word in rest if word not in named]
    total = Total()
    beside = None
    if not named and not options.bench:
        # What both stand on is there before they part.
        installation.databases.template(installation.odoo.closure("field_encrypted"))
        beside = Pytest(installation, options, [*BESIDE, *others], "beside")
        others += [f"--ignore={name}" for name in BESIDE]
    try:
        for addon, paths in _groups(installation.odoo.addons(), named, options.bench):
            if not paths:
                continue
            if addon is None:
                installation.forget_demo()
                if beside:
                    # What follows measures and races: it has the machine to itself.
                    progress.say(f"\n{', '.join(BESIDE)}, beside those above")
                    total.add(beside.finish(progress))
                    beside = None
            progress.say(f"\n{', '.join(paths)}")
            closure = installation.odoo.closure(addon or "field_encrypted")
            template = installation.databases.template(closure)
            installation.databases.copy(template, UNIT_DATABASE)
            total.add(Pytest(installation, options, [*paths, *others]).finish(progress))
    finally:
        if beside:
            beside.stop()
    total.tell(progress)
    return total.code()


def _groups(addons, named, bench):
    """Yield (addon, paths to run): each addon's, and None for the product's."""
    if not named:
        named = ["tests/bench"] if bench else ["addons", "tests"]
    named = [os.path.normpath(name) for name in named]
    for addon in addons:
        folder = f"addons/{addon}"
        if "addons" in named:
            yield addon, [folder]
        else:
            inside = (f"{folder}/", f"{folder}::")
            yield (
                addon,
                [n for n in named if n == folder or n.startswith(inside)],
            )
    yield None, [name for name in named if name.split("/")[0] == "tests"]


@dataclass
class Total:
    """What all runs of pytest came to."""

    counts: Counter = field(default_factory=Counter)
    failures: list = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def add(self, run):
        """Take over one run: its counts, and a run that broke off as a failure."""
        self.counts.update(run["counts"])
        self.failures += run["failures"]

    def failed(self):
        """Return how many tests failed or could not be set up."""
        return self.counts["failed"] + self.counts["error"]

    def code(self):
        """Return the exit code: no test is a failure too."""
        return 1 if self.failed() or not self.counts["passed"] else 0

    def tell(self, progress):
        """Print what failed, and the one line that sums up."""
        progress.say(f"\nAll of it, in {time.monotonic() - self.begun:.0f} s:")
        for failure in self.failures:
            progress.say(f"FAILED {failure}")
        skipped = (
            f", {self.counts['skipped']} skipped" if self.counts["skipped"] else ""
        )
        progress.say(f"{self.counts['passed']} passed, {self.failed()} failed{skipped}")


class Pytest:
    """One run of pytest, begun when it is made.

    :param list arguments: paths, and what pytest is told else
    :param str beside: a name, for a run whose words are kept until its end and that
        leaves Odoo's database of the unit tests alone
    """

    def __init__(self, installation, options, arguments, beside=None):
        paths = installation.paths
        self.arguments = arguments
        self.summary = paths.state / f"summary{beside or ''}.json"
        self.summary.unlink(missing_ok=True)
        self.output = None
        flags = [f"--{n}" for n in ("full", "bench", "chaos") if getattr(options, n)]
        if options.bench:
            names = ("python_files=bench_*.py", "python_functions=bench_*")
            flags += ["-s", *(word for name in names for word in ("-o", name))]
        env = {
            **os.environ,
            **installation.cluster.environment(),
            "PYTHONPATH": str(paths.checkout / "config"),
            "TEAHOUSE_TEST_STATE": str(paths.state),
            "TEAHOUSE_TEST_SUMMARY": str(self.summary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if beside:
            flags += ["-p", "no:odoo"]
            self.output = (paths.setup_log.parent / f"{beside}.log").open("w+b")
        else:
            conf = paths.state / "odoo-test.conf"
            # A limit of memory would pass on to browsers, which then do not start.
            limits = {"max_cron_threads": 0, "limit_memory_hard": 0}
            installation.odoo.write_conf(conf, UNIT_DATABASE, **limits)
            env["ODOO_RC"] = str(conf)
            flags += ["--odoo-http"]
        command = [
            *(installation.odoo.python, "-m", "pytest", "-q"),
            *("-p", "teahouse_setup.pytest_plugin", "-p", "no:cacheprovider"),
            *("--durations=5", "--durations-min=5", *flags, *arguments),
        ]
        self.process = subprocess.Popen(
            [str(part) for part in command],
            cwd=paths.checkout,
            env=env,
            stdout=self.output,
            stderr=subprocess.STDOUT if self.output else None,
        )

    def finish(self, progress):
        """Wait for the end and return what the plugin wrote down."""
        try:
            code = self.process.wait()
        except BaseException:
            self.stop()
            raise
        self._tell(progress)
        run = {"counts": {}, "failures": []}
        if self.summary.exists():
            run = json.loads(self.summary.read_text(encoding="utf-8"))
        if code not in (0, 1, 5) or not self.summary.exists():
            run["counts"]["error"] = run["counts"].get("error", 0) + 1
            words = " ".join(self.arguments)
            run["failures"].append(f"{words}: pytest ended with {code}")
        return run

    def _tell(self, progress):
        """Say what was kept back."""
        if self.output:
            self.output.seek(0)
            progress.say(self.output.read().decode(errors="replace"))
            self.output.close()

    def stop(self):
        """End it as Ctrl-C does, so that its tests clear away what they began."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


if __name__ == "__main__":
    sys.exit(main())
