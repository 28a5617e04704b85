"""Two stores of different owners: a database each, routed by host name."""

import re

import pytest
from client import ApiError, BackOffice, request

NORTH = "north.example.com"


@pytest.fixture
def north(workers_stack):
    """A store without devices, beside the demo."""
    stack = workers_stack
    made = [one["name"] for one in stack.demo["databases"]]
    if "north" not in made:
        done = stack.run(
            *("north", "--host", NORTH, "--addons", "teahouse_billing"),
            program="store-new",
        )
        # Said once, and never again.
        stack.north_password = re.search(r"admin / (\S+)", done.stdout)[1]
        stack.read_demo()
    (store,) = [one for one in stack.demo["databases"] if one["name"] == "north"]
    return store, stack.north_password


def at(stack, host, method, path, body=None):
    """Send a request to the one address of all stores, by a host name."""
    return request(stack.base_url, method, path, body, {"Host": host})


def test_each_host_has_its_own_store(workers_stack, north):
    stack, (store, password) = workers_stack, north
    prefix = "/teahouse/api/v1"
    assert store["addons"][-1] == "teahouse_billing"
    mine = at(stack, NORTH, "GET", f"{prefix}/stores")
    assert mine.body["items"] == []
    assert at(stack, "elsewhere", "GET", f"{prefix}/stores").body["items"]

    # Capabilities follow the addons: without devices there are no doors.
    paths = at(stack, NORTH, "GET", f"{prefix}/openapi.json").body["paths"]
    assert not [path for path in paths if "door" in path]
    paths = at(stack, "elsewhere", "GET", f"{prefix}/openapi.json").body["paths"]
    assert [path for path in paths if "door" in path]

    # People and passwords of one are nobody in the other.
    who = {"grant": "password", **stack.demo["members"][0]}
    assert at(stack, NORTH, "POST", f"{prefix}/auth/sessions", who).status == 401
    office = BackOffice(store["base_url"], "north", "admin", password)
    assert office.read("teahouse.store", [], ["name"]) == []
    with pytest.raises(ApiError):
        BackOffice(store["base_url"], "north", **stack.demo["admin"])
    session = {"Cookie": stack.office("admin").session, "Host": NORTH}
    body = {"jsonrpc": "2.0", "method": "call", "params": {}}
    path = "/web/session/get_session_info"
    answer = request(stack.base_url, "POST", path, body, session)
    assert "error" in answer.body

    # It lives: a store, a room, and somebody finds it.
    (store_id,) = office.call(
        "teahouse.store",
        "create",
        [{"name": "北门茶室", "latitude": 30.3, "longitude": 120.1}],
    )
    office.call("teahouse.room", "create", [{"name": "竹", "store_id": store_id}])
    found = at(stack, NORTH, "GET", f"{prefix}/stores?lat=30.3&lng=120.1").body
    assert [one["name"] for one in found["items"]] == ["北门茶室"]


def test_names_that_cannot_be(workers_stack):
    for name, host in (
        ("teahouse", "a.example.com"),
        ("No Name", "a.example.com"),
        ("fine", "no host"),
    ):
        done = workers_stack.run(name, "--host", host, program="store-new", check=False)
        assert done.returncode == 1 and "What to do" in done.stderr
        assert "Traceback" not in done.stderr
    done = workers_stack.run(
        "fine", "--addons", "tea", program="store-new", check=False
    )
    assert done.returncode == 1 and "There is no addon tea" in done.stderr
