import contextlib
import json
import random

from odoo.tests import BaseCase, tagged

from ..engine import protocol
from ..engine.protocol import ProtocolError

CMD = {
    "cmd_id": "01990000-0000-7000-8000-000000000001",
    "seq": 1841,
    "boot": "9f3c61d2",
    "exp": 1795345135,
    "act": "unlock",
    "args": {"pulse_ms": 5000},
}


@tagged("post_install", "-at_install")
class TestProtocol(BaseCase):
    def assert_refused(self, code, leaf, raw):
        with self.assertRaises(ProtocolError) as caught:
            protocol.parse(leaf, raw)
        self.assertEqual(caught.exception.code, code, raw[:80])

    def test_topics(self):
        self.assertEqual(
            protocol.topic("hefang-1-lock", "cmd"), "th/v1/hefang-1-lock/cmd"
        )
        self.assertEqual(protocol.parse_topic("th/v1/a-1/ack"), ("a-1", "ack"))
        for dev in ("", "A", "a/b", "+", "#", "a" * 33, "gw", "ä", "a\n", None):
            with self.assertRaises(ProtocolError, msg=dev):
                protocol.topic(dev, "cmd")
        for text in ("th/v1/a/cmd", "th/v2/a/ack", "th/v1/a/b/ack", "th/v1/+/ack", ""):
            with self.assertRaises(ProtocolError, msg=text):
                protocol.parse_topic(text)

    def test_command_goes_out_as_the_protocol_says(self):
        raw = protocol.build_cmd(*CMD.values())
        self.assertEqual(
            json.loads(raw),
            {
                "v": 1,
                "id": CMD["cmd_id"],
                "seq": 1841,
                "boot": "9f3c61d2",
                "exp": 1795345135,
                "act": "unlock",
                "args": {"pulse_ms": 5000},
            },
        )
        self.assertEqual(protocol.parse_cmd(raw).args, {"pulse_ms": 5000})

    def test_wrong_arguments_never_leave(self):
        for act, args in (
            ("unlock", {}),
            ("unlock", {"pulse_ms": True}),
            ("unlock", {"pulse_ms": 10**9}),
            ("power", {"on": 1}),
            (
                "pin_set",
                {"slot": 1, "pin": "12a456", "from": 1795345135, "to": 1795345136},
            ),
            (
                "pin_set",
                {"slot": 0, "pin": "123456", "from": 1795345135, "to": 1795345136},
            ),
            ("say", {"text": ""}),
            ("key_set", {"keys": {"2026-11-22": "short"}}),
            ("boom", {}),
            (None, {}),
            ("unlock", []),
        ):
            with self.assertRaises(ProtocolError, msg=(act, args)):
                protocol.build_cmd(**{**CMD, "act": act, "args": args})

    def test_too_large_is_caught_before_publishing(self):
        with self.assertRaises(ProtocolError) as caught:
            protocol.dumps({"text": "茶" * 2000})
        self.assertEqual(caught.exception.code, "too_large")

    def test_status(self):
        status = protocol.parse(
            "st",
            b'{"v":1,"st":"online","boot":"9f3c61d2","fw":"1.4.2","bat_pct":87,'
            b'"rssi_dbm":-61,"new_key":[1]}',
        )
        self.assertTrue(status.online)
        self.assertEqual((status.battery_pct, status.rssi_dbm), (87, -61))
        self.assertFalse(
            protocol.parse("st", b'{"v":1,"st":"offline","boot":"x"}').online
        )

    def test_ack(self):
        ack = protocol.parse(
            "ack",
            b'{"v":1,"id":"0199","st":"done","code":"ok","ts":1795345121,"boot":"b"}',
        )
        self.assertEqual((ack.id, ack.st, ack.code), ("0199", "done", "ok"))
        never_heard_the_time = b'{"v":1,"id":"0199","st":"done","ts":12}'
        self.assertEqual(protocol.parse("ack", never_heard_the_time).ts, 12)

    def test_telemetry(self):
        tele = protocol.parse(
            "tele",
            b'{"v":1,"ts":1795345120,"temp_c":23.8,"hum_pct":61.1,"co2_ppm":618,'
            b'"smoke":false,"power_w":41.2,"energy_wh":10342}',
        )
        self.assertEqual(tele.values["temp_c"], 23.8)
        self.assertIs(tele.values["smoke"], False)

    def test_event(self):
        event = protocol.parse(
            "evt",
            b'{"v":1,"id":"u","ts":1795345120,"ev":"smoke","sev":"critical","on":true}',
        )
        self.assertEqual((event.ev, event.payload), ("smoke", {"on": True}))

    def test_hostile_payloads(self):
        for code, leaf, raw in (
            ("bad_utf8", "st", b"\xff\xfe{}"),
            ("not_a_dict", "st", b"[1]"),
            ("not_a_dict", "ack", b"null"),
            ("bad_json", "st", b"{"),
            ("bad_json", "evt", b'{"a":"\\u0000"}'),
            ("bad_number", "tele", b'{"v":1,"temp_c":NaN}'),
            ("bad_number", "tele", b'{"v":1,"temp_c":-Infinity}'),
            ("bad_temp_c", "tele", b'{"v":1,"temp_c":1e999}'),
            ("bad_temp_c", "tele", b'{"v":1,"temp_c":1000000000}'),
            ("bad_temp_c", "tele", b'{"v":1,"temp_c":"23"}'),
            ("bad_temp_c", "tele", b'{"v":1,"temp_c":true}'),
            ("bad_smoke", "tele", b'{"v":1,"smoke":1}'),
            ("too_deep", "evt", b"[" * 1000 + b"]" * 1000),
            ("too_deep", "evt", b'{"a":' * 9 + b"1" + b"}" * 9),
            ("too_large", "evt", b'{"text":"' + b"x" * 20_000 + b'"}'),
            ("bad_json", "ack", b'{"v":' + b"9" * 4000),
            ("bad_version", "st", b'{"v":2,"st":"online","boot":"b"}'),
            ("bad_version", "st", b'{"v":true,"st":"online","boot":"b"}'),
            ("bad_boot", "st", b'{"v":1,"st":"online"}'),
            ("bad_boot", "st", b'{"v":1,"st":"online","boot":7}'),
            ("bad_st", "st", b'{"v":1,"st":["online"],"boot":"b"}'),
            ("bad_bat_pct", "st", b'{"v":1,"st":"online","boot":"b","bat_pct":101}'),
            ("bad_id", "ack", b'{"v":1,"id":5,"st":"done"}'),
            ("bad_id", "ack", b'{"v":1,"id":"a b","st":"done"}'),
            ("bad_st", "ack", b'{"v":1,"id":"a","st":"opened"}'),
            ("bad_st", "ack", b'{"v":1,"id":"a","st":{}}'),
            ("bad_code", "ack", b'{"v":1,"id":"a","st":"done","code":"<x>"}'),
            ("bad_ts", "ack", b'{"v":1,"id":"a","st":"done","ts":-1}'),
            ("bad_ts", "ack", b'{"v":1,"id":"a","st":"done","ts":10000000000}'),
            ("bad_ev", "evt", b'{"v":1,"id":"a","ev":"party"}'),
            ("bad_text", "evt", b'{"v":1,"id":"a","ev":"scan"}'),
            ("bad_slot", "evt", b'{"v":1,"id":"a","ev":"keypad","slot":1.5,"ok":true}'),
            ("bad_ok", "evt", b'{"v":1,"id":"a","ev":"keypad","slot":1,"ok":"yes"}'),
            ("bad_topic", "cmd", b"{}"),
        ):
            with self.subTest(code=code, raw=raw[:40]):
                self.assert_refused(code, leaf, raw)

    def test_random_bytes_raise_nothing_else(self):
        rng = random.Random(20261123)
        seeds = [
            b'{"v":1,"id":"a","st":"done","code":"ok","ts":1795345121,"boot":"b"}',
            b'{"v":1,"ts":1795345120,"temp_c":23.8,"smoke":false}',
            b'{"v":1,"id":"u","ts":1795345120,"ev":"keypad","slot":3,"ok":true}',
        ]
        for __ in range(3000):
            raw = bytearray(rng.choice(seeds))
            for __ in range(rng.randint(1, 5)):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
            for leaf in protocol.LEAVES_UP:
                with contextlib.suppress(ProtocolError):
                    protocol.parse(leaf, bytes(raw))

    def test_signed_envelope(self):
        payload = protocol.build_cmd(*CMD.values())
        raw = protocol.sign(b"key", "lock-1", payload)
        self.assertEqual(protocol.verify(b"key", "lock-1", raw), payload)
        for key, dev in ((b"other", "lock-1"), (b"key", "lock-2")):
            with self.assertRaises(ProtocolError) as caught:
                protocol.verify(key, dev, raw)
            self.assertEqual(caught.exception.code, "bad_sig")
        with self.assertRaises(ProtocolError):
            protocol.verify(b"key", "lock-1", payload)
