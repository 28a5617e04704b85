"""Profiles of other makes against payloads that their documentation shows.

Sources, as stored copies: `tasmota/docs` at 9849ab94 (MQTT.md, Commands.md, SCD40
sample), shelly-api-docs.shelly.cloud (gen2 RPC protocol, Switch, Mqtt) with the
response recorded by a public integration for `shellyplus1-a8032abc7158`,
`bieniu/ha-shellies-discovery-gen2` at 9a1660b (topics and fields of sensors),
`Koenkk/zigbee2mqtt.io` (mqtt_topics_and_messages.md, device-availability.md),
`home-assistant/home-assistant.io` (lock.mqtt, mqtt discovery).
"""

import json
import random
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..engine import profile
from ..engine.profile import ForeignDevice, ProfileError, build, values
from ..engine.profile.pointer import MISSING, find, parse
from ..engine.protocol import Ack, Event, ProtocolError, Status, Tele

FILES = Path(__file__).parent.parent / "data" / "profiles"
NOW = 1_795_345_120.0
RPC = "th/v1/gw/shelly/rpc"


def definition(code):
    """Return the definition the addon delivers."""
    return json.loads((FILES / f"{code}.json").read_text(encoding="utf-8"))


def device(code, ref="door1", **extra):
    """Return a device of a delivered profile."""
    return ForeignDevice("dev-1", ref, build(definition(code)), extra)


class ProfileCase(BaseCase):
    def hear(self, dev, topic, payload, retained=False, now=NOW):
        """Let a device hear a message; payload is text or an object."""
        if not isinstance(payload, bytes | str):
            payload = json.dumps(payload)
        raw = payload if isinstance(payload, bytes) else payload.encode()
        return dev.take(topic, profile.read(raw), retained, "fresh", now)

    def order(self, dev, act, now=NOW, **args):
        topic, payload = dev.order("c-1", 7, int(now) + 15, act, args, now)
        return topic, payload.decode()

    def readings(self, messages):
        [tele] = [one for one in messages if isinstance(one, Tele)]
        return tele.values


@tagged("post_install", "-at_install")
class TestTasmota(ProfileCase):
    def test_door_is_a_pulse_the_device_times_itself(self):
        dev = device("tasmota")
        self.assertEqual(
            self.order(dev, "unlock", pulse_ms=5000),
            ("cmnd/door1/Backlog", "PulseTime1 50; POWER1 ON"),
        )
        [ack] = self.hear(dev, "stat/door1/RESULT", {"POWER": "ON"})
        self.assertEqual((ack.id, ack.st), ("c-1", "done"))
        self.assertEqual(self.hear(dev, "stat/door1/RESULT", {"POWER": "ON"}), [])

    def test_indexed_answer_and_the_pulse_time_that_comes_first(self):
        dev = device("tasmota")
        self.order(dev, "unlock", pulse_ms=5000)
        pulse = {"PulseTime1": {"Set": 50, "Remaining": 0}}
        self.assertEqual(self.hear(dev, "stat/door1/RESULT", pulse), [])
        [ack] = self.hear(dev, "stat/door1/RESULT", {"POWER1": "ON"})
        self.assertEqual(ack.st, "done")

    def test_power_switches_itself_off(self):
        dev = device("tasmota")
        topic, text = self.order(dev, "power", on=True, until=int(NOW) + 360)
        # Commands.md: `PulseTime 460` = 6 minutes (i.e., 360 seconds)
        self.assertEqual(
            (topic, text), ("cmnd/door1/Backlog", "PulseTime1 460; POWER1 ON")
        )
        self.assertEqual(
            self.order(dev, "power", on=False), ("cmnd/door1/POWER1", "OFF")
        )

    def test_last_will(self):
        dev = device("tasmota")
        [birth] = self.hear(dev, "tele/door1/LWT", "Online")
        self.assertEqual((birth.online, birth.boot), (True, "fresh"))
        [known] = self.hear(dev, "tele/door1/LWT", "Online", retained=True)
        self.assertEqual((known.online, known.boot), (True, ""))
        [will] = self.hear(dev, "tele/door1/LWT", "Offline")
        self.assertFalse(will.online)
        self.assertEqual(self.hear(dev, "tele/door1/LWT", "Perhaps"), [])

    def test_sensor(self):
        dev = device("tasmota", "room1")
        sample = (
            '{"Time":"2023-05-28T20:04:27","SCD40":{"CarbonDioxide":618,'
            '"Temperature":23.8,"Humidity":61.1}}'
        )
        messages = self.hear(dev, "tele/room1/SENSOR", sample)
        self.assertEqual(
            self.readings(messages), {"temp_c": 23.8, "hum_pct": 61.1, "co2_ppm": 618}
        )

    def test_signal(self):
        dev = device("tasmota", "room1")
        sample = {
            "Time": "2024-02-24T22:20:38",
            "POWER": "OFF",
            "Wifi": {"AP": 1, "RSSI": 44, "Signal": -78},
        }
        [tele] = self.hear(dev, "tele/room1/STATE", sample)
        self.assertEqual(tele.rssi_dbm, -78)


@tagged("post_install", "-at_install")
class TestShelly(ProfileCase):
    ref = "shellyplus1-a8032abc7158"
    status = f"{ref}/status/switch:0"

    def result(self, **changes):
        return {
            "id": "c-1",
            "src": self.ref,
            "dst": "th/v1/gw/shelly",
            "result": {"was_on": False},
            **changes,
        }

    def output(self, on):
        return {"id": 0, "source": "MQTT", "output": on}

    def test_done_needs_the_answer_and_the_output(self):
        for first, second in ((0, 1), (1, 0)):
            dev = device("shelly_gen2", self.ref)
            topic, text = self.order(dev, "unlock", pulse_ms=5000)
            self.assertEqual(topic, f"{self.ref}/rpc")
            self.assertEqual(
                json.loads(text),
                {
                    "id": "c-1",
                    "src": "th/v1/gw/shelly",
                    "method": "Switch.Set",
                    "params": {"id": 0, "on": True, "toggle_after": 5},
                },
            )
            heard = [(RPC, self.result()), (self.status, self.output(True))]
            states = [
                [ack.st for ack in self.hear(dev, *heard[place])]
                for place in (first, second)
            ]
            self.assertEqual(states, [["received"], ["done"]])

    def test_answer_of_another_device_or_command(self):
        dev = device("shelly_gen2", self.ref)
        self.order(dev, "unlock", pulse_ms=5000)
        for changes in ({"id": "c-2"}, {"src": "shellyplus1-other"}):
            self.assertEqual(self.hear(dev, RPC, self.result(**changes)), [])

    def test_error(self):
        dev = device("shelly_gen2", self.ref)
        self.order(dev, "unlock", pulse_ms=5000)
        answer = self.result(error={"code": -103, "message": "bad"})
        del answer["result"]
        [ack] = self.hear(dev, RPC, answer)
        self.assertEqual((ack.st, ack.code), ("failed", "device_error"))

    def test_power_that_is_on_already_is_told_by_the_answer_alone(self):
        dev = device("shelly_gen2", self.ref)
        self.hear(dev, self.status, self.output(True))
        self.order(dev, "power", on=True, until=int(NOW) + 60)
        answer = self.result(result={"was_on": True})
        self.assertEqual([ack.st for ack in self.hear(dev, RPC, answer)], ["done"])

    def test_door_never_trusts_an_old_output(self):
        dev = device("shelly_gen2", self.ref)
        self.hear(dev, self.status, self.output(True))
        self.order(dev, "unlock", pulse_ms=5000)
        [ack] = self.hear(dev, RPC, self.result())
        self.assertEqual(ack.st, "received")

    def test_online_and_sensors(self):
        dev = device("shelly_gen2", self.ref)
        for text, online in (("true", True), ("false", False)):
            [status] = self.hear(dev, f"{self.ref}/online", text)
            self.assertIs(status.online, online)
        cases = [
            ("temperature:0", {"id": 0, "tC": 22.4, "tF": 72.3}, {"temp_c": 22.4}),
            ("humidity:0", {"id": 0, "rh": 52.1}, {"hum_pct": 52.1}),
            ("switch:0", {"id": 0, "output": True, "apower": 8.9}, {"power_w": 8.9}),
        ]
        for topic, payload, expected in cases:
            messages = self.hear(dev, f"{self.ref}/status/{topic}", payload)
            self.assertEqual(self.readings(messages), expected)
        battery = {"id": 0, "battery": {"V": 5.9, "percent": 87}}
        [tele] = self.hear(dev, f"{self.ref}/status/devicepower:0", battery)
        self.assertEqual(tele.battery_pct, 87)

    def test_smoke_is_an_event_once(self):
        dev = device("shelly_gen2", self.ref)
        topic = f"{self.ref}/status/smoke:0"
        kinds = []
        for alarm in (False, True, True, False):
            messages = self.hear(dev, topic, {"id": 0, "alarm": alarm, "mute": False})
            events = [one for one in messages if isinstance(one, Event)]
            kinds.append([(one.ev, one.sev, one.payload) for one in events])
        on, off = {"on": True}, {"on": False}
        self.assertEqual(
            kinds, [[], [("smoke", "critical", on)], [], [("smoke", "info", off)]]
        )


@tagged("post_install", "-at_install")
class TestZigbee(ProfileCase):
    def test_lock(self):
        dev = device("zigbee2mqtt", "lock1")
        topic, text = self.order(dev, "unlock", pulse_ms=5000)
        self.assertEqual(
            (topic, json.loads(text)), ("zigbee2mqtt/lock1/set", {"state": "UNLOCK"})
        )
        state = {"state": "UNLOCK", "lock_state": "unlocked", "battery": 87}
        messages = self.hear(dev, "zigbee2mqtt/lock1", state)
        self.assertEqual([one.st for one in messages if isinstance(one, Ack)], ["done"])
        [tele] = [one for one in messages if isinstance(one, Tele)]
        self.assertEqual(tele.battery_pct, 87)

    def test_retained_state_confirms_nothing(self):
        dev = device("zigbee2mqtt", "lock1")
        self.order(dev, "unlock", pulse_ms=5000)
        state = {"state": "UNLOCK", "lock_state": "unlocked"}
        messages = self.hear(dev, "zigbee2mqtt/lock1", state, retained=True)
        self.assertEqual([one for one in messages if isinstance(one, Ack)], [])

    def test_jam(self):
        dev = device("zigbee2mqtt", "lock1")
        messages = self.hear(
            dev, "zigbee2mqtt/lock1", {"lock_state": "not_fully_locked"}
        )
        [event] = [one for one in messages if isinstance(one, Event)]
        self.assertEqual((event.ev, event.payload), ("jam", {"on": True}))

    def test_pin(self):
        dev = device("zigbee2mqtt", "lock1")
        window = {"from": int(NOW), "to": int(NOW) + 60}
        topic, text = self.order(dev, "pin_set", slot=33, pin="081516", **window)
        self.assertEqual(topic, "zigbee2mqtt/lock1/set")
        pin = json.loads(text)["pin_code"]
        self.assertEqual((pin["user"], pin["pin_code"]), (3, "081516"))
        self.assertTrue(pin["user_enabled"])
        state = {"users": {"3": {"status": "enabled"}}}
        messages = self.hear(dev, "zigbee2mqtt/lock1", state)
        self.assertEqual(messages[-1].st, "done")
        _topic, text = self.order(dev, "pin_del", slot=33)
        self.assertIsNone(json.loads(text)["pin_code"]["pin_code"])

    def test_relay_and_both_forms_of_availability(self):
        dev = device("zigbee2mqtt_relay", "relay1")
        _topic, text = self.order(dev, "unlock", pulse_ms=5000)
        self.assertEqual(json.loads(text), {"state": "ON", "on_time": 5})
        for payload, online in (("online", True), ({"state": "offline"}, False)):
            [status] = self.hear(dev, "zigbee2mqtt/relay1/availability", payload)
            self.assertIs(status.online, online)

    def test_contact_true_means_closed(self):
        dev = device("zigbee2mqtt", "door")
        told = []
        for contact in (True, False, True):
            messages = self.hear(dev, "zigbee2mqtt/door", {"contact": contact})
            events = [one for one in messages if isinstance(one, Event)]
            told.append([one.payload for one in events])
        self.assertEqual(told, [[], [{"open": True}], [{"open": False}]])

    def test_any_word_means_online_for_25_hours(self):
        dev = device("zigbee2mqtt", "sensor")
        self.assertEqual(dev.profile.silent_s, 25 * 3600)
        sample = {"temperature": 27.34, "humidity": 44.72}
        status, tele = self.hear(dev, "zigbee2mqtt/sensor", sample)
        self.assertEqual((status.online, status.boot), (True, ""))
        self.assertEqual(tele.values, {"temp_c": 27.34, "hum_pct": 44.72})


@tagged("post_install", "-at_install")
class TestDiscovery(ProfileCase):
    def propose(self, topic, data):
        raw = data if isinstance(data, bytes) else json.dumps(data).encode()
        return profile.discover(topic, raw)

    def test_lock(self):
        [found] = self.propose(
            "homeassistant/lock/door1/config",
            {
                "unique_id": "door1",
                "command_topic": "d1/set",
                "state_topic": "d1/state",
                "availability_topic": "d1/avail",
                "payload_open": "OPEN",
                "device": {"identifiers": ["door1"]},
            },
        )
        self.assertEqual((found.kind, found.key), ("lock", "door1"))
        dev = device(found.profile, found.key, **found.values)
        self.assertEqual(self.order(dev, "unlock", pulse_ms=5000), ("d1/set", "OPEN"))
        _alive, ack = self.hear(dev, "d1/state", "UNLOCKED")
        self.assertEqual(ack.st, "done")
        [status] = self.hear(dev, "d1/avail", "online")
        self.assertTrue(status.online)

    def test_many_in_one(self):
        cmps = {
            "t": {
                "p": "sensor",
                "device_class": "temperature",
                "unit_of_measurement": "°C",
                "value_template": "{{ value_json.temperature }}",
                "unique_id": "r1t",
            },
            "e": {
                "p": "sensor",
                "dev_cla": "energy",
                "unit_of_meas": "kWh",
                "val_tpl": "{{ value_json['ENERGY']['Total'] }}",
                "uniq_id": "r1e",
            },
            "x": {"p": "camera", "unique_id": "r1x"},
        }
        data = {
            "dev": {"ids": ["r1"], "name": "Room 1", "mf": "X", "mdl": "Y"},
            "o": {"name": "some bridge"},
            "cmps": cmps,
            "state_topic": "r1/state",
        }
        found = self.propose("homeassistant/device/room1/config", data)
        self.assertEqual([one.key for one in found], ["r1t", "r1e"])
        state = {"temperature": 21.5, "ENERGY": {"Total": 3.25}}
        read = {}
        for one in found:
            dev = device(one.profile, one.key, **one.values)
            read |= self.readings(self.hear(dev, "r1/state", state))
        self.assertEqual(read, {"temp_c": 21.5, "energy_wh": 3250})

    def test_short_names_and_base(self):
        data = {"~": "sw/1", "cmd_t": "~/set", "stat_t": "~/state", "uniq_id": "s1"}
        [found] = self.propose("homeassistant/switch/s1/config", data)
        self.assertEqual(found.values["command_topic"], "sw/1/set")
        dev = device(found.profile, found.key, **found.values)
        self.assertEqual(self.order(dev, "power", on=True), ("sw/1/set", "ON"))

    def test_retained_commands_are_not_taken_over(self):
        data = {"command_topic": "a", "state_topic": "b", "retain": True}
        [found] = self.propose("homeassistant/lock/x/config", data)
        self.assertNotIn("retain", found.values)

    def test_what_nobody_can_confirm_is_no_lock(self):
        for data in (
            {"command_topic": "a"},
            {"command_topic": "a", "state_topic": "b", "optimistic": True},
        ):
            self.assertEqual(self.propose("homeassistant/lock/x/config", data), [])

    def test_withdrawn(self):
        self.assertEqual(self.propose("homeassistant/lock/x/config", b""), [])

    def test_templates_are_never_evaluated(self):
        base = {"command_topic": "a", "state_topic": "b"}
        for template in (
            "{{ value_json.a | float }}",
            "{{ value_json.__class__ }}{{ 7*7 }}",
            "{% if 1 %}x{% endif %}",
            "{{ states('lock.front') }}",
            "{{ value_json['a'].b() }}",
            7,
        ):
            with self.subTest(template=template), self.assertRaises(ProfileError):
                data = {**base, "value_template": template}
                self.propose("homeassistant/lock/x/config", data)

    def test_topics_that_would_command_others(self):
        for topic in ("$CONTROL/dynamic-security/v1", "th/v1/lock1/cmd", "a/+", "#"):
            for key in ("command_topic", "state_topic"):
                data = {"command_topic": "a", "state_topic": "b", key: topic}
                with self.subTest(topic=topic), self.assertRaises(ProfileError):
                    self.propose("homeassistant/lock/x/config", data)


@tagged("post_install", "-at_install")
class TestDefinition(ProfileCase):
    def test_delivered_profiles_are_sound(self):
        for file in FILES.glob("*.json"):
            with self.subTest(file=file.name):
                build(definition(file.stem))
        self.assertTrue(build(definition("teahouse")).native)

    def test_mistakes_are_named(self):
        done = [{"topic": "s", "equals": "ON"}]
        order = {"topic": "t", "payload": "ON", "done": done}
        cases = [
            ("not_an_object", []),
            ("unknown_key", {"script": "x"}),
            ("unknown_act", {"commands": {"explode": order}}),
            ("no_confirmation", {"commands": {"unlock": {**order, "done": []}}}),
            ("no_payload", {"commands": {"unlock": {"topic": "t", "done": done}}}),
            ("bad_topic", {"commands": {"unlock": {**order, "topic": "a/#"}}}),
            ("bad_topic", {"rules": [{"topic": "a/+/b"}]}),
            ("unknown_target", {"rules": [{"topic": "t", "reads": [{"to": "x"}]}]}),
            (
                "bad_pointer",
                {"rules": [{"topic": "t", "reads": [{"to": "temp_c", "at": "a"}]}]},
            ),
            (
                "unknown_map",
                {"rules": [{"topic": "t", "reads": [{"to": "smoke", "map": "m"}]}]},
            ),
            ("bad_number", {"silent_s": -1}),
            ("not_a_flag", {"dedup": "yes"}),
            ("bad_name", {"defaults": {"__class__": 1}}),
        ]
        for code, data in cases:
            with self.subTest(code=code), self.assertRaises(ProfileError) as caught:
                build(data)
            self.assertEqual(caught.exception.code, code)

    def test_topic_of_a_device_cannot_leave_its_place(self):
        for ref in ("+", "a/#", "x\x00"):
            with self.subTest(ref=ref), self.assertRaises(ProfileError):
                device("tasmota", ref)
        data = {"command_topic": "$CONTROL/x", "state_topic": "s"}
        dev = device("homeassistant_switch", **data, state_on="ON", payload_on="ON")
        with self.assertRaises(ProfileError):
            self.order(dev, "power", on=True)

    def test_text_cannot_bring_a_second_order_along(self):
        order = {
            "topic": "cmnd/x/Backlog",
            "payload": "say {text}",
            "done": [{"topic": "s"}],
        }
        dev = ForeignDevice("d", "x", build({"commands": {"say": order}}))
        self.assertEqual(self.order(dev, "say", text="hello")[1], "say hello")
        with self.assertRaises(ProfileError):
            self.order(dev, "say", text="hello; POWER1 ON")
        # In JSON it is quoted, and stays what it is.
        order = {**order, "payload": {"say": "{text}"}}
        dev = ForeignDevice("d", "x", build({"commands": {"say": order}}))
        text = self.order(dev, "say", text='"}; POWER1 ON')[1]
        self.assertEqual(json.loads(text), {"say": '"}; POWER1 ON'})

    def test_value_of_a_value_is_not_filled_again(self):
        filled = values.fill({"a": "{text}"}, {"text": "{pin}", "pin": "481516"})
        self.assertEqual(filled, {"a": "{pin}"})


@tagged("post_install", "-at_install")
class TestHostile(ProfileCase):
    """Whatever comes in: protocol messages or a named refusal, and quickly."""

    def json(self, dice, depth=0):
        kind = dice.randrange(9 if depth < 5 else 7)
        if kind < 7:
            return dice.choice(
                [
                    None,
                    True,
                    False,
                    0,
                    -1,
                    1e308,
                    10**30,
                    "",
                    "ON",
                    "é\ud7ff",
                    "x" * 300,
                ]
                + ["Online", "true", "1e999", "NaN", "٣", 61.1, "unlocked"]
            )
        size = dice.randrange(4)
        if kind == 7:
            return [self.json(dice, depth + 1) for _n in range(size)]
        names = (
            "POWER POWER1 SCD40 Temperature ENERGY Total id src result output".split()
        )
        names += "state lock_state battery contact smoke alarm Wifi Signal 0 *".split()
        return {dice.choice(names): self.json(dice, depth + 1) for _n in range(size)}

    def test_any_payload(self):
        dice = random.Random(20261123)
        makes = [
            device(code)
            for code in ("tasmota", "shelly_gen2", "zigbee2mqtt", "homeassistant_lock")
        ]
        topics = [(dev, topic) for dev in makes for topic in sorted(dev.topics)]
        count = 0
        for number in range(1500):
            dev, topic = dice.choice(topics)
            if number % 10 == 0:
                for act, args in (
                    ("unlock", {"pulse_ms": 5000}),
                    ("power", {"on": True}),
                ):
                    if act in dev.profile.acts() and dev.ref:
                        try:
                            dev.order("c-1", 1, 1, act, args, NOW)
                        except ProfileError:
                            continue
            raw = json.dumps(self.json(dice)).encode()
            if dice.random() < 0.3:
                cut = dice.randrange(len(raw))
                raw = raw[:cut] + bytes([dice.randrange(256)]) + raw[cut + 1 :]
            try:
                document = profile.read(raw)
            except ProtocolError:
                continue
            for message in dev.take(topic, document, False, "b", NOW):
                count += 1
                self.assertIsInstance(message, Status | Tele | Event | Ack)
                if isinstance(message, Tele):
                    for value in message.values.values():
                        self.assertEqual(value, value, "not a number")
        self.assertGreater(count, 20)

    def test_any_announcement(self):
        dice = random.Random(7)
        names = [
            *(
                "unique_id",
                "command_topic",
                "state_topic",
                "value_template",
                "~",
                "dev",
            ),
            *(
                "cmps",
                "p",
                "device_class",
                "availability",
                "name",
                "unit_of_measurement",
            ),
        ]
        for number in range(1500):
            data = {dice.choice(names): self.json(dice) for _n in range(6)}
            if number % 3 == 0:
                data["cmps"] = {"a": {dice.choice(names): self.json(dice, 3)}}
            part = dice.choice(["lock", "switch", "sensor", "device", "binary_sensor"])
            try:
                found = profile.discover(
                    f"homeassistant/{part}/x/config", json.dumps(data).encode()
                )
            except ProfileError:
                continue
            for one in found:
                self.assertLessEqual(len(one.key), 64)

    def test_any_definition(self):
        dice = random.Random(11)
        seeds = [definition(file.stem) for file in FILES.glob("*.json")]

        def spoil(node):
            if isinstance(node, dict) and node and dice.random() < 0.9:
                key = dice.choice(list(node))
                node[key] = spoil(node[key])
                return node
            if isinstance(node, list) and node and dice.random() < 0.9:
                place = dice.randrange(len(node))
                node[place] = spoil(node[place])
                return node
            return self.json(dice)

        for _number in range(600):
            data = spoil(json.loads(json.dumps(dice.choice(seeds))))
            try:
                dev = ForeignDevice("d", "x", build(data), {"state_topic": "s"})
                dev.order("c", 1, 1, "unlock", {"pulse_ms": 5000}, NOW)
            except ProfileError:
                continue

    def test_limits(self):
        with self.assertRaises(ProtocolError):
            profile.read(b"[" * 1000 + b"]" * 1000)
        with self.assertRaises(ProtocolError):
            profile.read(b'{"a":"' + b"x" * 20_000 + b'"}')
        with self.assertRaises(ProtocolError):
            profile.read(b"\xff")
        self.assertIs(find([1, 2], parse("/99999999999")), MISSING)
        self.assertIs(find([1, 2], parse("/²")), MISSING)
        self.assertEqual(find({"a/b": {"~": 1}}, parse("/a~1b/~0")), 1)
