"""From a guest's press over HTTP to the lock, beside the least it could cost.

The floor is what cannot be saved: a signed-in request that creates one record by the
ORM, and the bare outbox of `bench_iot.py` on the same database and broker.
"""

import json
import subprocess
import sys
import time
import uuid
from types import SimpleNamespace

import bench_iot
from client import wait_for
from journey import Journey

PRESSES = 40


def bench_door(stack, report):
    """Press a door, and do the least, in turns."""
    journey = Journey(stack.demo)
    for step in journey.play():
        if step.did == "walks in":
            break
    office = stack.office("admin")
    outbox = Outbox(stack)
    try:
        creates, sends, presses, done = [], [], [], []
        for _number in range(PRESSES):
            creates.append(create(office))
            sends.append(outbox.send())
            arrived, acknowledged = press(stack, journey)
            presses.append(arrived)
            done.append(acknowledged)
    finally:
        outbox.close()
    floor = [one + other for one, other in zip(creates, sends, strict=True)]
    report("signed-in request with one ORM create", creates)
    report("bare outbox, COMMIT to device", sends)
    report("door press over HTTP to the lock", presses, floor)
    report("door press over HTTP to acknowledged", done, floor)
    for _step in journey.leave():
        pass


def create(office):
    """Return the seconds of a request that creates a record."""
    mark = uuid.uuid4().hex
    begun = time.perf_counter()
    office.call("teahouse.facility", "create", [{"name": mark, "code": mark}])
    return time.perf_counter() - begun


def press(stack, journey):
    """Press once; return the seconds until the lock acted and until that was stored."""
    lock = journey.uid("lock")
    before = len(journey.devices.executed(lock, "unlock"))
    begun = time.time()
    answer = journey.api.post(
        f"/bookings/{journey.ref}/door/open", {"door": "room"}, expect=202
    )

    def closed():
        rows = stack.sql(
            "SELECT extract(epoch FROM closed_at), state FROM teahouse_command"
            " WHERE cmd_id = %s AND closed_at IS NOT NULL",
            answer["command_id"],
        )
        return rows[0] if rows else None

    moment, state = wait_for(closed, "the lock")
    assert state == "done"
    acts = journey.devices.executed(lock, "unlock")
    assert len(acts) == before + 1
    return acts[-1]["at"] - begun, float(moment) - begun


class Outbox:
    """The bare outbox of the other benchmark, beside the product's own."""

    def __init__(self, stack):
        secrets = json.loads((stack.state / "settings.json").read_text())
        parameters = {
            **stack.demo["postgres"],
            "dbname": stack.demo["database"],
            "user": "teahouse",
            "password": secrets["database_password"],
        }
        self._stack = stack
        stack.sql("DROP TABLE IF EXISTS floor")
        stack.sql(bench_iot.FLOOR_TABLE)
        broker = stack.demo["broker"]
        user = broker["gateway"]["username"], broker["gateway"]["password"]
        arguments = json.dumps([parameters, broker["port"], *user])
        self._process = subprocess.Popen(
            [sys.executable, bench_iot.__file__, "--floor", arguments]
        )
        endpoint = SimpleNamespace(
            host=broker["host"], port=broker["port"], username=user[0], password=user[1]
        )
        self._devices = bench_iot.Devices(endpoint, ["floor/+/cmd"])
        query = lambda sql, values: stack.sql(sql, *values)  # noqa: E731
        self._side = bench_iot.Side(
            "floor",
            SimpleNamespace(parameters=parameters, query=query),
            *bench_iot.FLOOR_SIDE,
        )
        time.sleep(2)

    def send(self):
        """Return the seconds from a COMMIT to the device."""
        self._side.press(self._devices)
        return self._side.to_device[-1]

    def close(self):
        """Stop, and leave nothing behind."""
        self._process.kill()
        self._process.wait()
        self._devices.close()
        self._side.close()
        self._stack.sql("DROP TABLE floor")
