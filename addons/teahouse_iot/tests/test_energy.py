from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import db_now
from .common import DeviceCommon
from .test_alarm_watch import Readings

MINUTE = timedelta(minutes=1)


@tagged("post_install", "-at_install")
class TestEnergyOfStays(Readings, DeviceCommon):
    def meter(self, device, start, end, first=1000, watts=600, step=1):
        """Let a meter count from `start` to `end` minutes ago."""
        for number, age in enumerate(range(start, end, -step)):
            self.reading(
                device, age=60 * age, energy_wh=first + watts * number * step / 60
            )

    def ended(self, start=90, minutes=60, room=None, member=None):
        """A stay that was used from `start` minutes ago, for so many minutes."""
        now = db_now(self.env)
        booking = self.make_booking(
            start=-start, minutes=minutes, room=room, member=member
        )
        booking._check_in("staff", at=now - start * MINUTE)
        booking._checkout("staff", at=now - (start - minutes) * MINUTE)
        booking.write(
            {
                "checked_in_at": now - start * MINUTE,
                "ended_at": now - (start - minutes) * MINUTE,
            }
        )
        return booking

    def count(self):
        self.env.flush_all()
        self.env["teahouse.booking"]._meter_ended()

    def test_energy_of_a_stay(self):
        self.meter(self.power, 120, 0)
        booking = self.ended()
        self.count()
        self.assertTrue(booking.energy_counted)
        self.assertAlmostEqual(booking.energy_wh, 600, delta=1)
        self.assertFalse(booking.energy_estimated)

    def test_not_before_the_meters_have_reported(self):
        self.meter(self.power, 120, 0)
        booking = self.ended(start=65, minutes=60)
        self.count()
        self.assertFalse(booking.energy_counted)

    def test_without_a_meter_nothing_is_claimed(self):
        booking = self.ended()
        self.count()
        self.assertEqual((booking.energy_counted, booking.energy_wh), (True, 0))

    def test_what_cleaning_used_belongs_to_no_stay(self):
        self.meter(self.power, 200, 0)
        first = self.ended(start=180, minutes=60)
        second = self.ended(start=90, minutes=60, member=self.member_2)
        self.count()
        total = first.energy_wh + second.energy_wh
        self.assertAlmostEqual(total, 1200, delta=2)

    def test_room_change_counts_both_rooms(self):
        power_2 = self.make_device("power", room=self.room_2)
        now = db_now(self.env)
        self.meter(self.power, 120, 0, watts=600)
        self.meter(power_2, 120, 0, watts=60)
        booking = self.make_booking(start=-60, minutes=120)
        booking._check_in("staff")
        booking.checked_in_at = now - 60 * MINUTE
        booking.room_id = self.room_2
        booking._on_room_changed(self.room)
        left = booking.energy_rooms
        self.assertEqual(left[0][0], self.room.id)
        half = now - 30 * MINUTE
        booking.energy_rooms = [[self.room.id, left[0][1], str(half)]]
        wh, __ = booking._energy(now)
        self.assertAlmostEqual(wh, 300 + 30, delta=12)

    def test_hours_and_days(self):
        now = db_now(self.env).replace(minute=0, second=0)
        rollups = self.env["teahouse.telemetry.rollup"]
        device = self.make_device("power")
        sensor = self.make_device("sensor")
        base = now - timedelta(hours=2)
        age = int((db_now(self.env) - base).total_seconds())
        for minute, wh in ((-5, 100), (10, 150), (40, 20), (70, 60)):
            self.reading(device, age=age - 60 * minute, energy_wh=wh, power_w=100)
        self.reading(sensor, age=age - 60, temp_c=20, presence=True)
        self.reading(sensor, age=age - 120, temp_c=24, presence=False)
        self.env.flush_all()
        for _twice in range(2):
            rollups._cron_roll_up()
        hours = rollups.search([("device_id", "=", device.id), ("period", "=", "hour")])
        by_hour = {row.at: row for row in hours}
        self.assertEqual(by_hour[base].energy_wh, 70, "50, then 20 after the reset")
        self.assertEqual(by_hour[base + timedelta(hours=1)].energy_wh, 40)
        air = rollups.search([("device_id", "=", sensor.id), ("period", "=", "hour")])
        self.assertEqual((air.temp_c, air.temp_min_c, air.temp_max_c), (22, 20, 24))
        self.assertEqual((air.readings, air.presence_pct), (2, 50))
        days = rollups.search([("device_id", "=", device.id), ("period", "=", "day")])
        self.assertEqual(sum(days.mapped("energy_wh")), 110)
        local = self.store._local(days[0].at)
        self.assertEqual((local.hour, local.minute), (0, 0), "days of the store")

    def test_old_hours_are_forgotten(self):
        rollups = self.env["teahouse.telemetry.rollup"]
        now = db_now(self.env)
        old = rollups.create(
            {
                "device_id": self.power.id,
                "store_id": self.store.id,
                "period": "hour",
                "at": now - timedelta(days=500),
            }
        )
        day = old.copy({"period": "day"})
        self.env.flush_all()
        rollups._forget(now)
        self.assertFalse(old.exists())
        self.assertTrue(day.exists())

    def test_who_reads_hours(self):
        rollups = self.env["teahouse.telemetry.rollup"]
        for store, device in (
            (self.store, self.power),
            (self.other_store, self.other_lock),
        ):
            rollups.create(
                {
                    "device_id": device.id,
                    "store_id": store.id,
                    "period": "hour",
                    "at": db_now(self.env),
                }
            )
        for user in (self.user_staff, self.user_manager, self.user_technician):
            seen = rollups.with_user(user).search([])
            self.assertEqual(seen.store_id, self.store, user.login)
        for user in (self.user_cleaner, self.user_accountant, self.member.user_id):
            self.assertFalse(rollups.with_user(user).has_access("read"), user.login)


@tagged("post_install", "-at_install")
class TestVisitors(DeviceCommon):
    def ask(self, user, **values):
        wizard = (
            self.env["teahouse.room.visitors"]
            .with_user(user)
            .create({"room_id": self.room.id, "reason": "Damage report", **values})
        )
        wizard.action_show()
        return wizard

    def test_owner_sees_who_was_there(self):
        booking = self.make_booking()
        self.add_participant(booking, self.member_2)
        booking._grant_access()
        self.event(
            self.lock,
            "keypad",
            slot=booking.grant_ids.filtered(
                lambda grant: grant.member_id == self.member
            )
            .key_ids.filtered(lambda key: key.device_id == self.lock)
            .slot,
            ok=True,
        )
        self.assertEqual(booking.state, "in_use")
        until = db_now(self.env) + MINUTE
        wizard = self.ask(self.user_owner, until=until)
        rows = {line.name: line for line in wizard.line_ids}
        self.assertEqual(set(rows), {self.member.name, self.member_2.name})
        self.assertEqual(rows[self.member.name].how, "pin")
        self.assertEqual(rows[self.member_2.name].openings, 0)
        [entry] = self.env["teahouse.audit"].search([("action", "=", "room.visitors")])
        self.assertEqual(entry.detail["reason"], "Damage report")

    def test_refusals(self):
        with self.assert_code("invalid_request"):
            self.ask(self.user_owner, reason="  ")
        with self.assert_code("invalid_request"):
            self.ask(self.user_owner, since=db_now(self.env) - timedelta(days=90))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_else_asks(self):
        for user in (self.user_manager, self.user_staff, self.user_technician):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.ask(user)
