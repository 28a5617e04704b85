"""Rules of the gateway that need neither broker nor database."""

import json

from odoo.tests import BaseCase, tagged

from ..engine.protocol import Ack, Status
from ..gateway import acks, presence
from ..gateway.effects import Effects
from ..gateway.flood import Limiter, Once
from ..gateway.inbox import Inbox
from ..gateway.link import Endpoint, Inbound
from ..gateway.metrics import Metrics
from ..gateway.presence import Seen

WALL = 1_795_345_120.0


def ack(cmd_id="c1", st="done", code="ok"):
    """Return an answer."""
    return Ack(id=cmd_id, st=st, code=code, ts=None, boot=None)


@tagged("post_install", "-at_install")
class TestAckFold(BaseCase):
    def fold(self, *answers):
        return acks.fold([("lock1", answer, None) for answer in answers])

    def test_one_row_per_command(self):
        final, received, retry = self.fold(
            ack(st="received"), ack(), ack(), ack(cmd_id="c2", st="received")
        )
        self.assertEqual(final, [("c1", "lock1", "done", "ok", None)])
        self.assertEqual((received, retry), ([("c2", "lock1")], []))

    def test_first_final_answer_counts(self):
        final, _received, _retry = self.fold(ack(st="failed", code="jammed"), ack())
        self.assertEqual(final[0][2:4], ("failed", "jammed"))

    def test_device_saying_expired_is_a_refusal(self):
        final, _received, _retry = self.fold(ack(st="expired", code="clock"))
        self.assertEqual(final[0][2:4], ("rejected", "clock"))

    def test_bad_boot_is_tried_again(self):
        final, _received, retry = self.fold(ack(st="rejected", code="bad_boot"))
        self.assertEqual((final, retry), ([], [("c1", "lock1")]))

    def test_same_id_from_two_devices_stays_apart(self):
        final, *_rest = acks.fold([("lock1", ack(), None), ("lock2", ack(), None)])
        self.assertEqual([row[1] for row in final], ["lock1", "lock2"])


@tagged("post_install", "-at_install")
class TestPresenceFold(BaseCase):
    def test_births_and_wills(self):
        new, gone = Seen("unknown", None), Seen("offline", "a", "1.0", 50, -60)
        here = Seen("online", "b", "1.0", 50, -60)
        cases = [
            ("first birth", new, Status(True, "b"), Seen("online", "b")),
            ("return", gone, Status(True, "b"), here),
            ("own will", here, Status(False, "b"), here._replace(state="offline")),
            ("late will of an old connection", here, Status(False, "a"), here),
            ("will of a device never seen", new, Status(False, "a"), None),
            ("same birth again", here, Status(True, "b"), here),
            (
                "battery and firmware",
                here,
                Status(True, "b", fw="2.0", battery_pct=9),
                Seen("online", "b", "2.0", 9, -60),
            ),
        ]
        for name, before, status, after in cases:
            with self.subTest(name):
                expected = after or Seen("offline", "a")
                self.assertEqual(presence.fold(before, status), expected)


@tagged("post_install", "-at_install")
class TestLimits(BaseCase):
    def setUp(self):
        super().setUp()
        self.now = 100.0

    def test_bucket(self):
        limiter = Limiter(rate=2, burst=3, clock=lambda: self.now)
        self.assertEqual([limiter.allow("a") for _n in range(4)], [True] * 3 + [False])
        self.assertTrue(limiter.allow("b"), "others are not touched")
        self.now += 1
        self.assertEqual([limiter.allow("a") for _n in range(3)], [True, True, False])

    def test_once(self):
        once = Once(60, clock=lambda: self.now)
        self.assertEqual([once.due("a"), once.due("a"), once.due("b")], [1, 0, 1])
        self.now += 60
        self.assertTrue(once.due("a"))


class InboxCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.metrics = Metrics()
        self.now = 0.0
        self.inbox = Inbox(
            self.metrics, wall=lambda: WALL + self.now, clock=lambda: self.now
        )

    def take(self, leaf, payload, dev="lock1", mid=1, qos=1, retain=False):
        if isinstance(payload, dict):
            payload = json.dumps({"v": 1, **payload}).encode()
        topic = f"th/v1/{dev}/{leaf}" if leaf else None
        self.inbox.take(Inbound(mid, topic, payload, qos, retain))


@tagged("post_install", "-at_install")
class TestSorting(InboxCase):
    def test_broken_payloads_are_counted_and_confirmed(self):
        cases = [
            b"\xff\xfe",
            b"",
            b"[]",
            b"null",
            b'"text"',
            b"{" * 1000,
            b"[" * 1000 + b"]" * 1000,
            b'{"v":1,"st":"online","boot":NaN}',
            b'{"v":1,"st":"online","boot":1}',
            b'{"v":1,"st":"online","boot":"a","bat_pct":1000000000}',
            b'{"v":1,"st":"online","boot":"a","bat_pct":1e999}',
            b'{"v":1,"st":"online","boot":"a\\u0000"}',
            b'{"v":2,"st":"online","boot":"a"}',
            b'{"st":"online","boot":"' + b"a" * 20_000 + b'"}',
        ]
        for mid, payload in enumerate(cases, 1):
            self.take("st", payload, mid=mid)
        self.assertEqual(self.metrics.rejected_by_device, {"lock1": len(cases)})
        mids, born = self.inbox.store(None)
        self.assertEqual((mids, born), (list(range(1, len(cases) + 1)), []))

    def test_foreign_topics_are_refused(self):
        self.take(None, b"{}")
        for topic in ("th/v1/A/ack", "th/v1//ack", "th/v1/x/cmd", "th/v2/x/ack"):
            self.inbox.take(Inbound(1, topic, b"{}", 1, False))
        self.assertEqual(self.metrics.value("rejected_total", "bad_topic"), 5)

    def test_own_birth_is_no_error(self):
        self.take("st", {"st": "online", "boot": "a"}, dev="gw", qos=0)
        self.assertFalse(self.inbox.waiting)
        self.assertEqual(self.metrics.value("rejected_total"), 0)

    def test_only_status_may_be_retained(self):
        answer = {"id": "c1", "st": "done", "code": "ok"}
        self.take("ack", answer, retain=True)
        self.assertEqual(self.metrics.value("rejected_total", "retained"), 1)

    def test_flood_is_limited_per_device_and_alarmed_once(self):
        for _number in range(1000):
            self.take("tele", {"temp_c": 20}, qos=0)
        self.take("tele", {"temp_c": 20}, dev="lock2", qos=0)
        self.assertEqual(len(self.inbox._readings), 61)
        self.assertEqual(self.metrics.value("dropped_total"), 940)
        floods = [entry[2].ev for entry in self.inbox._urgent]
        self.assertEqual(floods, ["flood"])

    def test_smoke_is_never_dropped(self):
        for number in range(500):
            smoke = {"id": f"e{number}", "ev": "smoke", "sev": "critical", "on": True}
            self.take("evt", smoke)
            self.take("evt", {"id": f"d{number}", "ev": "door"})
        events = [entry[2].ev for entry in self.inbox._urgent]
        self.assertEqual(events.count("smoke"), 500)
        self.assertEqual(events.count("door"), 100)

    def test_clock_alarm_and_stored_time(self):
        cases = [(20, False, 20), (-20, False, -20), (40, True, 40), (400, True, 0)]
        for number, (skew, alarm, stored) in enumerate(cases):
            with self.subTest(skew=skew):
                self.inbox.forget()
                ts = int(WALL) + skew
                dev = f"lock-{number}"
                self.take("tele", {"ts": ts, "temp_c": 20}, dev=dev, qos=0)
                events = [entry[2].ev for entry in self.inbox._urgent]
                self.assertEqual(events, ["clock"] if alarm else [])
                self.assertEqual(self.inbox._readings[0][1], WALL + stored)

    def test_what_waited_at_the_broker_is_no_clock_fault(self):
        self.inbox.settled = False
        self.take("ack", {"id": "c", "st": "done", "ts": int(WALL) - 200})
        self.assertEqual(len(self.inbox._urgent), 1)
        self.take("ack", {"id": "c", "st": "done", "ts": int(WALL) + 200})
        self.assertEqual(self.inbox._urgent[-2][2].ev, "clock")

    def test_clock_that_was_never_set_is_told_at_once(self):
        self.inbox.settled = False
        self.take("ack", {"id": "c", "st": "done", "ts": 60})
        self.assertEqual(self.inbox._urgent[0][2].ev, "clock")

    def test_readings_wait_a_moment(self):
        self.assertIsNone(self.inbox.readings_due())
        self.take("tele", {"temp_c": 20}, qos=0)
        self.assertEqual(self.inbox.readings_due(), 0.5)
        self.now += 1
        self.assertEqual(self.inbox.readings_due(), 0.0)

    def test_lost_connection_confirms_nothing(self):
        self.take("ack", {"id": "c", "st": "done"})
        self.take("st", b"broken", mid=2)
        self.inbox.forget()
        self.assertFalse(self.inbox.waiting)


@tagged("post_install", "-at_install")
class TestMetrics(BaseCase):
    def test_text(self):
        metrics = Metrics()
        metrics.count("acks_total", outcome="done")
        metrics.count("acks_total", 2, outcome="failed")
        metrics.gauge("leader", 1)
        metrics.observe("send_seconds", 0.004)
        metrics.observe("send_seconds", 99)
        lines = metrics.render().splitlines()
        for line in (
            "# TYPE teahouse_gateway_acks_total counter",
            'teahouse_gateway_acks_total{outcome="failed"} 2',
            "teahouse_gateway_leader 1",
            'teahouse_gateway_send_seconds_bucket{le="0.005"} 1',
            'teahouse_gateway_send_seconds_bucket{le="+Inf"} 2',
            "teahouse_gateway_send_seconds_count 2",
        ):
            self.assertIn(line, lines)
        self.assertEqual(metrics.value("acks_total"), 3)

    def test_strangers_cannot_fill_the_memory(self):
        metrics = Metrics()
        for number in range(6000):
            metrics.reject(f"x{number}", "bad_json")
        self.assertEqual(len(metrics.rejected_by_device), 5000)

    def test_secrets_stay_out_of_logs(self):
        self.assertNotIn("hidden", repr(Endpoint("h", 1, "user", "hidden")))


class FakeCursor:
    """Answers the queries of the effects process from lists."""

    def __init__(self, world):
        self.world = world

    def execute(self, sql, parameters):
        self.sql, self.parameters = sql, parameters
        if sql.startswith("UPDATE"):
            self.world.given_up.append(parameters[0])
            self.world.queue.remove(parameters[0])

    def fetchall(self):
        queue = self.world.queue if "FROM teahouse_command" in self.sql else []
        return [(row_id,) for row_id in queue]

    def commit(self):
        self.world.commits += 1


class FakeWorld:
    """Stands in for Odoo: commands of which one is poison."""

    def __init__(self, queue, poison):
        self.queue, self.poison = queue, poison
        self.done, self.given_up, self.commits = [], [], 0

    def run(self, ids):
        if self.poison in ids:
            raise ValueError("poison")
        self.done += ids
        self.queue = [row_id for row_id in self.queue if row_id not in ids]


@tagged("post_install", "-at_install")
class TestEffects(BaseCase):
    def test_poison_row_does_not_stop_the_others(self):
        world = FakeWorld([1, 2, 3], poison=2)
        effects = Effects(None)
        effects._environment = lambda: _FakeEnvironment(world)
        effects._call = lambda _model, _method, ids: world.run(ids)
        with self.assertLogs(Effects.__module__, "ERROR"):
            self.assertEqual(effects.work(), 3)
        self.assertEqual((world.done, world.given_up), ([1, 3], [2]))
        self.assertEqual(effects.work(), 0)


class _FakeEnvironment:
    def __init__(self, world):
        self.cr = FakeCursor(world)

    def __enter__(self):
        return self

    def __exit__(self, *_args):
        return False
