from datetime import timedelta

from odoo.tests import tagged

from ..tools import db_now
from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestAlarm(DeviceCommon):
    def alarms(self, **filters):
        return self.env["teahouse.alarm"].search(
            self.scope() + [(name, "=", value) for name, value in filters.items()]
        )

    def watch(self):
        self.env["teahouse.alarm"]._cron_watch()

    def test_one_alarm_per_cause(self):
        for __ in range(3):
            self.event(self.lock, "tamper")
        alarm = self.alarms(kind="tamper")
        self.assertEqual(len(alarm), 1)
        self.assertEqual(alarm.severity, "critical")
        alarm.with_user(self.user_staff).action_close()
        self.event(self.lock, "tamper")
        self.assertEqual(len(self.alarms(kind="tamper")), 2)

    def test_smoke_tells_and_recovers(self):
        self.event(self.lock, "smoke", on=True)
        alarm = self.alarms(kind="smoke")
        self.assertEqual((alarm.state, alarm.severity), ("open", "critical"))
        self.assertFalse(alarm.request_id, "smoke is no matter of repair")
        self.assertFalse(self.commands(act="unlock"), "smoke opens nothing by itself")
        self.event(self.lock, "smoke", on=False)
        self.assertEqual(alarm.state, "closed")

    def test_people_of_the_store_are_told_once(self):
        self.event(self.lock, "tamper")
        told = self.env["teahouse.notification"].search(
            [("template_id.code", "=", "device_alarm")]
        )
        self.assertEqual(
            told.user_id,
            self.user_staff
            | self.user_manager
            | self.user_technician
            | self.user_owner,
        )
        self.assertEqual(len(told), len(told.user_id))

    def test_repair_is_asked_for(self):
        self.event(self.lock, "tamper")
        request = self.alarms(kind="tamper").request_id
        self.assertIn(self.lock.name, request.name)

    def test_every_fault_of_a_device_is_a_repair(self):
        alarms = self.env["teahouse.alarm"]
        for kind in ("offline", "battery", "jam", "tamper", "clock", "flood"):
            alarm = alarms._raise_alarm(self.power, kind)
            self.assertIn(self.power.name, alarm.request_id.name, kind)
        for kind in ("smoke", "co2", "temperature", "idle_power", "retained"):
            self.assertFalse(alarms._raise_alarm(self.power, kind).request_id, kind)

    def test_what_lasts_until_the_reminder_is_a_repair(self):
        for kind in ("door_open", "pin"):
            alarm = self.env["teahouse.alarm"]._raise_alarm(self.lock, kind)
            self.assertFalse(alarm.request_id, kind)
            alarm._tell()
            request = alarm.request_id
            self.assertTrue(request, kind)
            alarm._tell()
            self.assertEqual(alarm.request_id, request)

    def test_device_that_comes_and_goes_is_one_repair(self):
        alarms = self.env["teahouse.alarm"]
        first = alarms._raise_alarm(self.lock, "offline")
        first._close()
        again = alarms._raise_alarm(self.lock, "offline")
        self.assertNotEqual(again, first)
        self.assertEqual(again.request_id, first.request_id)
        other = alarms._raise_alarm(self.lock, "battery")
        self.assertNotEqual(other.request_id, first.request_id)
        again._close()
        first.request_id.stage_id = self.env["maintenance.stage"].search(
            [("done", "=", True)], limit=1
        )
        third = alarms._raise_alarm(self.lock, "offline")
        self.assertNotEqual(third.request_id, first.request_id)

    def test_offline_needs_five_minutes(self):
        self.report(self.lock, online=False)
        self.watch()
        self.assertFalse(self.alarms(kind="offline"))
        long_ago = db_now(self.env) - timedelta(minutes=6)
        self.report(self.lock, online=False, state_at=long_ago)
        self.watch()
        self.watch()
        alarm = self.alarms(kind="offline")
        self.assertEqual((len(alarm), alarm.device_id), (1, self.lock))
        self.report(self.lock)
        self.watch()
        self.assertEqual(alarm.state, "closed")

    def test_battery_with_hysteresis(self):
        self.report(self.lock, battery_pct=12)
        self.watch()
        alarm = self.alarms(kind="battery")
        self.assertEqual(alarm.device_id, self.lock)
        self.report(self.lock, battery_pct=21)
        self.watch()
        self.assertEqual(alarm.state, "open")
        self.report(self.lock, battery_pct=90)
        self.watch()
        self.assertEqual(alarm.state, "closed")

    def test_devices_without_battery_are_fine(self):
        self.report(self.power, battery_pct=0)
        self.watch()
        self.assertFalse(self.alarms(kind="battery"))

    def test_jam_is_seen_and_ends_with_an_opening(self):
        self.answer(self.lock._unlock(source="staff"), "failed", "jammed")
        alarm = self.alarms(kind="jam")
        self.assertEqual(alarm.state, "open")
        self.answer(self.lock._unlock(source="staff"))
        self.assertEqual(alarm.state, "closed")

    def test_pin_that_does_not_arrive(self):
        booking = self.make_booking(start=20)
        self.watch()
        self.assertFalse(self.alarms(kind="pin"), "it is on its way")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE teahouse_grant_key SET write_date = write_date - interval '1 hour'"
        )
        self.watch()
        alarm = self.alarms(kind="pin", device_id=self.lock.id)
        self.assertTrue(alarm)
        self.answer(self.commands(self.lock, booking, act="pin_set"))
        self.watch()
        self.assertEqual(alarm.state, "closed")

    def test_pin_of_a_later_day_may_wait(self):
        self.make_booking(start=600)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE teahouse_grant_key SET write_date = write_date - interval '1 hour'"
        )
        self.watch()
        self.assertFalse(self.alarms(kind="pin"))

    def test_watch_closes_what_a_dead_gateway_left(self):
        command = self.lock._unlock(source="staff")
        command.expires_at = db_now(self.env) - timedelta(minutes=5)
        self.watch()
        self.assertEqual(command.state, "expired")
        self.assertTrue(command.effects_done)
