"""What a guest at the door meets when devices and processes fail."""

import json
import os
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import wait_for
from journey import Journey

FINAL = ("done", "failed", "expired", "unknown")


class Stay(Journey):
    """A guest whose booking was confirmed at the counter, standing at the door.

    :param Stack stack: the running product
    """

    def __init__(self, stack):
        super().__init__(stack.demo)
        self.stack = stack
        self.api = stack.new_member()
        for _step in self.choose():
            pass
        self.ref = self.api.post("/bookings", {**self.times(), "people": 2})["ref"]
        office = stack.office("admin")
        [booking] = office.read("teahouse.booking", [("ref", "=", self.ref)], ["ref"])
        office.call("teahouse.booking", "action_confirm", [booking["id"]])

    def press(self):
        """Ask for the room's door."""
        path, key = f"/bookings/{self.ref}/door/open", str(uuid.uuid4())
        return self.api.send("POST", path, {"door": "room"}, key=key)

    def closed(self, command_id, seconds=20):
        """Wait for the end of a command and return it."""

        def ended():
            command = self.api.get(f"/commands/{command_id}")
            return command if command["state"] in FINAL else None

        return wait_for(ended, "the command's end", seconds)

    def opened(self):
        """Return how often the lock opened."""
        return len(self.devices.executed(self.uid("lock"), "unlock"))

    def pins(self):
        """Return the PINs the lock knows."""
        slots = self.devices.device(self.uid("lock"))["pins"]
        return [slot["pin"] for slot in slots.values()]

    def pin_is_set(self):
        """Wait until the lock has the guest's PIN and return it."""
        pin = self.api.get(f"/bookings/{self.ref}/pass")["pin"]
        wait_for(lambda: pin in self.pins(), "the PIN at the lock")
        return pin

    def clear(self):
        """Leave no trace for the next test."""
        self.devices.faults(self.uid("lock"), reset=True)
        self.stack.sql(
            "UPDATE teahouse_command SET state = 'cancelled' WHERE state IN"
            " ('queued', 'sent') AND booking_id ="
            " (SELECT id FROM teahouse_booking WHERE ref = %s)",
            self.ref,
        )
        self.stack.sql(
            "UPDATE teahouse_booking SET state = 'cancelled' WHERE ref = %s", self.ref
        )


@pytest.fixture
def stay(stack):
    """A stay that runs now."""
    stay = Stay(stack)
    lock = stay.uid("lock")
    wait_for(lambda: stay.devices.device(lock)["online"], "the lock")
    sql = "SELECT state FROM teahouse_device WHERE uid = %s"
    wait_for(lambda: stack.sql(sql, lock) == [("online",)], "the lock's birth")
    yield stay
    stay.clear()


def test_five_presses_open_once(stay):
    before = stay.opened()
    # Slower than the slowest press: Odoo lets colliding requests wait and try again.
    stay.devices.faults(stay.uid("lock"), slow_s=7)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _n: stay.press(), range(5)))

    assert {answer.status for answer in answers} == {202}
    (command_id,) = {answer.body["command_id"] for answer in answers}
    assert stay.closed(command_id)["state"] == "done"
    assert stay.opened() == before + 1


def test_open_door_checks_in_and_power_comes_on(stay):
    command = stay.press().body
    assert stay.closed(command["command_id"])["state"] == "done"

    state = lambda: stay.api.get(f"/bookings/{stay.ref}")["state"]  # noqa: E731
    wait_for(lambda: state() == "in_use", "the check-in")
    power = stay.uid("power")
    wait_for(lambda: stay.devices.is_on(power, "power"), "the power")


def test_offline_lock_is_said_at_once_and_the_pin_opens(stay):
    pin, lock = stay.pin_is_set(), stay.uid("lock")
    stay.devices.faults(lock, offline=True)
    sql = "SELECT state FROM teahouse_device WHERE uid = %s"
    wait_for(lambda: stay.stack.sql(sql, lock) == [("offline",)], "the lock's will")
    before = stay.opened()
    answer = stay.press()

    assert (answer.status, answer.code) == (503, "device_offline")
    assert pin in json.dumps(answer.body)
    stay.devices.press(lock, pin)
    assert stay.opened() == before + 1
    assert stay.devices.press(lock, "000000")["ok"] is False


@pytest.mark.parametrize(
    ("fault", "state", "openings"),
    [
        ({"lie": "jammed"}, "failed", 0),
        ({"lie": "busy"}, "failed", 0),
        ({"dup_ack": True}, "done", 1),
        ({"drop_ack": True}, "unknown", 1),
    ],
    ids=["jammed", "busy", "answers-twice", "answer-lost"],
)
def test_lock_with_a_fault(stay, fault, state, openings):
    pin, before = stay.pin_is_set(), stay.opened()
    stay.devices.faults(stay.uid("lock"), **fault)
    command = stay.closed(stay.press().body["command_id"], 30)

    assert command["state"] == state
    assert stay.opened() == before + openings
    assert command["pin"] == (None if state == "done" else pin)


def test_gateway_killed_with_a_door_under_way(stay):
    before = stay.opened()
    stay.devices.faults(stay.uid("lock"), slow_s=1)
    command_id = stay.press().body["command_id"]
    sql = "SELECT state FROM teahouse_command WHERE cmd_id = %s"
    wait_for(lambda: stay.stack.sql(sql, command_id) == [("sent",)], "the claim")
    file = stay.stack.state / "run" / "gateway.json"
    os.kill(json.loads(file.read_text())["pid"], signal.SIGKILL)
    stay.stack.start()

    assert stay.closed(command_id, 60)["state"] == "done"
    assert stay.opened() == before + 1


def test_nothing_opens_after_the_right_is_gone(stay):
    pin, before = stay.pin_is_set(), stay.opened()
    stay.api.post(f"/bookings/{stay.ref}/cancel")
    answer = stay.press()

    assert answer.status in (403, 409), answer.body
    wait_for(lambda: pin not in stay.pins(), "the PIN gone from the lock")
    assert stay.opened() == before
