"""axe-core helps the tests: the set-up gets it, or does without."""

import io
import tarfile

import pytest
from teahouse_setup import axe
from teahouse_setup.paths import Paths
from teahouse_setup.progress import Progress


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "state", tmp_path / "cache", tmp_path / "checkout")


def ensure(paths):
    shown = io.StringIO()
    done = axe.ensure(Progress(paths.state / "log", shown), paths)
    return done, shown.getvalue()


def test_without_npm_the_set_up_goes_on(paths, monkeypatch):
    monkeypatch.setenv("PATH", str(paths.state))
    done, shown = ensure(paths)
    assert not done
    assert "skipped" in shown


def test_another_package_is_not_taken(paths, monkeypatch):
    bin_ = paths.state / "bin"
    bin_.mkdir(parents=True)
    archive = paths.state / "other.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(axe.SCRIPT), io.BytesIO())
    npm = bin_ / "npm"
    npm.write_text(f"#!/bin/sh\ncp {archive} axe-core-{axe.VERSION}.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:/usr/bin:/bin")
    done, _shown = ensure(paths)
    assert not done
    assert not axe.script(paths).exists()


def test_what_is_kept_is_not_fetched_again(paths, monkeypatch):
    monkeypatch.setenv("PATH", str(paths.state))
    script = axe.script(paths)
    script.parent.mkdir(parents=True)
    script.write_text("axe")
    assert ensure(paths)[0]
