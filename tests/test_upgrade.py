"""A teahouse of the version before, brought up to this one with its data."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from conftest import CHECKOUT, Stack
from journey import Journey
from test_backup import fingerprint

#: The version before: what is out there, and has to come along.
BEFORE = "04a2cf9"


@pytest.fixture
def old():
    """The checkout of the version before."""
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{BEFORE}^{{commit}}"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    if known.returncode:
        pytest.skip("the history of this checkout does not reach the version before")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    packed = subprocess.run(
        ["git", "archive", BEFORE], cwd=CHECKOUT, check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    yield folder
    shutil.rmtree(folder)


def test_data_comes_along(old):
    stack = Stack(old / "state")
    try:
        stack.start(checkout=old)
        list(Journey(stack.demo, member=1).play())
        before = fingerprint(stack)
        stack.run("--stop", checkout=old)

        assert "Update of" in stack.run("--detach").stdout
        stack.read_demo()
        counts, ledger = fingerprint(stack)
        assert ledger == before[1]
        for table, count in before[0].items():
            # Updating may leave a trace of its own, and loses none.
            assert counts[table] >= count, table
        with stack.no_traceback():
            list(Journey(stack.demo, member=0).play())
    finally:
        stack.run("--reset", "--yes")
