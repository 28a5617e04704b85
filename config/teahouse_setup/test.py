"""``config/test``: one pytest run over the addons and over the product from outside."""

import argparse
import os
import signal
import subprocess
import sys

from . import system
from .installation import Installation
from .paths import Paths
from .progress import Progress, SetupError

UNIT_DATABASE = "teahouse_unit"


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

    :return: pytest's exit code, or 1 when the set-up failed
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
                conf = _prepare(progress, installation)
                return _pytest(installation, conf, options, rest)
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


def _prepare(progress, installation):
    """Set up as ``config/run`` does, with a fresh database for the addons' tests."""
    installation.prepare(extra_packages=system.TEST_PACKAGES)
    databases = installation.databases
    template = databases.template()
    with progress.step("Fresh test database"):
        databases.copy(template, UNIT_DATABASE)
    conf = installation.paths.state / "odoo-test.conf"
    # Tests of the addons reach no broker and send no SMS.
    installation.odoo.write_conf(conf, UNIT_DATABASE, max_cron_threads=0)
    return conf


def _pytest(installation, conf, options, rest):
    paths = installation.paths
    checkout = paths.checkout
    flags = [
        f"--{name}" for name in ("full", "bench", "chaos") if getattr(options, name)
    ]
    named = [word for word in rest if (checkout / word.split("::")[0]).exists()]
    if not named:
        rest = [*(["tests/bench"] if options.bench else ["addons", "tests"]), *rest]
    if options.bench:
        rest += [
            "-s",
            "-o",
            "python_files=bench_*.py",
            "-o",
            "python_functions=bench_*",
        ]
    command = [
        *(installation.odoo.python, "-m", "pytest", "--odoo-http"),
        *("-p", "teahouse_setup.pytest_plugin", "-p", "no:cacheprovider"),
        *("-q", "--durations=15", *flags, *rest),
    ]
    env = {
        **os.environ,
        **installation.cluster.environment(),
        "ODOO_RC": str(conf),
        "PYTHONPATH": str(checkout / "config"),
        "TEAHOUSE_TEST_STATE": str(paths.state),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [str(part) for part in command], cwd=checkout, env=env, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
