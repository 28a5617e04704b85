"""Claims and answers in SQL, on a real database, without a broker."""

import json
import threading

from odoo.sql_db import connection_info_for
from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..gateway import outbox
from ..gateway.database import ConnectionLost, Database
from ..gateway.inbox import Inbox
from ..gateway.link import Inbound
from ..gateway.metrics import Metrics
from ..gateway.shard import Shard
from .gateway_common import NOW, Outbox, wait_until


def server_parameters():
    """Return the connection parameters of the database under test."""
    names = config["db_name"]
    return connection_info_for(names if isinstance(names, str) else names[0])[1]


class OutboxCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.outbox = Outbox(server_parameters())
        self.addCleanup(self.outbox.drop)
        self.database = self.connect()
        self.metrics = Metrics()
        self.inbox = Inbox(self.metrics)

    def connect(self):
        database = Database(self.outbox.parameters)
        self.addCleanup(database.close)
        return database

    def device(self, uid, kind="lock", online=True, **values):
        self.outbox.device(uid, kind, **values)
        if online:
            self.hear(uid, "st", {"st": "online", "boot": "boot1"})

    def hear(self, uid, leaf, payload):
        """Let the gateway take and store a message."""
        payload = json.dumps({"v": 1, **payload}).encode()
        self.inbox.take(Inbound(1, f"th/v1/{uid}/{leaf}", payload, 1, leaf == "st"))
        return self.inbox.store(self.database)

    def answer(self, cmd_id, st="done", code="ok", uid="lock1"):
        return self.hear(uid, "ack", {"id": cmd_id, "st": st, "code": code})

    def claim(self, limit=100):
        """Return what a claim says, as (cmd_id, verdict)."""
        rows = outbox.claim(self.database, limit)
        return [(row.cmd_id, row.verdict) for row in rows]

    def later(self, seconds):
        """Let time pass for the rows."""
        shift = f"interval '{seconds} seconds'"
        self.outbox.query(
            f"UPDATE teahouse_command SET due_at = due_at - {shift},"
            f" expires_at = expires_at - {shift}, next_try_at = next_try_at - {shift},"
            f" sent_at = sent_at - {shift}"
        )


@tagged("post_install", "-at_install")
class TestClaim(OutboxCase):
    def test_claim_says_all_that_is_published(self):
        self.device("lock1")
        cmd_id = self.outbox.command("lock1", args={"pulse_ms": 700})
        [row] = outbox.claim(self.database, 10)
        self.assertEqual((row.cmd_id, row.uid, row.boot), (cmd_id, "lock1", "boot1"))
        self.assertEqual((row.act, row.args), ("unlock", {"pulse_ms": 700}))
        self.assertTrue(14 < row.life <= 15 and row.seq)
        self.assertEqual(self.outbox.state(cmd_id), ("sent", None))

    def test_row_is_claimed_once(self):
        self.device("lock1")
        self.outbox.command("lock1")
        self.assertEqual([len(self.claim()), len(self.claim())], [1, 0])

    def test_two_claims_at_once_share_the_rows(self):
        for number in range(40):
            self.device(f"lock{number}")
            self.outbox.command(f"lock{number}")
        found = []

        def run():
            found.extend(outbox.claim(self.connect(), 100))

        threads = [threading.Thread(target=run) for _n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(row.cmd_id for row in found), sorted(self.all_ids()))

    def all_ids(self):
        return [
            row[0] for row in self.outbox.query("SELECT cmd_id FROM teahouse_command")
        ]

    def test_edge_is_sent_again_until_shortly_before_its_end(self):
        self.device("lock1")
        cmd_id = self.outbox.command("lock1", life=7)
        verdicts = []
        for _second in range(7):
            verdicts.append(len(self.claim()))
            self.later(1)
        self.assertEqual(verdicts, [1, 0, 1, 0, 1, 0, 0])
        self.assertEqual(outbox.close_overdue(self.database), ["unknown"])
        self.assertEqual(self.outbox.state(cmd_id), ("unknown", "no_answer"))

    def test_device_that_forgets_ids_is_asked_twice_at_most(self):
        self.device("lock1", dedup=False)
        self.outbox.command("lock1", life=15)
        verdicts = []
        for _second in range(12):
            verdicts.append(len(self.claim()))
            self.later(1)
        self.assertEqual([n for n, sent in enumerate(verdicts) if sent], [0, 2])

    def test_share_of_the_stores(self):
        for number in range(1, 5):
            self.device(f"lock{number}", store_id=number)
            self.outbox.command(f"lock{number}")
        shards = [Shard(index, 2) for index in range(2)]
        found = [
            {row.uid for row in outbox.claim(self.database_of(), 10, shard)}
            for shard in shards
        ]
        self.assertEqual(found, [{"lock2", "lock4"}, {"lock1", "lock3"}])
        self.later(60)
        ends = [outbox.close_overdue(self.database_of(), shard) for shard in shards]
        self.assertEqual(ends, [["unknown"] * 2] * 2)

    def database_of(self):
        """A gateway has one share: statements are planned per connection."""
        return self.connect()

    def test_received_ends_the_resending(self):
        self.device("lock1")
        cmd_id = self.outbox.command("lock1")
        self.claim()
        self.answer(cmd_id, "received")
        self.later(3)
        self.assertEqual(self.claim(), [])
        self.assertEqual(self.outbox.state(cmd_id)[0], "sent")

    def test_level_backs_off_and_a_birth_ends_the_pause(self):
        self.device("power1", "power")
        self.outbox.command("power1", "power", {"on": True}, life=3600)
        sent = []
        for second in range(70):
            if self.claim():
                sent.append(second)
            self.later(1)
        self.assertEqual(sent, [0, 2, 6, 14, 30, 62])
        _mids, born = self.hear("power1", "st", {"st": "online", "boot": "boot2"})
        outbox.wake(self.database, born)
        [row] = outbox.claim(self.database, 10)
        self.assertEqual(row.boot, "boot2")

    def test_offline_device(self):
        self.device("lock1", online=False)
        self.device("power1", "power", online=False)
        edge = self.outbox.command("lock1")
        level = self.outbox.command("power1", "power", {"on": True}, life=60)
        self.assertEqual(self.claim(), [(edge, "failed")])
        self.assertEqual(self.outbox.state(edge), ("failed", "offline"))
        self.assertEqual(self.outbox.state(level), ("queued", None))
        self.hear("power1", "st", {"st": "online", "boot": "b"})
        self.assertEqual(self.claim(), [(level, "sent")])

    def test_newest_wish_replaces_older_ones(self):
        self.device("power1", "power")
        first = self.outbox.command("power1", "power", {"on": True}, life=60, delay=-9)
        self.claim()
        second = self.outbox.command(
            "power1", "power", {"on": False}, life=60, delay=-5
        )
        third = self.outbox.command("power1", "power", {"on": True}, life=60)
        other = self.outbox.command("power1", "light", {"on": True}, life=60)
        future = self.outbox.command("power1", "power", {"on": False}, life=60, delay=9)
        self.assertCountEqual(self.claim(), [(third, "sent"), (other, "sent")])
        states = [self.outbox.state(one) for one in (first, second, third, future)]
        replaced = ("cancelled", "superseded")
        self.assertEqual(states, [replaced, replaced, ("sent", None), ("queued", None)])

    def test_refused_wish_replaces_nothing(self):
        self.device("power1", "power")
        self.outbox.query(
            "INSERT INTO teahouse_booking (state, room_id, store_id) VALUES"
            " ('completed', 1, 1), ('in_use', 1, 1)"
        )
        keep = self.outbox.command("power1", "power", {"on": True}, life=60, delay=-1)
        off = self.outbox.command(
            "power1", "power", {"on": False}, life=60, guard="idle", booking_id=1
        )
        self.assertCountEqual(self.claim(), [(keep, "sent"), (off, "cancelled")])
        self.assertEqual(self.outbox.state(off), ("cancelled", "needed"))

    def test_sequence_follows_the_due_times(self):
        self.device("power1", "power")
        late = self.outbox.command("power1", "power", {"on": True}, life=60, delay=-1)
        early = self.outbox.command("power1", "light", {"on": True}, life=60, delay=-5)
        self.assertEqual([row[0] for row in self.claim()], [early, late])

    def test_what_is_over_is_not_sent(self):
        self.device("lock1")
        cmd_id = self.outbox.command("lock1", life=-1, delay=-10)
        self.assertEqual(self.claim(), [])
        self.assertEqual(outbox.close_overdue(self.database), ["expired"])
        self.assertEqual(self.outbox.state(cmd_id), ("expired", "not_published"))

    def test_edge_fails_when_the_broker_is_away(self):
        self.device("lock1")
        self.device("power1", "power")
        edge = self.outbox.command("lock1")
        level = self.outbox.command("power1", "power", {"on": True}, life=60)
        self.assertEqual(outbox.fail_edge(self.database), ["failed"])
        self.assertEqual(self.outbox.state(edge), ("failed", "offline"))
        self.assertEqual(self.outbox.state(level)[0], "queued")

    def test_nobody_listens(self):
        self.device("lock1")
        self.device("power1", "power")
        edge = self.outbox.command("lock1")
        level = self.outbox.command("power1", "power", {"on": True}, life=60)
        ids = [row.id for row in outbox.claim(self.database, 10)]
        self.assertEqual(self.inbox.store_unheard(self.database, ids), ["failed"])
        self.assertEqual(self.outbox.state(edge), ("failed", "offline"))
        self.assertEqual(self.outbox.state(level), ("sent", None))
        sql = "SELECT DISTINCT state FROM teahouse_device"
        self.assertEqual(self.outbox.query(sql), [("offline",)])
        sql = "SELECT ev FROM teahouse_device_event"
        self.assertEqual(self.outbox.query(sql), [("offline",)] * 2)

    def test_device_that_came_back_meanwhile_is_not_gone(self):
        self.device("lock1")
        self.outbox.command("lock1")
        [row] = outbox.claim(self.database, 10)
        self.hear("lock1", "st", {"st": "online", "boot": "boot2"})
        self.inbox.store_unheard(self.database, [row.id])
        [(state,)] = self.outbox.query("SELECT state FROM teahouse_device")
        self.assertEqual(state, "online")


@tagged("post_install", "-at_install")
class TestGuards(OutboxCase):
    def setUp(self):
        super().setUp()
        self.device("lock1")
        self.outbox.query(
            "INSERT INTO teahouse_booking (state, room_id, store_id)"
            " VALUES ('confirmed', 1, 1)"
        )
        self.outbox.query(
            "INSERT INTO teahouse_grant (state, valid_from, valid_to, booking_id)"
            f" SELECT 'active', {NOW} - interval '1 min', {NOW} + interval '1 hour', 1"
        )

    def press(self):
        values = {"guard": "grant", "grant_id": 1, "booking_id": 1}
        return self.outbox.command("lock1", **values)

    def test_right_is_checked_in_the_claim(self):
        changes = [
            ("", "sent"),
            ("UPDATE teahouse_grant SET state = 'revoked'", "cancelled"),
            (f"UPDATE teahouse_grant SET valid_to = {NOW}", "cancelled"),
            ("UPDATE teahouse_booking SET state = 'cancelled'", "cancelled"),
            ("UPDATE teahouse_booking SET state = 'completed'", "sent"),
            ("DELETE FROM teahouse_grant", "cancelled"),
        ]
        for change, verdict in changes:
            with self.subTest(change=change):
                self.outbox.query("DELETE FROM teahouse_command")
                self.outbox.query("DELETE FROM teahouse_grant")
                self.outbox.query("UPDATE teahouse_booking SET state = 'confirmed'")
                self.outbox.query(
                    "INSERT INTO teahouse_grant (id, state, valid_from, valid_to,"
                    f" booking_id) SELECT 1, 'active', {NOW} - interval '1 min',"
                    f" {NOW} + interval '1 hour', 1"
                )
                cmd_id = self.press()
                if change:
                    self.outbox.query(change)
                self.assertEqual(self.claim(), [(cmd_id, verdict)])
                reason = None if verdict == "sent" else "right_lost"
                self.assertEqual(self.outbox.state(cmd_id), (verdict, reason))

    def test_lost_right_is_not_sent_again(self):
        cmd_id = self.press()
        self.claim()
        self.outbox.query("UPDATE teahouse_grant SET state = 'revoked'")
        self.later(3)
        self.assertEqual(self.claim(), [(cmd_id, "stop")])
        self.later(3)
        self.assertEqual(self.claim(), [])
        self.answer(cmd_id)
        self.assertEqual(self.outbox.state(cmd_id)[0], "done", "it did open")


@tagged("post_install", "-at_install")
class TestAnswers(OutboxCase):
    def setUp(self):
        super().setUp()
        self.device("lock1")
        self.device("lock2")

    def outcomes(self):
        names = ("done", "failed", "rejected", "received", "retry", "repeated")
        names += ("unknown_id", "wrong_device")
        counts = {name: self.metrics.value("acks_total", name) for name in names}
        return {name: count for name, count in counts.items() if count}

    def test_state_never_goes_back(self):
        cmd_id = self.outbox.command("lock1")
        self.claim()
        for st, code in (
            ("done", "ok"),
            ("done", "dup"),
            ("failed", "jammed"),
            ("received", "ok"),
            ("expired", "clock"),
        ):
            self.answer(cmd_id, st, code)
            self.assertEqual(self.outbox.state(cmd_id), ("done", None))
        self.assertEqual(self.outcomes(), {"done": 1, "repeated": 4})

    def test_late_answer(self):
        for state, answer, expected in (
            ("unknown", "done", "done"),
            ("unknown", "failed", "failed"),
            ("cancelled", "done", "cancelled"),
            ("expired", "done", "expired"),
            ("failed", "done", "failed"),
            ("rejected", "done", "rejected"),
        ):
            with self.subTest(state=state, answer=answer):
                cmd_id = self.outbox.command("lock1", state=state)
                self.answer(cmd_id, answer)
                self.assertEqual(self.outbox.state(cmd_id)[0], expected)

    def test_late_answer_calls_for_its_effects(self):
        cmd_id = self.outbox.command("lock1", state="unknown", effects_done=True)
        self.answer(cmd_id)
        [(done,)] = self.outbox.query("SELECT effects_done FROM teahouse_command")
        self.assertFalse(done)

    def test_spoofed_and_invented_answers(self):
        cmd_id = self.outbox.command("lock1")
        self.claim()
        self.answer(cmd_id, uid="lock2")
        self.answer("no-such-command")
        self.answer(cmd_id, uid="lock-of-nobody")
        self.assertEqual(self.outbox.state(cmd_id)[0], "sent")
        self.assertEqual(self.outcomes(), {"wrong_device": 2, "unknown_id": 1})

    def test_refusals(self):
        cases = [
            ("failed", "jammed", ("failed", "jammed")),
            ("rejected", "busy", ("rejected", "busy")),
            ("expired", "clock", ("rejected", "clock")),
            ("rejected", "bad_boot", ("sent", None)),
        ]
        for st, code, expected in cases:
            with self.subTest(code=code):
                cmd_id = self.outbox.command("lock1")
                self.claim()
                self.answer(cmd_id, st, code)
                self.assertEqual(self.outbox.state(cmd_id), expected)
        self.later(1)
        self.assertEqual(self.claim(), [(cmd_id, "sent")])

    def test_device_that_saw_a_retained_command_is_reported(self):
        self.answer("old-command", "rejected", "retained")
        rows = self.outbox.query("SELECT ev, effects_done FROM teahouse_device_event")
        self.assertEqual(rows, [("retained", False)])


@tagged("post_install", "-at_install")
class TestEventsAndReadings(OutboxCase):
    def test_event_is_stored_once(self):
        self.device("lock1")
        smoke = {"id": "e1", "ev": "smoke", "sev": "critical", "on": True}
        self.hear("lock1", "evt", smoke)
        self.hear("lock1", "evt", smoke)
        rows = self.outbox.query(
            "SELECT uid, ev, sev, payload FROM teahouse_device_event"
        )
        self.assertEqual(rows, [("e1", "smoke", "critical", {"on": True})])

    def test_coming_and_going_is_an_event_each(self):
        self.device("lock1")
        for state, boot in (
            ("offline", "old"),
            ("online", "boot1"),
            ("offline", "boot1"),
            ("offline", "boot1"),
            ("online", "boot2"),
            ("online", "boot3"),
        ):
            self.hear("lock1", "st", {"st": state, "boot": boot})
        rows = self.outbox.query("SELECT ev FROM teahouse_device_event ORDER BY id")
        self.assertEqual(rows, [("offline",), ("online",)])

    def test_refused_row_does_not_harm_its_batch(self):
        self.device("lock1")
        cmd_id = self.outbox.command("lock1")
        self.claim()
        self.outbox.query("ALTER TABLE teahouse_device_event ADD CHECK (ev <> 'door')")
        for mid, (leaf, payload) in enumerate(
            [
                ("evt", {"id": "e1", "ev": "tamper"}),
                ("evt", {"id": "e2", "ev": "door"}),
                ("ack", {"id": cmd_id, "st": "done"}),
            ],
            1,
        ):
            raw = json.dumps(payload).encode()
            self.inbox.take(Inbound(mid, f"th/v1/lock1/{leaf}", raw, 1, False))
        with self.assertLogs(Inbox.__module__, "WARNING"):
            mids, _born = self.inbox.store(self.database)
        self.assertEqual(mids, [1, 2, 3])
        self.assertEqual(self.outbox.state(cmd_id)[0], "done")
        rows = self.outbox.query("SELECT uid FROM teahouse_device_event")
        self.assertEqual(rows, [("e1",)])
        self.assertEqual(self.metrics.rejected_by_device, {"lock1": 1})

    def test_readings_go_in_bulk(self):
        self.device("s1", "sensor")
        for number in range(30):
            raw = json.dumps({"temp_c": 20 + number / 10, "smoke": False}).encode()
            self.inbox.take(Inbound(number, "th/v1/s1/tele", raw, 1, False))
        raw = json.dumps({"bat_pct": 12, "power_w": 5}).encode()
        self.inbox.take(Inbound(99, "th/v1/nobody/tele", raw, 1, False))
        self.assertEqual(len(self.inbox.store_readings(self.database)), 31)
        [(count, warmest)] = self.outbox.query(
            "SELECT count(*), max(temp_c) FROM teahouse_telemetry"
        )
        self.assertEqual((count, round(warmest, 1)), (30, 22.9))

    def test_battery_and_life_sign_from_a_reading(self):
        self.device("lock1", online=False)
        raw = json.dumps({"bat_pct": 12, "rssi_dbm": -70}).encode()
        self.inbox.take(Inbound(1, "th/v1/lock1/tele", raw, 1, False))
        self.inbox.store_readings(self.database)
        [(battery, rssi, seen)] = self.outbox.query(
            "SELECT battery_pct, rssi_dbm, last_seen_at FROM teahouse_device"
        )
        self.assertEqual((battery, rssi), (12, -70))
        self.assertTrue(seen)

    def test_lost_connection_keeps_the_batch_unconfirmed(self):
        self.device("lock1")
        self.outbox.kill_backends()
        with self.assertRaises(ConnectionLost):
            self.hear("lock1", "evt", {"id": "e1", "ev": "tamper"})
        self.database = self.connect()
        mids, _born = self.inbox.store(self.database)
        self.assertEqual(mids, [1])

    def test_one_leads(self):
        other = self.connect()
        self.assertEqual([self.database.lead(), other.lead()], [True, False])
        self.database.close()
        # The server notices a moment later.
        wait_until(other.lead, 5, "leadership")

    def test_commit_wakes_the_listener(self):
        self.device("lock1")
        self.database.listen("teahouse_command")
        self.assertFalse(self.database.notified())
        self.outbox.command("lock1")
        wait_until(self.database.notified, 2, "wake-up")
        self.assertFalse(self.database.notified())
