from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import epoch
from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestDevice(DeviceCommon):
    def test_device_ids_cannot_leave_their_topic(self):
        for uid in ("a/b", "+", "Big", "a" * 33, "gw", ""):
            with self.assertRaises(ValidationError, msg=uid):
                self.make_device("lock", uid=uid)

    @mute_logger("odoo.sql_db")
    def test_device_id_is_unique(self):
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.make_device("lock", uid=self.lock.uid)

    def test_place(self):
        with self.assertRaises(ValidationError):
            self.make_device("lock", room=self.other_room)
        with self.assertRaises(ValidationError):
            self.make_device("gate", room=self.room)

    def test_credential_is_made_and_replaced(self):
        first = self.lock.mqtt_password
        self.assertGreaterEqual(len(first), 32)
        self.assertNotEqual(first, self.power.mqtt_password)
        action = self.lock.with_user(self.user_technician).action_new_credential()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertNotEqual(self.lock.mqtt_password, first)
        self.assertEqual(wizard.password, self.lock.mqtt_password)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT d.mqtt_password, w.password FROM teahouse_device d, "
            "teahouse_device_credential w WHERE d.id = %s AND w.id = %s",
            [self.lock.id, wizard.id],
        )
        for stored in self.env.cr.fetchone():
            self.assertNotIn(wizard.password, stored)

    def test_credential_leaves_a_trace_without_the_secret(self):
        self.lock.with_user(self.user_technician).action_new_credential()
        entry = self.env["teahouse.audit"].search(
            [("action", "=", "device.credential")]
        )
        self.assertEqual(len(entry), 1)
        self.assertFalse(entry.detail)

    def test_door_in_reach_is_preferred(self):
        self.report(self.gate, online=False)
        self.assertEqual(self.room._door("gate"), self.gate)
        second = self.make_device("gate", room=None)
        self.assertEqual(self.room._door("gate"), second)
        self.assertEqual(self.room._door("room"), self.lock)
        self.assertFalse(self.room_2._door("room"))

    def test_switching_by_hand_never_shortens_a_stay(self):
        booking = self.make_booking(minutes=300)
        booking._check_in("staff")
        self.power.with_user(self.user_staff).action_switch_on()
        command = self.commands(self.power, source="staff")
        self.assertGreater(command.expires_at, booking.end)

    def test_switch_by_hand(self):
        self.power.with_user(self.user_staff).action_switch_on()
        command = self.commands(self.power)
        self.assertEqual((command.args["on"], command.source), (True, "staff"))
        self.assertEqual(command.args["until"], epoch(command.expires_at))
        self.assertEqual(command.user_id, self.user_staff)
        with self.assert_code("invalid_request"):
            self.lock.with_user(self.user_staff).action_switch_on()
