"""Gateway and broker are killed all the time; doors stay honest.

Nothing is executed twice, nothing late, and what is said to be done was done. The
run is short by default, 60 s with ``--full`` and 10 minutes with ``--chaos``.
"""

import random
import time
from collections import Counter
from datetime import UTC

import pytest
from iot_parts import load

DEVICES = 20
LIFE_SECONDS = 8
LATE_SECONDS = 2
STEPS = (None, None, "claimed", "published", "ack_read", "ack_committed")


@pytest.fixture
def seconds(request):
    """Length of the run."""
    options = request.config.getoption
    return 600 if options("--chaos") else 60 if options("--full") else 15


@pytest.fixture
def house():
    """Outbox, broker and devices; the gateway comes and goes."""
    common = load()
    names = [f"lock{number}" for number in range(DEVICES)]
    outbox, broker = common.Outbox({}), common.Broker(names)
    fleet = None
    try:
        broker.start()
        for name in names:
            outbox.device(name)
        fleet = common.make_fleet(broker, [(name, "lock") for name in names])
        yield common, outbox, broker, fleet
    finally:
        if fleet:
            fleet.stop()
        broker.close()
        outbox.drop()


def press(outbox, dice):
    """Press a door that is not being opened already."""
    device = f"lock{dice.randrange(DEVICES)}"
    waiting = outbox.query(
        "SELECT 1 FROM teahouse_command c JOIN teahouse_device d ON d.id = c.device_id"
        " WHERE d.uid = %s AND c.state IN ('queued', 'sent')",
        (device,),
    )
    if not waiting:
        outbox.command(device, life=LIFE_SECONDS)


def test_kills(house, seconds):
    common, outbox, broker, fleet = house
    dice = random.Random(7)
    deadline = time.monotonic() + seconds
    kills = Counter()
    gateway = common.GatewayProcess(outbox, broker)
    next_broker = time.monotonic() + 4
    try:
        while time.monotonic() < deadline:
            gateway_end = time.monotonic() + dice.uniform(0.3, 2.5)
            while time.monotonic() < gateway_end and gateway.alive:
                press(outbox, dice)
                time.sleep(dice.uniform(0, 0.05))
            gateway.kill()
            kills["gateway"] += 1
            if time.monotonic() > next_broker:
                broker.kill()
                kills["broker"] += 1
                next_broker = time.monotonic() + dice.uniform(3, 6)
                broker.start()
            gateway = common.GatewayProcess(outbox, broker, crash=dice.choice(STEPS))
        gateway.kill()
        gateway = common.GatewayProcess(outbox, broker)
        common.wait_until(
            lambda: (
                not outbox.query(
                    "SELECT 1 FROM teahouse_command WHERE state IN ('queued', 'sent')"
                )
            ),
            LIFE_SECONDS + 10,
            "all closed",
        )
        time.sleep(LATE_SECONDS + 1)
    finally:
        gateway.kill()

    executed = [
        one for s in fleet.stations.values() for one in s.device.memory.executed
    ]
    times = Counter(one["id"] for one in executed)
    rows = {
        cmd_id: (state, expires)
        for cmd_id, state, expires in outbox.query(
            "SELECT cmd_id, state, expires_at FROM teahouse_command"
        )
    }
    print(f"\n{len(rows)} commands, kills {dict(kills)}")
    print(Counter((state, times[cmd_id]) for cmd_id, (state, _end) in rows.items()))
    assert len(rows) > 20
    assert [cmd_id for cmd_id, count in times.items() if count > 1] == []
    for cmd_id, (state, _expires) in rows.items():
        if state == "done":
            assert times[cmd_id] == 1, f"{cmd_id} was never executed"
        if state in ("expired", "failed", "cancelled"):
            assert times[cmd_id] == 0, f"{cmd_id} is {state} and was executed"
    for one in executed:
        end = rows[one["id"]][1].replace(tzinfo=UTC).timestamp()
        assert one["at"] <= end + LATE_SECONDS + 0.1, "executed late"
