from datetime import timedelta

from odoo.tests import tagged

from ..tools import db_clock, db_now, epoch
from .common import DeviceCommon

MINUTE = timedelta(minutes=1)


@tagged("post_install", "-at_install")
class TestRoomPlan(DeviceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.speaker = cls.make_device("speaker")

    def make_stay(self, **values):
        """A booking whose guest has come in."""
        booking = self.make_booking(**values)
        booking._check_in("staff")
        return booking

    def open_commands(self, *args, **kwargs):
        return self.commands(*args, **kwargs).filtered(
            lambda command: command.state in ("queued", "sent")
        )

    def end(self, booking, early=True):
        if early:
            booking._checkout("guest")
        else:
            booking._checkout("end", at=booking.end)

    def test_check_in_powers_the_room(self):
        booking = self.make_booking()
        self.assertFalse(self.commands(self.power))
        booking._check_in("staff")
        power = self.open_commands(self.power).filtered(lambda c: c.args["on"])
        self.assertEqual(power.args["until"], epoch(booking.end + MINUTE))
        self.assertEqual(power.expires_at, booking.end + MINUTE)
        light = self.open_commands(self.light).filtered(lambda c: c.args["on"])
        self.assertEqual(light.args["until"], epoch(booking.end + 6 * MINUTE))

    def test_welcome_and_warnings_are_said(self):
        booking = self.make_stay()
        says = self.commands(self.speaker, booking)
        self.assertEqual(
            [command.plan_key for command in says],
            ["welcome", "warn_30", "warn_15", "warn_5"],
        )
        self.assertEqual(set(says.mapped("state")), {"queued"})
        last = says[-1]
        self.assertEqual(last.due_at, booking.end - 5 * MINUTE)
        self.assertEqual(last.expires_at - last.due_at, timedelta(seconds=30))
        self.assertIn("5", last.args["text"])
        self.assertEqual((last.klass, last.guard), ("edge", "booking"))

    def test_power_off_is_planned(self):
        booking = self.make_stay()
        off = self.commands(self.power, plan_key="power_off")
        self.assertEqual(off.due_at, booking.end + MINUTE)
        self.assertEqual((off.args, off.guard), ({"on": False}, "idle"))
        light = self.commands(self.light, plan_key="light_off")
        self.assertEqual(light.due_at, booking.end + 6 * MINUTE)

    def test_extension_replaces_the_plan_without_cycling(self):
        booking = self.make_stay()
        self.answer(self.commands(self.power, plan_key="power_on"))
        before = self.open_commands(booking=booking, source="plan")
        old_end = booking.end
        booking.write(
            {"end": old_end + 30 * MINUTE, "blocked_until": old_end + 45 * MINUTE}
        )
        booking._on_extended(old_end)
        off = self.open_commands(self.power, plan_key="power_off")
        self.assertEqual(off.due_at, booking.end + MINUTE)
        old_off = before.filtered(lambda c: c.plan_key == "power_off")
        self.assertEqual((old_off.state, old_off.reason), ("cancelled", "replaced"))
        now = self.open_commands(self.power).filtered(
            lambda c: c.due_at <= db_clock(self.env)
        )
        self.assertEqual(now.args, {"on": True, "until": epoch(booking.end + MINUTE)})
        warnings = self.open_commands(self.speaker).filtered(
            lambda c: c.plan_key.startswith("warn")
        )
        self.assertEqual(warnings[0].due_at, booking.end - 30 * MINUTE)
        self.assertEqual(len(warnings), 3)
        self.assertEqual(
            len(self.commands(self.speaker, plan_key="welcome")), 1, "greeted once"
        )

    def test_extension_leaves_the_light_as_the_guests_want_it(self):
        dark = self.make_device("light", guest_control=True)
        booking = self.make_stay()
        for device, args in (
            (self.light, {"on": True, "level_pct": 30}),
            (dark, {"on": False}),
        ):
            device._issue(
                "light",
                args,
                expires_at=booking.end,
                source="guest",
                booking_id=booking.id,
            )
        before = self.commands(booking=booking, act="light")
        old_end = booking.end
        booking.write(
            {"end": old_end + 30 * MINUTE, "blocked_until": old_end + 45 * MINUTE}
        )
        booking._on_extended(old_end)
        fresh = (self.commands(booking=booking, act="light") - before).filtered(
            lambda command: command.args["on"]
        )
        self.assertEqual(fresh.device_id, self.light)
        self.assertEqual(fresh.args["level_pct"], 30)
        self.assertEqual(fresh.args["until"], epoch(booking.end + 6 * MINUTE))

    def test_checkout_switches_off_at_once(self):
        booking = self.make_stay()
        self.answer(self.commands(self.power, plan_key="power_on"))
        self.assertTrue(self.power.is_on)
        self.end(booking)
        now = db_now(self.env)
        off = self.open_commands(self.power)
        self.assertEqual(off.args, {"on": False})
        self.assertLessEqual(off.due_at, db_clock(self.env))
        light = self.open_commands(self.light)
        self.assertAlmostEqual((light.due_at - now).total_seconds(), 300, delta=5)
        self.assertEqual(booking.grant_ids.state, "revoked")
        self.assertFalse(self.open_commands(self.speaker))
        self.answer(off)
        self.assertFalse(self.power.is_on)

    def test_booked_end_leaves_the_exit_grace(self):
        booking = self.make_stay()
        passed = 120 * MINUTE
        booking.write(
            {
                name: booking[name] - passed
                for name in ("start", "end", "blocked_until", "checked_in_at")
            }
        )
        booking._follow_change()
        self.end(booking, early=False)
        self.assertEqual(booking.grant_ids.state, "active")
        self.assertTrue(booking.grant_ids._is_live(), "ten minutes for the phone")
        off = self.open_commands(self.power)
        self.assertEqual(off.plan_key, "power_off")

    def test_run_on_store_keeps_the_power(self):
        self.store.write({"at_end": "run_on", "overtime_max_minutes": 120})
        booking = self.make_stay()
        self.assertFalse(self.commands(self.power, plan_key="power_off"))
        power = self.commands(self.power, plan_key="power_on")
        self.assertEqual(power.args["until"], epoch(booking.end + 121 * MINUTE))
        self.end(booking)
        self.assertLessEqual(self.open_commands(self.power).due_at, db_clock(self.env))

    def test_same_guest_back_to_back_is_not_cycled(self):
        first = self.make_stay()
        second = self.make_booking(start=130, minutes=60)
        first._replan()
        self.assertFalse(self.open_commands(self.power, plan_key="power_off"))
        self.end(first, early=False)
        self.assertFalse(
            self.open_commands(self.power).filtered(lambda c: not c.args["on"])
        )
        second._check_in("staff")
        on = self.open_commands(self.power).filtered(lambda c: c.args["on"])
        self.assertEqual(on[-1].args["until"], epoch(second.end + MINUTE))

    def test_next_guest_is_not_left_in_the_dark(self):
        first = self.make_stay(start=-60, minutes=120)
        self.end(first)
        light_off = self.open_commands(self.light)
        second = self.make_booking(member=self.member_2, start=20, minutes=60)
        second._check_in("staff")
        self.assertEqual((light_off.state, light_off.reason), ("cancelled", "needed"))
        self.assertTrue(
            self.open_commands(self.light).filtered(
                lambda c: c.args["on"] and c.booking_id == second
            )
        )

    def test_shared_light_runs_for_the_longest_stay(self):
        shared = self.make_device("light", room=None)
        long = self.make_stay(minutes=240)
        short = self.make_stay(member=self.member_2, room=self.room_2, minutes=60)
        last = self.open_commands(shared, booking=short).filtered(
            lambda c: c.args["on"]
        )
        self.assertEqual(last.args["until"], epoch(long.end))

    def test_cancelled_stay_undoes_what_it_switched(self):
        booking = self.make_stay()
        self.answer(self.commands(self.power, plan_key="power_on"))
        booking.state = "cancelled"
        booking._on_cancelled("store")
        undo = self.open_commands(self.power)
        self.assertEqual((undo.args, undo.plan_key), ({"on": False}, "undo"))
        self.assertFalse(self.open_commands(self.speaker))

    def test_room_change_moves_the_power(self):
        power_2 = self.make_device("power", room=self.room_2)
        booking = self.make_stay()
        self.answer(self.commands(self.power, plan_key="power_on"))
        booking.room_id = self.room_2
        booking._on_room_changed(self.room)
        self.assertEqual(self.open_commands(self.power).args, {"on": False})
        self.assertTrue(self.open_commands(power_2).filtered(lambda c: c.args["on"]))

    def test_preheating(self):
        ac = self.make_device("ac")
        self.store.preheat_minutes = 20
        booking = self.make_booking(start=60)
        command = self.commands(ac, plan_key="preheat")
        self.assertEqual(command.due_at, booking.start - 20 * MINUTE)
        booking.state = "cancelled"
        booking._on_cancelled("member")
        self.assertEqual(command.state, "cancelled")

    def test_end_of_use_does_not_need_devices(self):
        for device in (self.lock, self.power, self.light, self.gate, self.speaker):
            self.report(device, online=False)
        booking = self.make_stay()
        self.end(booking)
        self.assertEqual(booking.state, "completed")

    def test_out_of_order_confirmations(self):
        """An old `on` that is confirmed after a newer `off` changes nothing."""
        booking = self.make_stay()
        on = self.commands(self.power, plan_key="power_on")
        self.answer(on, effects=False)
        self.end(booking)
        off = self.open_commands(self.power)
        self.answer(off)
        self.env["teahouse.command"]._on_acks(on.ids)
        self.assertFalse(self.power.is_on)
