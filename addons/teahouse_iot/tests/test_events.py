from odoo.tests import tagged

from odoo.addons.teahouse_booking.engine.passes import Pass, day_key, sign

from ..tools import db_now, epoch
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

    def code(self, booking, at=None):
        """The text on the phone of the booker."""
        grant = booking.grant_ids
        content = Pass(
            grant=booking._pass_number(grant.participant_id),
            store=booking.store_id.id,
            room=booking.room_id.id,
            valid_from=epoch(grant.valid_from) // 60,
            valid_to=epoch(grant.valid_to) // 60,
        )
        return sign(content, self.store._pass_secret(), at or epoch(db_now(self.env)))

    def test_code_at_the_reader_opens_the_room(self):
        reader = self.make_device("reader")
        booking = self.make_booking()
        self.event(reader, "scan", text=self.code(booking))
        command = self.commands(self.lock, act="unlock")
        self.assertEqual((command.source, command.guard), ("scan", "grant"))
        self.assertFalse(self.commands(self.gate, act="unlock"))
        self.answer(command)
        self.assertEqual(booking.state, "in_use")
        [log] = self.logs(method="qr")
        self.assertEqual((log.result, log.member_id), ("opened", self.member))

    def test_reader_at_the_entrance_opens_the_gate(self):
        reader = self.make_device("reader", room=None)
        self.event(reader, "scan", text=self.code(self.make_booking()))
        self.assertTrue(self.commands(self.gate, act="unlock"))
        self.assertFalse(self.commands(self.lock, act="unlock"))

    def test_codes_that_open_nothing(self):
        reader = self.make_device("reader")
        booking = self.make_booking()
        other = self.make_booking(member=self.member_2, room=self.room_2)
        later = self.make_booking(start=300)
        now = epoch(db_now(self.env))
        good = self.code(booking)
        for text, reason in (
            (self.code(booking, now - 180), "code_stale"),
            (good[:-1] + ("A" if good[-1] != "A" else "B"), "code_forged"),
            (self.code(other), "wrong_room"),
            (self.code(later), "outside_window"),
        ):
            self.event(reader, "scan", text=text)
            self.assertEqual(self.logs(method="qr")[-1].reason, reason)
        self.event(reader, "scan", text=good, age=40)
        self.assertEqual(self.logs(method="qr")[-1].reason, "late")
        booking.state = "cancelled"
        booking._on_cancelled("store")
        self.event(reader, "scan", text=good)
        self.assertEqual(self.logs(method="qr")[-1].reason, "no_grant")
        self.assertFalse(self.commands(act="unlock"))

    def test_readers_get_the_keys_of_three_days(self):
        reader = self.make_device("reader")
        self.event(reader, "online")
        command = self.commands(reader, act="key_set")
        self.assertNotIn("keys", command.args, "no key lies in the outbox")
        keys = self.env["teahouse.command"]._secret_args(command.ids)[command.id][
            "keys"
        ]
        self.assertEqual(len(keys), 3)
        today = db_now(self.env).date().isoformat()
        now = epoch(db_now(self.env))
        self.assertEqual(keys[today], day_key(self.store._pass_secret(), now).hex())

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
