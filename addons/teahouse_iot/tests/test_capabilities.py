from odoo.tests import tagged

from .common import DeviceHttpCommon


@tagged("post_install", "-at_install")
class TestCapabilities(DeviceHttpCommon):
    """A chain with one store whose doors people open."""

    def test_one_store_with_devices_and_one_without(self):
        self.other_store.use_devices = False
        here = self.make_booking()
        there = self.make_booking(room=self.other_room)
        (here | there).action_check_in()
        self.assertTrue(here.grant_ids)
        self.assertIn(self.power, self.commands(booking=here).device_id)
        self.assertFalse(there.grant_ids)
        self.assertFalse(self.commands(booking=there))

        token = self.make_token(self.member)
        door = {"door": "room"}
        answers = {}
        for booking in (here, there):
            path = f"/bookings/{booking.ref}"
            shown = self.api("GET", path, token=token).json()
            opened = self.api(
                *("POST", f"{path}/door/open", door),
                token=token,
                headers={"Idempotency-Key": booking.ref},
            )
            answers[booking] = shown["doors"], opened.status_code
        self.assertEqual(answers, {here: (True, 202), there: (False, 404)})
        # Nothing of what it does not have stands in the way of leaving.
        there.action_checkout()
        self.assertEqual(there.state, "completed")
        self.assertFalse(self.commands(booking=there))
