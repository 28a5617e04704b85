from datetime import timedelta

from odoo.tests import tagged

from ..tools import epoch
from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestMoves(DeviceCommon):
    """Rights and plans follow stays that staff move or hand over."""

    HOUR = timedelta(hours=1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store.room_ids.slot_minutes = 1

    def test_pins_follow_to_another_time(self):
        booking = self.make_booking(start=120)
        grant = booking.grant_ids
        booking._move(self.room, booking.start + self.HOUR, booking.end + self.HOUR)
        self.assertEqual((grant.valid_from, grant.valid_to), booking._access_window())
        push = self.commands(self.lock, booking, act="pin_set")
        self.assertEqual(push[-1].args["from"], epoch(grant.valid_from))

    def test_pins_follow_to_another_room(self):
        booking = self.make_booking(start=120)
        lock_2 = self.make_device("lock", room=self.room_2)
        grant = booking.grant_ids
        booking._move(self.room_2, booking.start + self.HOUR, booking.end + self.HOUR)
        self.assertEqual(grant.room_id, self.room_2)
        self.assertTrue(self.commands(self.lock, act="pin_del", grant_id=grant.id))
        self.assertTrue(self.commands(lock_2, act="pin_set", grant_id=grant.id))

    def test_rights_change_hands(self):
        booking = self.make_booking(start=120)
        old = booking.grant_ids
        booking._transfer(self.member_2)
        self.assertEqual(old.state, "revoked")
        new = booking.grant_ids - old
        self.assertEqual((new.state, new.member_id), ("active", self.member_2))
        self.assertNotEqual(new.pin, old.pin)

    def test_rights_without_account_end_when_somebody_takes_over(self):
        booking = self.make_booking(start=120, member=self.env["teahouse.member"])
        old = booking.grant_ids
        booking._transfer(self.member_2)
        self.assertEqual(old.state, "revoked")
        self.assertEqual((booking.grant_ids - old).member_id, self.member_2)
