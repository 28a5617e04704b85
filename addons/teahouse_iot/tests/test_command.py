from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..engine.outbox import GUARD_SQL
from ..tools import db_clock, db_now
from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestCommand(DeviceCommon):
    def allowed(self, command):
        """Evaluate the guard as the gateway's claim does."""
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {GUARD_SQL} FROM teahouse_command c "
            "JOIN teahouse_device d ON d.id = c.device_id WHERE c.id = %s",
            [command.id],
        )
        return self.env.cr.fetchone()[0]

    def test_classes_and_keys_follow_the_protocol(self):
        until = db_now(self.env) + timedelta(hours=1)
        power = self.power._issue("power", {"on": True}, expires_at=until)
        self.assertEqual((power.klass, power.superkey), ("level", "power"))
        say = self.power._issue("say", {"text": "茶"}, expires_at=until)
        self.assertEqual((say.klass, say.superkey), ("edge", ""))
        self.assertNotEqual(power.cmd_id, say.cmd_id)
        self.assertEqual(power.store_id, self.store)

    def test_five_presses_are_one_command(self):
        commands = {self.lock._unlock(source="staff").id for __ in range(5)}
        self.assertEqual(len(commands), 1)
        command = self.commands(self.lock, act="unlock")
        life = (command.expires_at - command.due_at).total_seconds()
        self.assertTrue(14 <= life <= 15, life)
        self.assertEqual(command.args, {"pulse_ms": 5000})
        self.assertNotEqual(self.gate._unlock(source="staff"), command)

    @mute_logger("odoo.sql_db")
    def test_database_allows_one_open_unlock(self):
        self.lock._unlock(source="staff")
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.lock._issue(
                "unlock",
                {"pulse_ms": 5000},
                expires_at=db_now(self.env) + timedelta(seconds=15),
            )

    def test_press_after_the_end_is_a_new_command(self):
        first = self.lock._unlock(source="staff")
        self.answer(first)
        second = self.lock._unlock(source="staff")
        self.assertNotEqual(first, second)
        second.expires_at = db_now(self.env) - timedelta(seconds=1)
        third = self.lock._unlock(source="staff")
        self.assertNotEqual(third, second)
        self.assertEqual((second.state, second.reason), ("expired", "not_published"))

    def test_press_made_before_the_answer_is_served_by_it(self):
        before = db_clock(self.env)
        first = self.lock._unlock(before, source="staff")
        self.answer(first)
        self.assertEqual(self.lock._unlock(before, source="staff"), first)
        after = self.lock._unlock(db_clock(self.env), source="staff")
        self.assertNotEqual(after, first)

    def test_failed_opening_serves_nobody(self):
        before = db_clock(self.env)
        first = self.lock._unlock(before, source="staff")
        self.answer(first, "failed", "jammed")
        self.assertNotEqual(self.lock._unlock(before, source="staff"), first)

    def test_published_without_answer_is_unknown(self):
        command = self.lock._unlock(source="staff")
        command.write(
            {
                "state": "sent",
                "tries": 2,
                "expires_at": db_now(self.env) - timedelta(seconds=1),
            }
        )
        self.env["teahouse.command"]._close_lapsed()
        self.assertEqual((command.state, command.reason), ("unknown", "no_answer"))

    def test_cancel_does_not_touch_an_answered_command(self):
        command = self.lock._unlock(source="staff")
        self.answer(command, effects=False)
        command._cancel_open()
        self.assertEqual(command.state, "done")

    def test_consequences_are_drawn_once(self):
        booking = self.make_booking()
        command = self.lock._unlock(
            source="app",
            guard="grant",
            grant_id=booking.grant_ids.id,
            booking_id=booking.id,
            member_id=self.member.id,
        )
        self.env["teahouse.access.log"]._log_pressed(command, "app", booking.grant_ids)
        self.answer(command)
        self.assertTrue(command.effects_done)
        self.assertEqual(booking.state, "in_use")
        commands = self.env["teahouse.command"].search_count([])
        self.env["teahouse.command"]._on_acks(command.ids)
        self.assertEqual(self.env["teahouse.command"].search_count([]), commands)

    def test_open_commands_have_no_consequences(self):
        command = self.lock._unlock(source="staff")
        self.env["teahouse.command"]._on_acks(command.ids)
        self.assertFalse(command.effects_done)

    def test_guard_of_a_grant(self):
        booking = self.make_booking()
        grant = booking.grant_ids
        command = self.lock._unlock(
            source="app", guard="grant", grant_id=grant.id, booking_id=booking.id
        )
        self.assertTrue(self.allowed(command))
        for state, expected in (
            ("in_use", True),
            ("completed", True),
            ("cancelled", False),
            ("no_show", False),
            ("hold", False),
        ):
            booking.state = state
            self.assertEqual(self.allowed(command), expected, state)
        booking.state = "in_use"
        grant.write({"valid_from": db_now(self.env) + timedelta(minutes=1)})
        self.assertFalse(self.allowed(command))
        command.guard = "grant_any"
        self.assertTrue(self.allowed(command))
        grant.state = "revoked"
        self.assertFalse(self.allowed(command))

    def test_guard_idle(self):
        booking = self.make_booking()
        other = self.make_booking(member=self.member_2, room=self.room_2)
        shared = self.make_device("light", room=None)
        until = db_now(self.env) + timedelta(hours=1)
        own, common = (
            device._issue(
                "light",
                {"on": False},
                expires_at=until,
                guard="idle",
                booking_id=booking.id,
            )
            for device in (self.light, shared)
        )
        self.assertTrue(self.allowed(own))
        self.assertTrue(self.allowed(common))
        other.state = "in_use"
        self.assertTrue(self.allowed(own), "the room itself is free")
        self.assertFalse(self.allowed(common), "somebody in the store needs it")

    def test_pin_is_not_in_the_outbox(self):
        booking = self.make_booking()
        push = self.commands(self.lock, booking, act="pin_set")
        pin = booking.grant_ids.pin
        self.assertRegex(pin, r"^\d{6}$")
        self.assertNotIn(pin, str(push.args))
        secret = self.env["teahouse.command"]._secret_args(push.ids)
        self.assertEqual(secret, {push.id: {"pin": pin}})
