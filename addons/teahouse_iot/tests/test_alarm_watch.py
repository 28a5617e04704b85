from datetime import timedelta

from odoo.tests import tagged

from ..tools import db_now
from .common import DeviceCommon


class Readings:
    """Helper: what the gateway would have stored."""

    def reading(self, device, age=0, **values):
        columns = ", ".join(values)
        self.env.cr.execute(
            f"INSERT INTO teahouse_telemetry (device_id, received_at, {columns}) "
            f"VALUES (%s, %s{', %s' * len(values)})",
            [device.id, db_now(self.env) - timedelta(seconds=age), *values.values()],
        )

    def forget_readings(self, device):
        self.env.cr.execute(
            "DELETE FROM teahouse_telemetry WHERE device_id = %s", [device.id]
        )


@tagged("post_install", "-at_install")
class TestAlarmWatch(Readings, DeviceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sensor = cls.make_device("sensor")

    def watch(self):
        self.env.flush_all()
        self.env["teahouse.alarm"]._cron_watch()

    def alarm(self, kind, device=None):
        return self.env["teahouse.alarm"].search(
            [("device_id", "=", (device or self.sensor).id), ("kind", "=", kind)]
        )

    def told(self, code, **who):
        domain = [("template_id.code", "=", code)]
        domain += [(name, "=", value.id) for name, value in who.items()]
        return self.env["teahouse.notification"].search(domain)

    def test_used_up_air_and_recovery(self):
        for age, co2 in ((200, 1700), (100, 1800), (10, 1900)):
            self.reading(self.sensor, age=age, co2_ppm=co2)
        self.watch()
        alarm = self.alarm("co2")
        self.assertEqual((alarm.state, alarm.detail), ("open", "1800 ppm"))
        self.forget_readings(self.sensor)
        self.reading(self.sensor, co2_ppm=1400)
        self.watch()
        self.assertEqual(alarm.state, "open", "not clearly better yet")
        self.forget_readings(self.sensor)
        self.reading(self.sensor, co2_ppm=900)
        self.watch()
        self.assertEqual(alarm.state, "closed")
        self.assertTrue(self.told("device_alarm_over"))

    def test_one_odd_reading_is_no_alarm(self):
        for age in range(20, 280, 20):
            self.reading(self.sensor, age=age, co2_ppm=600, temp_c=22)
        self.reading(self.sensor, co2_ppm=5000, temp_c=60)
        self.watch()
        self.assertFalse(self.alarm("co2") | self.alarm("temperature"))

    def test_limits_of_the_store(self):
        self.store.write({"alarm_co2_ppm": 0, "alarm_temp_max_c": 28})
        self.reading(self.sensor, co2_ppm=4000, temp_c=30)
        self.watch()
        self.assertFalse(self.alarm("co2"))
        self.assertEqual(self.alarm("temperature").detail, "30.0 °C")

    def test_smoke_tells_everyone_and_opens_nothing(self):
        speaker = self.make_device("speaker", room=self.room_2)
        booking = self.make_booking()
        booking._check_in("staff")
        before = self.commands(act="unlock")
        self.event(self.sensor, "smoke", on=True)
        alarm = self.alarm("smoke")
        self.assertEqual(alarm.severity, "critical")
        self.assertTrue(self.told("device_alarm", user_id=self.user_staff))
        self.assertTrue(self.told("smoke_guests", member_id=self.member))
        self.assertFalse(self.told("smoke_guests", member_id=self.member_2))
        say = self.commands(speaker, plan_key="smoke")
        self.assertEqual((say.act, say.args["volume_pct"]), ("say", 100))
        self.assertEqual(self.commands(act="unlock"), before)
        self.event(self.sensor, "smoke", on=True)
        self.assertEqual(len(self.alarm("smoke")), 1)
        self.event(self.sensor, "smoke", on=False)
        self.assertEqual(alarm.state, "closed")

    def test_smoke_in_a_reading(self):
        self.reading(self.sensor, smoke=True)
        self.watch()
        alarm = self.alarm("smoke")
        self.assertEqual(alarm.state, "open")
        self.forget_readings(self.sensor)
        self.reading(self.sensor, smoke=False)
        self.watch()
        self.assertEqual(alarm.state, "closed")

    def test_reading_does_not_end_what_an_event_said(self):
        self.event(self.sensor, "smoke", on=True)
        self.reading(self.sensor, smoke=False)
        self.watch()
        self.assertEqual(self.alarm("smoke").state, "open")

    def test_clock_that_was_set_and_flood_that_ended(self):
        now = db_now(self.env)
        for kind in ("clock", "flood"):
            self.event(self.lock, kind, age=4 * 3600)
            alarm = self.alarm(kind, self.lock)
            alarm.opened_at = now - timedelta(hours=4)
            self.event(self.lock, kind, age=5400)
            self.report(self.lock, last_seen_at=now)
            self.watch()
            self.assertEqual(alarm.state, "open", f"{kind}: again meanwhile")
            self.env["teahouse.device.event"].search(
                [("device_id", "=", self.lock.id), ("ev", "=", kind)], limit=1
            ).unlink()
            self.report(self.lock, last_seen_at=now - timedelta(hours=3))
            self.watch()
            self.assertEqual(alarm.state, "open", f"{kind}: silent since")
            self.report(self.lock, last_seen_at=now)
            self.watch()
            self.assertEqual(alarm.state, "closed", kind)

    def test_door_left_open(self):
        self.event(self.lock, "door", age=200, open=True)
        self.watch()
        self.assertFalse(self.alarm("door_open", self.lock))
        self.event(self.lock, "door", age=400, open=True)
        self.event(self.lock, "door", age=390, open=False)
        self.watch()
        self.assertFalse(self.alarm("door_open", self.lock), "closed meanwhile")
        self.env["teahouse.device.event"].search(
            [("device_id", "=", self.lock.id)]
        ).unlink()
        self.event(self.lock, "door", age=400, open=True)
        self.watch()
        alarm = self.alarm("door_open", self.lock)
        self.assertEqual(alarm.state, "open")
        self.event(self.lock, "door", open=False)
        self.assertEqual(alarm.state, "closed")

    def burn(self, watts=800):
        for age in range(0, 900, 60):
            self.reading(self.power, age=age, power_w=watts)

    def test_power_without_a_booking(self):
        self.burn()
        self.watch()
        alarm = self.alarm("idle_power", self.power)
        self.assertEqual((alarm.state, alarm.detail), ("open", "800 W"))
        self.forget_readings(self.power)
        self.burn(watts=3)
        self.watch()
        self.assertEqual(alarm.state, "closed")

    def test_power_that_somebody_wants(self):
        self.burn()
        booking = self.make_booking()
        booking._check_in("staff")
        self.watch()
        self.assertFalse(self.alarm("idle_power", self.power), "guests are in")
        booking._checkout("guest")
        self.watch()
        self.assertFalse(self.alarm("idle_power", self.power), "they have just left")

    def test_power_that_staff_switched_on(self):
        self.burn()
        self.power.with_user(self.user_manager).action_switch_on()
        self.answer(self.commands(self.power, source="staff"))
        self.watch()
        self.assertFalse(self.alarm("idle_power", self.power))

    def test_meter_that_has_only_begun_says_nothing(self):
        self.reading(self.power, age=60, power_w=800)
        self.reading(self.power, age=30, power_w=800)
        self.watch()
        self.assertFalse(self.alarm("idle_power", self.power))

    def test_reminders_until_somebody_takes_over(self):
        self.event(self.lock, "tamper", on=True)
        alarm = self.alarm("tamper", self.lock)
        self.watch()
        self.assertEqual(alarm.told_count, 1)
        alarm.told_at -= timedelta(minutes=61)
        self.watch()
        self.assertEqual(alarm.told_count, 2)
        self.assertTrue(self.told("device_alarm_again"))
        alarm.with_user(self.user_technician).action_take()
        alarm.told_at -= timedelta(minutes=61)
        self.watch()
        self.assertEqual(alarm.told_count, 2)
        self.assertEqual(alarm.taken_id, self.user_technician)

    def test_offline_after_the_minutes_of_the_store(self):
        self.store.alarm_offline_minutes = 20
        gone = db_now(self.env) - timedelta(minutes=10)
        self.report(self.lock, online=False, state_at=gone)
        self.watch()
        self.assertFalse(self.alarm("offline", self.lock))
        self.store.alarm_offline_minutes = 9
        self.watch()
        self.assertTrue(self.alarm("offline", self.lock))
        self.assertTrue(self.alarm("offline", self.lock).request_id)


@tagged("post_install", "-at_install")
class TestLeaving(Readings, DeviceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sensor = cls.make_device("sensor")
        cls.store.write({"end_on_evidence": True, "evidence_minutes": 10})

    def stay(self):
        booking = self.make_booking(start=-60, minutes=180)
        booking._check_in("staff", at=db_now(self.env) - timedelta(minutes=60))
        return booking

    def look(self):
        self.env.flush_all()
        self.env["teahouse.booking"]._watch_leaving()

    def test_empty_room_ends_the_stay(self):
        booking = self.stay()
        for age in range(0, 1800, 60):
            self.reading(self.sensor, age=age, presence=age > 900)
        self.look()
        self.assertEqual(booking.state, "completed")
        minutes = (db_now(self.env) - booking.ended_at).total_seconds() / 60
        self.assertAlmostEqual(minutes, 16, delta=1.5)

    def test_seen_a_moment_ago(self):
        booking = self.stay()
        for age in range(0, 1800, 60):
            self.reading(self.sensor, age=age, presence=age > 300)
        self.look()
        self.assertEqual(booking.state, "in_use")

    def test_silent_sensor_says_nothing(self):
        booking = self.stay()
        self.reading(self.sensor, age=3000, presence=True)
        self.reading(self.sensor, age=2000, presence=False)
        self.look()
        self.assertEqual(booking.state, "in_use")

    def test_presence_event(self):
        booking = self.stay()
        self.event(self.sensor, "presence", age=1500, on=False)
        self.look()
        self.assertEqual(booking.state, "completed")

    def test_one_of_two_sensors_sees_somebody(self):
        booking = self.stay()
        other = self.make_device("sensor")
        self.event(self.sensor, "presence", age=1500, on=False)
        self.event(other, "presence", age=2500, on=True)
        self.look()
        self.assertEqual(booking.state, "in_use")

    def test_closed_door_and_little_power(self):
        booking = self.stay()
        self.store.leave_power_w = 30
        self.event(self.lock, "door", age=1500, open=False)
        for age in range(0, 3000, 60):
            self.reading(self.power, age=age, power_w=12 if age < 1200 else 400)
        self.look()
        self.assertEqual(booking.state, "completed")

    def test_open_door_is_no_evidence(self):
        booking = self.stay()
        self.store.leave_power_w = 30
        self.event(self.lock, "door", age=1500, open=True)
        for age in range(0, 3000, 60):
            self.reading(self.power, age=age, power_w=5)
        self.look()
        self.assertEqual(booking.state, "in_use")
