from freezegun import freeze_time

from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestChange(BookingCommon):
    """Extensions and room changes, at once or waiting for something."""

    def setUp(self):
        super().setUp()
        self.missing = []
        self.patch(
            type(self.env["teahouse.booking.change"]),
            "_requirements",
            lambda change: list(self.missing),
        )
        self.booking = self.make_confirmed(START, end=END)

    def test_extend_at_once(self):
        change = self.booking._extend(utc("2026-12-01 09:00"))
        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.end, utc("2026-12-01 09:00"))
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 09:15"))
        self.assertEqual(self.booking.paid_until, utc("2026-12-01 09:00"))

    def test_extension_waits_and_keeps_its_time(self):
        self.missing = ["payment"]
        change = self.booking._extend(utc("2026-12-01 09:00"))
        self.assertEqual(change.state, "pending")
        self.assertEqual(change.expires_at, utc("2026-12-01 04:15"))
        self.assertEqual(self.booking.end, END)
        with self.assert_code("slot_taken"):
            self.make_booking(utc("2026-12-01 09:00"))
        self.missing = []
        change._try_apply()
        change._try_apply()
        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.end, utc("2026-12-01 09:00"))

    def test_extension_runs_out(self):
        self.missing = ["payment"]
        change = self.booking._extend(utc("2026-12-01 09:00"))
        with freeze_time("2026-12-01 04:15:00"):
            self.booking._run_step("_expire_due")
        self.assertEqual(change.state, "expired")
        self.assertEqual(self.booking.end, END)
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 08:15"))
        self.make_booking(utc("2026-12-01 08:15"))

    def test_a_new_wish_replaces_the_one_that_waits(self):
        self.missing = ["payment"]
        first = self.booking._extend(utc("2026-12-01 10:00"))
        second = self.booking._extend(utc("2026-12-01 09:00"))
        self.assertEqual((first.state, second.state), ("cancelled", "pending"))
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 09:15"))

    def test_not_free_says_until_when(self):
        self.make_confirmed(utc("2026-12-01 09:00"), member=self.member_2)
        with self.assert_code("slot_taken") as refusal:
            self.booking._extend(utc("2026-12-01 10:00"))
        error = refusal.error
        self.assertEqual(error.errors[0]["message"], "2026-12-01T16:45:00+08:00")
        self.booking._extend(utc("2026-12-01 08:45"))
        with self.assert_code("slot_taken") as refusal:
            self.booking._extend(utc("2026-12-01 09:00"))
        self.assertFalse(refusal.error.errors)

    def test_extension_rules(self):
        for end in (END, START, utc("2026-12-02 06:01")):
            with self.assert_code("invalid_request"):
                self.booking._extend(end)
        self.env["teahouse.closing"].create(
            {
                "name": "Repair",
                "store_id": self.store.id,
                "start": utc("2026-12-01 08:30"),
                "end": utc("2026-12-01 10:00"),
            }
        )
        with self.assert_code("outside_window"):
            self.booking._extend(utc("2026-12-01 09:00"))
        self.booking._extend(utc("2026-12-01 08:30"))

    def test_change_room_before_use(self):
        old = self.room
        change = self.booking._change_room(self.room_2)
        self.assertEqual(change.state, "applied")
        self.assertEqual(self.booking.room_id, self.room_2)
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 08:15"))
        self.assertEqual(change.shadow_id.state, "expired")
        self.make_booking(START, room=old, member=self.member_2)
        with self.assert_code("slot_taken"):
            self.make_booking(START, room=self.room_2, member=self.member_2)

    def test_change_room_waits_and_keeps_both(self):
        self.missing = ["payment"]
        change = self.booking._change_room(self.room_2)
        self.assertEqual(self.booking.room_id, self.room)
        for room in (self.room, self.room_2):
            with self.assert_code("slot_taken"):
                self.make_booking(START, room=room, member=self.member_2)
        self.missing = []
        change._try_apply()
        self.assertEqual(self.booking.room_id, self.room_2)
        self.make_booking(START, member=self.member_2)

    def test_room_change_runs_out(self):
        self.missing = ["payment"]
        change = self.booking._change_room(self.room_2)
        with freeze_time("2026-12-01 04:16:00"):
            self.booking._run_step("_expire_due")
            self.assertEqual(change.state, "expired")
            self.assertEqual(self.booking.room_id, self.room)
            self.make_booking(START, room=self.room_2, member=self.member_2)

    def test_change_room_during_use(self):
        """The stay goes on next door, where somebody sat earlier."""
        earlier = self.make_confirmed(
            utc("2026-12-01 05:00"), room=self.room_2, member=self.member_2
        )
        with freeze_time("2026-12-01 06:30:00"):
            earlier._check_in("door")
            self.booking._check_in("door")
            earlier._checkout("guest")
        with freeze_time("2026-12-01 07:00:00"):
            self.booking._change_room(self.room_2)
            self.assertEqual(self.booking.room_id, self.room_2)
            self.assertEqual(self.booking.start, START)
            self.assertEqual(self.booking.blocked_from, utc("2026-12-01 07:00"))
            # The old room is cleaned, then free for others.
            with self.assert_code("slot_taken"):
                self.make_booking(utc("2026-12-01 07:00"), member=self.member_2)
            self.make_booking(utc("2026-12-01 07:15"), member=self.member_2)
        tasks = self.env["teahouse.cleaning.task"].search(
            [("room_id", "=", self.room.id)]
        )
        self.assertEqual(tasks.state, "waiting")
        with freeze_time("2026-12-01 07:30:00"):
            self.booking._checkout("guest")
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 07:45"))

    def test_there_and_back_during_use(self):
        with freeze_time(START):
            self.booking._check_in("door")
        with freeze_time("2026-12-01 06:30:00"):
            self.booking._change_room(self.room_2)
        with freeze_time("2026-12-01 06:40:00"), self.assert_code("slot_taken"):
            # It is being cleaned.
            self.booking._change_room(self.room)
        with freeze_time("2026-12-01 06:45:00"):
            self.booking._change_room(self.room)
        self.assertEqual(self.booking.room_id, self.room)
        self.assertEqual(self.booking.blocked_from, utc("2026-12-01 06:45"))

    def test_room_change_rules(self):
        with self.assert_code("invalid_request"):
            self.booking._change_room(self.room)
        with self.assert_code("invalid_request"):
            self.booking._change_room(self.other_room)
        self.room_2.capacity = 1
        with self.assert_code("invalid_request"):
            self.booking._change_room(self.room_2)
        self.room_2.write({"capacity": 4, "state": "closed"})
        with self.assert_code("outside_window"):
            self.booking._change_room(self.room_2)
        self.room_2.state = "open"
        taken = self.make_confirmed(
            utc("2026-12-01 07:00"), room=self.room_2, member=self.member_2
        )
        with self.assert_code("slot_taken"):
            self.booking._change_room(self.room_2)
        taken._cancel("customer")
        with freeze_time(START):
            self.booking._check_in("door")
        with freeze_time(END), self.assert_code("invalid_state"):
            self.booking._change_room(self.room_2)

    def test_end_of_use_drops_what_waits(self):
        self.missing = ["payment"]
        with freeze_time(START):
            self.booking._check_in("door")
            change = self.booking._extend(utc("2026-12-01 09:00"))
            self.booking._checkout("guest")
        self.assertEqual(change.state, "cancelled")
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 06:15"))

    def test_cancel_drops_what_waits(self):
        self.missing = ["payment"]
        change = self.booking._change_room(self.room_2)
        self.booking._cancel("customer")
        self.assertEqual(change.state, "cancelled")
        self.make_booking(START, room=self.room_2, member=self.member_2)

    def test_shadows_are_no_bookings_of_the_member(self):
        self.missing = ["payment"]
        change = self.booking._change_room(self.room_2)
        bookings = self.as_member("teahouse.booking")
        with self.assert_code("not_found"):
            bookings._api_find(change.shadow_id.ref)
        self.assertEqual(
            bookings._api_get(self.booking.ref)["pending_change"]["room_id"],
            self.room_2.id,
        )
