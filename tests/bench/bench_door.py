"""From a guest's press to the lock's acknowledgement, over API, outbox and broker."""

import threading
import time

import paho.mqtt.client as mqtt
from client import wait_for
from journey import Journey

PRESSES = 40


def bench_door(stack, report):
    """The floor: a message through the same broker and back."""
    journey = Journey(stack.demo)
    for step in journey.play():
        if step.did == "walks in":
            break
    floor = round_trips(stack.demo["broker"], PRESSES)
    seconds = [press(stack, journey) for _ in range(PRESSES)]
    report("broker round trip", floor)
    report("door press to lock acknowledged", seconds, floor)
    for _step in journey.leave():
        pass


def press(stack, journey):
    """Press once and return the seconds until the acknowledgement was stored."""
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
    return float(moment) - begun


def round_trips(broker, count):
    """Return the seconds from publishing to receiving, QoS 1, one after another."""
    arrived = threading.Event()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="bench-floor")
    client.username_pw_set(broker["gateway"]["username"], broker["gateway"]["password"])
    client.on_message = lambda *_: arrived.set()
    client.on_subscribe = lambda *_: arrived.set()
    client.connect(broker["host"], broker["port"])
    client.loop_start()
    client.subscribe("th/v1/bench/floor", qos=1)
    arrived.wait(5)
    seconds = []
    for _ in range(count):
        arrived.clear()
        begun = time.perf_counter()
        client.publish("th/v1/bench/floor", b"x" * 200, qos=1)
        arrived.wait(5)
        seconds.append(time.perf_counter() - begun)
    client.loop_stop()
    client.disconnect()
    return seconds
