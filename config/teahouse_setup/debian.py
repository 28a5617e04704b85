"""Odoo 19 as Debian packages it, unpacked into a folder of its own.

The package lives in Debian's unstable suite and wants a newer Python, so it is never
installed: apt, given its own lists and cache, only downloads it.
"""

import os
import platform
import shutil
from pathlib import Path

from .progress import SetupError

#: Packages that only the unstable suite has.
UNSTABLE = ("odoo-19", "fonts-montserrat")
#: Odoo's assets are links into these; Font Awesome must be this suite's 4.7.
OWN_SUITE = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
#: Left out of Debian's build; without it the web client logs an error on each page.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
LIBRARY = "usr/lib/python3/dist-packages"
COMPLETE = ".complete"


class UnpackError(SetupError):
    """A package file is damaged."""


def unstable_source(sources=Path("/etc/apt")):
    """Return a deb822 source for unstable, made from the machine's own Debian source.

    :param Path sources: apt's configuration folder
    :return: None when the machine has no Debian source
    :rtype: str | None
    """
    files = [*sorted((sources / "sources.list.d").glob("*.sources"))]
    for file in files:
        for stanza in file.read_text(encoding="utf-8").split("\n\n"):
            found = _from_stanza(stanza)
            if found:
                return found
    lists = [
        sources / "sources.list",
        *sorted((sources / "sources.list.d").glob("*.list")),
    ]
    for file in lists:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        for line in lines:
            found = _from_line(line)
            if found:
                return found
    return None


def _from_stanza(stanza):
    fields = {}
    for line in stanza.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith(("#", " ", "\t")):
            fields[name.strip().lower()] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no":
        return None
    suites = fields.get("suites", "").split()
    if not _is_main_archive(suites, fields.get("components", "")):
        return None
    return _stanza(fields["uris"].split()[0], fields.get("signed-by"))


def _from_line(line):
    words = line.split("#")[0].split()
    if not words or words[0] != "deb":
        return None
    options, rest = "", words[1:]
    if rest and rest[0].startswith("["):
        end = next(i for i, word in enumerate(rest) if word.endswith("]"))
        options, rest = " ".join(rest[: end + 1]).strip("[] "), rest[end + 1 :]
    if len(rest) < 3 or not _is_main_archive([rest[1]], " ".join(rest[2:])):
        return None
    keys = dict(option.partition("=")[::2] for option in options.split())
    return _stanza(rest[0], keys.get("signed-by"))


def _is_main_archive(suites, components):
    special = ("-security", "-updates", "-backports")
    main = [suite for suite in suites if not any(part in suite for part in special)]
    return bool(main) and "main" in components.split()


def _stanza(uri, signed_by):
    lines = ["Types: deb", f"URIs: {uri}", "Suites: sid", "Components: main"]
    if signed_by:
        lines.append(f"Signed-By: {signed_by}")
    return "\n".join(lines) + "\n"


def ensure(progress, cache, work):
    """Return the unpacked prefix, downloaded and unpacked if it is not there.

    :param Path cache: holds ``debs/`` and ``odoo-debian-<version>/``
    :param Path work: for apt's lists, removed afterwards
    :raise SetupError: apt does not find the packages, or links are broken
    """
    for prefix in sorted(cache.glob("odoo-debian-*"), reverse=True):
        if (prefix / COMPLETE).exists() and (prefix / LIBRARY / "odoo").is_dir():
            return prefix
        shutil.rmtree(prefix, ignore_errors=True)
    if platform.machine() != "x86_64" and not shutil.which("dpkg-deb"):
        raise SetupError("Debian's packages cannot be unpacked here.")
    with progress.step("Odoo 19 from Debian (122 MB)") as step:
        folder = cache / "debs"
        debs = _download(progress, folder, work)
        try:
            prefix = _unpack(progress, debs, cache)
        except UnpackError:
            # A download that was cut short, or a disk that forgot: once more.
            shutil.rmtree(folder)
            prefix = _unpack(progress, _download(progress, folder, work), cache)
        step.detail = prefix.name.removeprefix("odoo-debian-")
    return prefix


def _download(progress, folder, work):
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: _kept(folder, name) for name in (*UNSTABLE, *OWN_SUITE)}
    if not all(found[name] for name in UNSTABLE):
        source = unstable_source()
        if not source:
            raise SetupError("No Debian package source is configured on this machine.")
        options = _isolated_apt(work, source)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        progress.run(["apt-get", *options, "update"], env=env)
        progress.run(["apt-get", *options, "download", *UNSTABLE], cwd=folder, env=env)
    absent = [name for name in OWN_SUITE if not found[name]]
    if absent:
        sandbox = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
        progress.run(["apt-get", *sandbox, "download", *absent], cwd=folder)
    shutil.rmtree(work, ignore_errors=True)
    return [_kept(folder, name) for name in (*UNSTABLE, *OWN_SUITE)]


def _kept(folder, name):
    """Return a package file of this or an earlier download, None without one."""
    return max(folder.glob(f"{name}_*.deb"), default=None)


def _isolated_apt(work, source):
    """Write apt's own small world; the machine's configuration stays untouched."""
    parts = work / "parts"
    for folder in (parts, work / "lists/partial", work / "cache/archives/partial"):
        folder.mkdir(parents=True, exist_ok=True)
    (parts / "unstable.sources").write_text(source, encoding="utf-8")
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": parts,
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
    }
    return [word for k, v in settings.items() if v for word in ("-o", f"{k}={v}")]


def _unpack(progress, debs, cache):
    version = debs[0].name.split("_")[1].replace("%3a", ":")
    if not version.startswith("19.0"):
        raise SetupError(f"Debian has Odoo {version} now, not 19.0.")
    prefix = cache / f"odoo-debian-{version}"
    shutil.rmtree(prefix, ignore_errors=True)
    for deb in debs:
        try:
            progress.run(["dpkg-deb", "-x", deb, prefix])
        except SetupError as error:
            raise UnpackError(error.problem) from error
    stub = prefix / LIBRARY / LEFT_OUT
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.touch()
    broken = [
        path for path in prefix.rglob("*") if path.is_symlink() and not path.exists()
    ]
    if broken:
        names = "\n".join(f"    {path.relative_to(prefix)}" for path in broken[:10])
        raise SetupError(
            f"Odoo's package points to files that no package brought:\n{names}",
            "Every page would fail. Give an Odoo 19 by ODOO_HOME instead.",
        )
    (prefix / COMPLETE).write_text("".join(f"{deb.name}\n" for deb in debs))
    return prefix
