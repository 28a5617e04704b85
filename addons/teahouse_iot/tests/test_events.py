from odoo.tests import tagged

from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestEvents(DeviceCommon):
    def key(self, booking):
        return booking.grant_ids.key_ids.filtered(lambda k: k.device_id == self.lock)

    def test_pin_checks_in(self):
        booking = self.make_booking()
        self.event(self.lock, "keypad", slot=self.key(booking).slot, ok=True)
        self.assertEqual(booking.state, "in_use")
        [log] = self.logs(method="pin")
        self.assertEqual((log.result, log.member_id), ("opened", self.member))

    def test_the_same_event_twice_counts_once(self):
        booking = self.make_booking()
        event = self.event(self.lock, "keypad", slot=self.key(booking).slot, ok=True)
        self.env["teahouse.device"]._on_events(event.ids)
        self.assertEqual(len(self.logs(method="pin")), 1)

    def test_wrong_pin(self):
        booking = self.make_booking()
        self.event(self.lock, "keypad", slot=0, ok=False)
        self.assertEqual(booking.state, "confirmed")
        [log] = self.logs(method="pin")
        self.assertEqual((log.result, log.reason), ("refused", "wrong_pin"))

    def test_pin_at_the_gate_is_not_yet_in_the_room(self):
        booking = self.make_booking()
        key = booking.grant_ids.key_ids.filtered(lambda k: k.device_id == self.gate)
        self.event(self.gate, "keypad", slot=key.slot, ok=True)
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(self.logs(method="pin").result, "opened")

    def test_pin_of_an_ended_booking(self):
        booking = self.make_booking()
        booking.state = "no_show"
        booking._on_no_show()
        self.event(self.lock, "keypad", slot=self.key(booking).slot, ok=True)
        self.assertEqual(booking.state, "no_show")
        self.assertEqual(self.logs(method="pin").result, "opened", "the lock did open")

    def test_keypad_apart_from_the_lock_opens_it(self):
        keypad = self.make_device("keypad")
        booking = self.make_booking()
        key = booking.grant_ids.key_ids.filtered(lambda k: k.device_id == keypad)
        self.assertTrue(key)
        self.event(keypad, "keypad", slot=key.slot, ok=True)
        self.assertTrue(self.commands(self.lock, act="unlock"))
        self.assertEqual(booking.state, "in_use")

    def test_unreadable_code(self):
        reader = self.make_device("reader")
        self.event(reader, "scan", text="TH1.garbage")
        self.event(reader, "scan", text="x" * 3000)
        self.assertEqual(self.logs(method="qr").mapped("result"), ["refused"] * 2)
        self.assertFalse(self.commands(act="unlock"))

    def test_exit_button(self):
        self.event(self.lock, "exit")
        self.assertEqual(self.logs(method="exit").result, "opened")

    def test_presence_and_door_are_taken(self):
        for ev in ("presence", "door"):
            event = self.event(self.lock, ev, on=False)
            self.assertTrue(event.effects_done)
