from odoo.tests import tagged

from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestRestore(DeviceCommon):
    def test_doors_stay_shut_and_lamps_go_on(self):
        """A press from before the backup opens nothing; what lasts is sent again."""
        booking = self.make_booking(start=-10)
        door = self.env["teahouse.command"].create(
            {
                "device_id": self.lock.id,
                "act": "unlock",
                "booking_id": booking.id,
                "due_at": booking.start,
                "expires_at": booking.end,
            }
        )
        self.env.cr.execute("SELECT nextval('teahouse_device_seq')")
        seen = self.env.cr.fetchone()[0]
        lasting = self.commands(klass="level", state="queued")
        self.assertTrue(lasting)

        self.env["teahouse.restore"]._after_restore()

        self.assertEqual((door.state, door.reason), ("expired", "restored"))
        self.assertEqual(set(lasting.mapped("state")), {"queued"})
        self.env.cr.execute("SELECT nextval('teahouse_device_seq')")
        self.assertGreater(self.env.cr.fetchone()[0], seen + 1_000_000)
