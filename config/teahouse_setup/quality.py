"""``config/quality``: what tools can judge about the code."""

import argparse
import shutil
import subprocess
import sys
import venv

from .paths import CHECKOUT, Paths, digest
from .progress import Progress, SetupError

RULES = CHECKOUT / "config" / "quality_rules"
#: Rules of pylint-odoo that do not fit, and why.
PYLINT_OFF = {
    "manifest-required-author": "the addons are not the OCA's",
    "missing-readme": "readme/ holds the parts, as OCA's generator wants them",
    "consider-merging-classes-inherited": "a large model is split by idea, on purpose",
    "missing-return": "hooks and computed fields return nothing",
    "method-required-super": "files, links and form models are no stored records",
    "no-search-all": "stores, tiers, kinds: tables of some rows, wanted whole",
}
#: Rules of OCA's hooks that do not fit, and why.
HOOKS_OFF = {
    "xml-header-wrong": "one of several spellings of the same header",
    "xml-field-numeric-without-eval": "Odoo converts by the field's type",
    "xml-create-user-wo-reset-password": "demo logins have passwords and no mailbox",
    "xml-tag-position": "an order of attributes",
    "xml-duplicate-record-id": "demo data completes a record in steps",
}


class Tools:
    """The judges, installed once for all checkouts of the machine."""

    def __init__(self, progress, paths):
        self._progress, self._paths = progress, paths

    def python(self):
        """Return the folder of the Python tools' programs."""
        wanted = RULES / "requirements.txt"
        folder = self._paths.cache / f"quality-{digest(wanted, sys.version)}"
        with self._paths.lock(self._paths.cache):
            if not (folder / ".complete").exists():
                with self._progress.step("Tools for Python"):
                    shutil.rmtree(folder, ignore_errors=True)
                    venv.create(folder, with_pip=True)
                    pip = [folder / "bin/python", "-m", "pip", "install", "-q"]
                    self._progress.run([*pip, "-r", wanted])
                    (folder / ".complete").touch()
        return folder / "bin"

    def node(self):
        """Return the folder of the browser code's tools.

        :raise SetupError: there is no npm
        """
        if not shutil.which("npm"):
            raise SetupError("npm is not installed.", "apt-get install nodejs npm")
        files = [RULES / "package.json", RULES / "eslint.config.mjs"]
        folder = self._paths.cache / f"eslint-{digest(*files)}"
        with self._paths.lock(self._paths.cache):
            if not (folder / ".complete").exists():
                with self._progress.step("Tools for the browser's code"):
                    shutil.rmtree(folder, ignore_errors=True)
                    folder.mkdir(parents=True)
                    for file in files:
                        shutil.copy(file, folder)
                    npm = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
                    self._progress.run(npm, cwd=folder)
                    (folder / ".complete").touch()
        return folder


def _addons():
    return sorted(str(p.parent) for p in CHECKOUT.glob("addons/*/__manifest__.py"))


def ruff(tools):
    """Errors, style, complexity, and one layout."""
    program = tools.python() / "ruff"
    folders = ["addons", "config", "tests"]
    return [[program, "check", *folders], [program, "format", "--check", *folders]]


def pylint(tools):
    """What Odoo's own conventions ask of Python."""
    return [
        [
            *(tools.python() / "python", "-m", "pylint", "--load-plugins=pylint_odoo"),
            *("--disable=all", "--enable=odoolint", "--score=n"),
            *("--valid-odoo-versions=19.0", f"--disable={','.join(PYLINT_OFF)}"),
            *_addons(),
        ]
    ]


def hooks(tools):
    """Manifests, XML, access files and translations."""
    folder = tools.python()
    words = sorted(map(str, CHECKOUT.glob("addons/*/i18n/*.po*")))
    return [
        [
            *(folder / "oca-checks-odoo-module", f"--disable={','.join(HOOKS_OFF)}"),
            *_addons(),
        ],
        [folder / "oca-checks-po", "--disable=po-pretty-format", *words],
    ]


def eslint(tools):
    """The browser's code."""
    folder = tools.node()
    found = [str(p) for p in sorted(CHECKOUT.glob("addons/*/static"))]
    return [
        [
            *(folder / "node_modules/.bin/eslint", "-c", folder / "eslint.config.mjs"),
            *("--no-error-on-unmatched-pattern", "--ignore-pattern", "**/lib/**"),
            *found,
        ]
    ]


GATES = {gate.__name__: gate for gate in (ruff, pylint, hooks, eslint)}


def main(arguments=None):
    """Run the command.

    :return: exit code: 0 when nothing is found
    """
    parser = argparse.ArgumentParser(
        prog="config/quality", description="Judges the code, by all rules or the named."
    )
    parser.add_argument("gate", nargs="*", choices=[*GATES, []], metavar="GATE")
    chosen = parser.parse_args(arguments).gate or list(GATES)
    paths = Paths.from_environment()
    tools = Tools(Progress(paths.setup_log), paths)
    failed = []
    try:
        for name in chosen:
            for command in GATES[name](tools):
                done = subprocess.run(
                    [str(part) for part in command], cwd=CHECKOUT, check=False
                )
                if done.returncode and name not in failed:
                    failed.append(name)
    except SetupError as error:
        print(f"\n{error.problem}\nWhat to do: {error.advice}", file=sys.stderr)
        return 2
    print(f"Refused by: {', '.join(failed)}" if failed else "Nothing was found.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
