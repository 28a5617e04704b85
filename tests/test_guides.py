"""What the guides say exists: routes, menus, files, tests, options of commands."""

import re
import subprocess

import pytest
from conftest import CHECKOUT

GUIDES = sorted((CHECKOUT / "docs").rglob("*.md")) + [CHECKOUT / "README.md"]
ADDONS = CHECKOUT / "addons"


def told(pattern):
    """Return what the guides say in a form."""
    texts = (guide.read_text("utf-8") for guide in GUIDES)
    return {found for text in texts for found in re.findall(pattern, text)}


def shape(path):
    """Return a path without the names of its parameters and what it asks."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])


def test_routes_exist(stack):
    described = stack.public.get("/openapi.json")["paths"]
    known = {
        (method.upper(), shape(path.removeprefix("/teahouse/api/v1")))
        for path, methods in described.items()
        for method in methods
    }
    named = told(r"`(GET|POST|PUT|PATCH|DELETE) (/[^\s`]+)")
    named = {(method, shape(path)) for method, path in named}
    assert len(named) > 20
    assert named <= known


def test_menus_exist():
    """They do, by their English or their Chinese names."""
    ways = told(r"\*([^*\s][^*\n]* > [^*]+)\*")
    named = {" ".join(word.split()) for way in ways for word in way.split(" > ")}
    files = (file.read_text("utf-8") for file in ADDONS.glob("*/**/*.xml"))
    menus = {
        name
        for text in files
        for name in re.findall(r'<menuitem[^>]* name="([^"]+)', text)
    }
    for file in ADDONS.glob("*/i18n/zh_CN.po"):
        found = re.findall(r'msgid "(.+)"\nmsgstr "(.+)"', file.read_text("utf-8"))
        menus |= {chinese for english, chinese in found if english in menus}
    assert named
    assert named <= menus


def test_tests_exist():
    sources = [*ADDONS.glob("*/tests/**/*.py"), *CHECKOUT.glob("tests/**/*.py")]
    sources += ADDONS.glob("*/static/tests/**/*.js")
    text = "\n".join(file.read_text("utf-8") for file in sources)
    known = set(re.findall(r"\bdef ((?:test|bench)_\w+)", text))
    known |= {file.stem for file in sources}
    assert told(r"`[^`\n]*?\b((?:test|bench)_[a-z0-9_]+)") <= known


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_links_lead_somewhere(guide):
    for link in re.findall(r"\]\(([^)#]+)", guide.read_text("utf-8")):
        if "://" not in link:
            assert (guide.parent / link).exists(), link


def test_options_of_commands_exist():
    named = told(r"config/([a-z-]+)[^`\n|]*? (--[a-z-]+)")
    for program in {program for program, _option in named}:
        command = [CHECKOUT / "config" / program, "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        wanted = {option for one, option in named if one == program}
        assert wanted <= set(re.findall(r"--[a-z-]+", done.stdout))
    assert named
