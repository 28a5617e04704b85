"""The files of ``config/production``, and what they start."""

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from client import wait_for
from teahouse_setup.settings import free_port
from test_stores_apart import NORTH, north

__all__ = ["north"]


@pytest.fixture
def certificate():
    """A certificate of one's own for the store's host, and its key."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    names = [folder / "certificate.pem", folder / "key.pem"]
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={NORTH}"),
            *("-addext", f"subjectAltName=DNS:{NORTH}"),
            *("-out", names[0], "-keyout", names[1]),
        ],
        check=True,
        capture_output=True,
    )
    names[1].chmod(0o644)
    yield names
    shutil.rmtree(folder)


def nobody_listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextmanager
def started(unit):
    """Run what a unit runs."""
    text = unit.read_text()
    command = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1])
    with (unit.parent / f"{unit.stem}.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd="/", start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def fetch(port, host, path, certificate=None):
    """Return (status, headers, body) of a request by a host name, with TLS or not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    if certificate:
        context = ssl.create_default_context(cafile=certificate)
        plain = socket.create_connection(("127.0.0.1", port), 20)
        connection.sock = context.wrap_socket(plain, server_hostname=host)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_runs_behind_tls(workers_stack, north, certificate):
    stack, (store, _password) = workers_stack, north
    pem, key = certificate
    ports = {name: free_port() for name in ("http", "https", "mqtt")}
    flags = [word for name, port in ports.items() for word in (f"--{name}", port)]
    stack.run(
        *("--certificate", pem, "--key", key, "--as-root", *flags),
        program="production",
    )
    folder = stack.state / "production"
    units = folder / "units"
    assert (folder / "odoo-north.conf").stat().st_mode & 0o077 == 0
    conf = (folder / "odoo-north.conf").read_text()
    for line in ("list_db = False", "proxy_mode = True", "workers = 4"):
        assert line in conf
    # Nothing of the demo's comforts comes along.
    assert "teahouse_allow_demo_payment = False" in conf
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", *units.glob("*.service")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "teahouse-" not in done.stderr, done.stderr

    # In place of the demo's own processes for this store.
    run = json.loads((stack.state / "run" / "odoo-north.json").read_text())
    os.kill(run["pid"], signal.SIGTERM)
    port = int(store["base_url"].rpartition(":")[2])
    wait_for(lambda: nobody_listens(port), "the old one's end", 30)
    path = "/teahouse/api/v1/stores"
    try:
        with ExitStack() as running:
            for name in ("odoo-north", "nginx", "broker"):
                running.enter_context(started(units / f"teahouse-{name}.service"))

            def answers():
                try:
                    return fetch(ports["https"], NORTH, "/web/health", pem)[0] == 200
                except OSError:
                    return False

            wait_for(answers, "an answer over TLS", 60)
            status, headers, body = fetch(ports["https"], NORTH, path, pem)
            assert status == 200 and "items" in json.loads(body)
            assert "max-age" in headers["Strict-Transport-Security"]
            # Plain requests are sent to TLS; strangers' hosts get nothing.
            status, headers, _body = fetch(ports["http"], NORTH, path)
            assert status == 301 and headers["Location"].startswith(f"https://{NORTH}")
            with pytest.raises(ssl.SSLError):
                fetch(ports["https"], "stranger.example.com", path, pem)
            assert fetch(ports["https"], NORTH, "/web/database/manager", pem)[0] == 404
            # Devices speak TLS as well, and nobody is anonymous.
            context = ssl.create_default_context(cafile=pem)
            plain = socket.create_connection(("127.0.0.1", ports["mqtt"]), 10)
            with context.wrap_socket(plain, server_hostname=NORTH) as link:
                link.sendall(bytes.fromhex("100c00044d5154540402003c0000"))
                assert link.recv(4) == bytes.fromhex("20020005")
    finally:
        stack.start(workers=8)


def test_files_for_containers_can_be_read():
    """The compose file was not run here; that it says what it means is checked."""
    import yaml

    folder = Path(__file__).resolve().parents[1] / "config" / "production_files"
    compose = yaml.safe_load((folder / "compose.yaml").read_text())
    services = compose["services"]
    assert {"postgres", "broker", "odoo", "gateway", "nginx"} <= set(services)
    for service in services.values():
        assert "image" in service or "build" in service
        for volume in service.get("volumes", []):
            name = volume.split(":")[0]
            assert name.startswith(("./", "../")) or name in compose["volumes"]
