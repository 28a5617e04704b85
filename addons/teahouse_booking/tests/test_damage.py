from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestDamage(BookingCommon):
    def report(self, user=None, **values):
        return (
            self.env["teahouse.damage"]
            .with_user(user or self.user_cleaner)
            .create({"name": "Kettle is cold", "room_id": self.room.id, **values})
        )

    def test_from_report_to_repair(self):
        booking = self.make_booking()
        task = self.env["teahouse.cleaning.task"].create(
            {
                "room_id": self.room.id,
                "booking_id": booking.id,
                "due_at": fields.Datetime.now(),
            }
        )
        action = task.with_user(self.user_cleaner).action_report_damage()
        damage = (
            self.env["teahouse.damage"]
            .with_user(self.user_cleaner)
            .with_context(**action["context"])
            .create({"name": "Kettle is cold", "severity": "2"})
        )
        self.assertEqual((damage.room_id, damage.task_id), (self.room, task))
        # Staff learn whose stay it was; the cleaner does not.
        self.assertEqual(damage.sudo().booking_id, booking)
        with self.assertRaises(AccessError):
            damage.read(["booking_id"])
        with self.assert_code("forbidden"):
            damage.action_resolve()
        with self.assert_code("forbidden"):
            damage.write({"state": "resolved"})

        of_staff = damage.with_user(self.user_staff)
        of_staff.action_repair()
        self.assertEqual((damage.state, damage.user_id), ("in_repair", self.user_staff))
        of_staff.cost = 30
        of_staff.action_resolve()
        self.assertTrue(damage.resolved_at)
        of_staff.action_reopen()
        self.assertFalse(damage.resolved_at)
        closing = of_staff.action_close_room()["context"]
        self.assertEqual(closing["default_room_id"], self.room.id)

    def test_who_sees_what(self):
        here = self.report()
        there = self.report(self.user_owner, room_id=self.other_room.id)
        for user, sees in (
            (self.user_owner, here | there),
            (self.user_accountant, here | there),
            (self.user_manager, here),
            (self.user_staff, here),
            (self.user_cleaner, here),
            (self.user_technician, here),
        ):
            mine = self.env["teahouse.damage"].with_user(user)
            found = mine.search([("id", "in", (here | there).ids)])
            self.assertEqual(found.sudo(), sees, user.login)
        with self.assertRaises(AccessError):
            self.env["teahouse.damage"].with_user(self.member.user_id).search([])
        with self.assertRaises(AccessError):
            self.report(self.user_accountant)

    def test_waiting_times(self):
        now = fields.Datetime.now()
        task = self.env["teahouse.cleaning.task"].create(
            {
                "room_id": self.room.id,
                "due_at": fields.Datetime.subtract(now, minutes=40),
            }
        )
        self.assertEqual((task.wait_minutes, task.clean_minutes), (0, 0))
        task.sudo().started_at = fields.Datetime.subtract(now, minutes=25)
        task.sudo().finished_at = fields.Datetime.subtract(now, minutes=5)
        self.assertEqual((task.wait_minutes, task.clean_minutes), (15, 20))
