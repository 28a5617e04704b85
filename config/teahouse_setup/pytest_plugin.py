"""What our pytest runs need beside pytest-odoo: order, options, and no silent skips."""

import importlib.util
import inspect
import json
import os
from pathlib import Path

import pytest

UNIT, HTTP, BROWSER, PRODUCT = range(4)


def pytest_addoption(parser):
    """Add the switches that ``config/test`` hands on."""
    for name in ("full", "bench", "chaos"):
        parser.addoption(f"--{name}", action="store_true", default=False)


def pytest_configure(config):
    """Refuse to run where browser tests would be skipped in silence."""
    if importlib.util.find_spec("websocket") is None:
        raise pytest.UsageError(
            "websocket-client is missing: no browser test would run."
        )


def pytest_ignore_collect(collection_path, config):
    """Leave benchmarks to ``--bench``."""
    if collection_path.name == "bench" and not config.getoption("--bench"):
        return True
    return None


def pytest_collection_modifyitems(items):
    """Quick tests first: units, then HTTP, then browsers, then the product."""
    items.sort(key=lambda item: _rank(item))


def _rank(item):
    if "addons" not in item.path.parts:
        return PRODUCT
    names = {
        base.__name__ for base in inspect.getmro(getattr(item, "cls", None) or object)
    }
    if "HttpCase" not in names:
        return UNIT
    source = inspect.getsource(inspect.getmodule(item.cls))
    return BROWSER if "start_tour(" in source or "browser_js(" in source else HTTP


def pytest_terminal_summary(terminalreporter):
    """Write down what came of the run, for the sum over all of them."""
    file = os.environ.get("TEAHOUSE_TEST_SUMMARY")
    if file:
        stats = terminalreporter.stats
        names = ("passed", "failed", "error", "skipped")
        bad = [*stats.get("failed", ()), *stats.get("error", ())]
        summary = {
            "counts": {name: len(stats.get(name, ())) for name in names},
            "failures": [report.nodeid for report in bad],
        }
        Path(file).write_text(json.dumps(summary), encoding="utf-8")
