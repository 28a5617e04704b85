"""Maps are a help, not a need: the set-up gets Leaflet, or does without."""

import io
import os

import pytest
from teahouse_setup import leaflet
from teahouse_setup.paths import CHECKOUT, Paths
from teahouse_setup.progress import Progress


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "state", tmp_path / "cache", tmp_path / "checkout")


def ensure(paths):
    shown = io.StringIO()
    done = leaflet.ensure(Progress(paths.state / "log", shown), paths)
    return done, shown.getvalue()


def test_without_the_net_the_set_up_goes_on(paths, monkeypatch):
    monkeypatch.setenv("PATH", str(paths.state))
    done, shown = ensure(paths)
    assert not done
    assert "no map" in shown
    assert not (paths.addons / leaflet.SERVED).exists()


def test_a_kept_package_is_put_where_pages_look(paths):
    kept = paths.cache / "leaflet" / "unpacked" / leaflet.INSIDE
    (kept / "images").mkdir(parents=True)
    for name in ("leaflet.min.js", "leaflet.css", "images/marker-icon.png"):
        (kept / name).write_text(name)
    assert ensure(paths)[0]
    served = paths.addons / leaflet.SERVED
    assert (served / "leaflet.js").read_text() == "leaflet.min.js"
    before = os.stat(served / "leaflet.js").st_mtime_ns
    done, shown = ensure(paths)
    assert done and not shown, "the second time there is nothing to do"
    assert os.stat(served / "leaflet.js").st_mtime_ns == before


def test_it_is_no_part_of_the_repository():
    ignored = (CHECKOUT / ".gitignore").read_text().splitlines()
    assert f"/addons/{leaflet.SERVED}/" in ignored
