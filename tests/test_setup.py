"""``config/run`` as a user meets it: status, a killed process, healing, stopping."""

import json
import os
import signal
import stat
import time

import pytest

SERVICES = ("broker", "gateway", "odoo", "postgres", "simulator")


def pid(stack, name):
    """Return the number of a service's process."""
    return json.loads((stack.state / "run" / f"{name}.json").read_text())["pid"]


def pids(stack):
    return {name: pid(stack, name) for name in SERVICES}


def test_everything_runs_and_says_so(stack):
    done = stack.run("--status")
    for name in SERVICES:
        assert f"{name:10} runs" in done.stdout
    assert f"{stack.base_url}/odoo" in done.stdout
    assert f"{stack.base_url}/teahouse/app" in done.stdout


def test_demo_file_is_complete_and_private(stack):
    file = stack.state / "demo.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    demo = stack.demo
    assert demo["database"] and demo["base_url"].startswith("http://127.0.0.1:")
    assert {"login", "password"} <= set(demo["admin"])
    assert len(demo["members"]) == 3
    assert all({"phone", "password"} == set(member) for member in demo["members"])
    assert {"host", "port", "gateway", "device"} <= set(demo["broker"])
    assert sum(len(store["rooms"]) for store in demo["stores"]) >= 4
    kinds = {device["kind"] for device in demo["devices"]}
    assert {"lock", "gate", "power", "light"} <= kinds


def test_every_login_works(stack):
    for user in (stack.demo["admin"], *stack.demo["staff"]):
        office = stack.office(user.get("role", "admin"))
        assert office.uid, user["login"]
    for number in range(3):
        assert stack.member(number).get("/me")["name"]


@pytest.mark.parametrize("name", SERVICES)
def test_killed_process_leaves_the_others_and_is_healed(stack, name):
    before = pids(stack)
    os.kill(before[name], signal.SIGKILL)
    time.sleep(1)
    for other, number in before.items():
        if other != name:
            os.kill(number, 0)
    assert stack.run("--status", check=False).returncode == 3

    stack.start()

    after = pids(stack)
    changed = {other for other in SERVICES if before[other] != after[other]}
    # Odoo's scheduled jobs would never come back after a loss of the database.
    assert changed == ({"postgres", "odoo"} if name == "postgres" else {name})
    assert stack.run("--status").returncode == 0
    assert stack.public.get("/stores")["items"]


def test_stop_and_second_start(stack):
    stack.run("--stop")
    assert stack.run("--status", check=False).returncode == 3

    stack.start()

    assert stack.public.get("/stores")["items"]
