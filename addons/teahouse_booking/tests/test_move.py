from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestMove(BookingCommon):
    """Staff move stays about; managers make exceptions, with a reason."""

    HOUR = timedelta(hours=1)

    def setUp(self):
        super().setUp()
        self.booking = self.make_confirmed(START, end=END)

    def by(self, role, booking=None):
        return (booking or self.booking).with_user(self.users[role])

    def move(self, role="staff", room=None, start=START, end=END, reason=None):
        self.by(role).action_move_to(
            (room or self.room).id, str(start), str(end), reason
        )

    def test_another_time(self):
        self.booking.reminded_at = START
        self.move(start=START + self.HOUR, end=END + self.HOUR)
        self.assertEqual(self.booking.start, START + self.HOUR)
        self.assertEqual(self.booking.blocked_from, START + self.HOUR)
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 09:15"))
        self.assertEqual(self.booking.paid_until, END + self.HOUR)
        self.assertFalse(self.booking.reminded_at, "reminded anew")
        self.assertEqual(self.booking.state, "confirmed")
        told = self.env["teahouse.notification"].search(
            [
                ("member_id", "=", self.member.id),
                ("template_id.code", "=", "booking_moved"),
            ]
        )
        self.assertTrue(told)
        # Where it was, others may stay now.
        self.make_booking(utc("2026-12-01 05:00"), end=utc("2026-12-01 06:30"))

    def test_another_time_and_room(self):
        self.move(room=self.room_2, start=START + self.HOUR, end=END + self.HOUR)
        self.assertEqual(self.booking.room_id, self.room_2)
        self.assertEqual(self.booking.start, START + self.HOUR)
        trail = self.booking.change_ids
        self.assertEqual((trail.kind, trail.state), ("reschedule", "applied"))
        self.assertEqual((trail.old_room_id, trail.old_start), (self.room, START))

    def test_a_little_over_itself(self):
        """What a stay keeps itself is not in its own way."""
        self.move(start=START + self.HOUR / 2, end=END + self.HOUR / 2)
        self.assertEqual(self.booking.start, utc("2026-12-01 06:30"))

    def test_nothing_changes(self):
        self.move()
        self.assertFalse(self.booking.change_ids)

    def test_later_end_is_an_extension(self):
        self.move(end=END + self.HOUR)
        self.assertEqual(self.booking.change_ids.kind, "extension")
        self.assertEqual(self.booking.end, END + self.HOUR)

    def test_another_room_alone_is_a_room_change(self):
        self.move(room=self.room_2)
        self.assertEqual(self.booking.change_ids.kind, "room_change")
        self.assertEqual(self.booking.room_id, self.room_2)

    def test_earlier_end(self):
        self.by("staff").action_extend(-60)
        self.assertEqual(self.booking.end, utc("2026-12-01 07:00"))
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 07:15"))
        with self.assert_code("invalid_request"):
            self.by("staff").action_extend(-30)

    def test_late_guest_gets_a_shorter_stay(self):
        """The start has passed, and is not asked for again."""
        with freeze_time("2026-12-01 06:20:00"):
            self.by("staff").action_extend(-60)
            self.assertEqual(self.booking.end, utc("2026-12-01 07:00"))
        with freeze_time("2026-12-01 07:00:00"), self.assert_code("invalid_request"):
            self.by("manager")._extend_by(-30, "Wish")

    def test_hold_moves_at_once(self):
        held = self.make_booking(START, end=END, room=self.room_2)
        self.by("staff", held).action_extend(60)
        self.assertEqual((held.state, held.end), ("hold", END + self.HOUR))
        self.assertEqual(held.change_ids.kind, "reschedule")

    def test_taken(self):
        other = self.make_confirmed(END + self.HOUR, minutes=60, member=self.member_2)
        with self.assert_code("slot_taken"):
            self.move(start=other.start, end=other.end)
        with self.assert_code("slot_taken"):
            # Not even with a reason.
            self.move("manager", start=other.start, end=other.end, reason="Please")
        self.assertEqual((self.booking.start, self.booking.end), (START, END))
        self.assertFalse(self.booking.override_reason)

    def test_what_waited_is_given_up(self):
        self.patch(
            type(self.booking.change_ids), "_requirements", lambda _one: ["payment"]
        )
        self.move(end=END + self.HOUR)
        self.assertEqual(self.booking.change_ids.state, "pending")
        self.move(start=START + self.HOUR, end=END)
        first = self.booking.change_ids.filtered(lambda one: one.kind == "extension")
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 08:15"))

    def test_in_use(self):
        with freeze_time(START):
            self.booking._check_in("door")
            for room, start, end, code in (
                (self.room, START + self.HOUR, END, "invalid_state"),
                (self.room, START, END - self.HOUR, "invalid_state"),
                (self.room_2, START, END + self.HOUR, "invalid_request"),
            ):
                with self.assert_code(code):
                    self.move(room=room, start=start, end=end)
            self.move(end=END + self.HOUR)
            self.move(room=self.room_2, end=END + self.HOUR)
        self.assertEqual(self.booking.room_id, self.room_2)
        self.assertEqual(self.booking.end, END + self.HOUR)

    def test_over_is_over(self):
        self.booking._cancel("store", "No water")
        with self.assert_code("invalid_state"):
            self.move(start=START + self.HOUR)

    def test_stays_in_its_store(self):
        with self.assert_code("invalid_request"):
            self.move("owner", room=self.other_room, start=START + self.HOUR)
        with self.assertRaises(AccessError):
            self.move(room=self.other_room, start=START + self.HOUR)

    def test_who_may(self):
        for user in (self.member.user_id, self.user_cleaner, self.user_technician):
            with self.assertRaises(AccessError):
                self.booking.with_user(user).action_move_to(
                    self.room.id, str(START), str(END + self.HOUR)
                )

    def test_rules_and_exceptions(self):
        self.room.write({"lead_minutes": 300, "horizon_days": 2, "max_minutes": 180})
        self.env["teahouse.closing"].create(
            {
                "name": "Repair",
                "store_id": self.store.id,
                "start": utc("2026-12-02 00:00"),
                "end": utc("2026-12-02 06:00"),
            }
        )
        cases = (
            (START + self.HOUR, END + self.HOUR, "invalid_request", "lead"),
            (utc("2026-12-09 06:00"), utc("2026-12-09 08:00"), "invalid_request", ""),
            (utc("2026-12-01 10:07"), utc("2026-12-01 12:00"), "invalid_request", ""),
            (utc("2026-12-01 11:00"), utc("2026-12-01 11:30"), "invalid_request", ""),
            (utc("2026-12-01 12:00"), utc("2026-12-01 16:00"), "invalid_request", ""),
            (utc("2026-12-02 03:00"), utc("2026-12-02 05:00"), "outside_window", ""),
        )
        for start, end, code, _what in cases:
            with self.assert_code(code):
                self.move(start=start, end=end)
            with self.assert_code(code):
                self.move("manager", start=start, end=end, reason="  ")
            with self.assert_code("forbidden"):
                self.move("staff", start=start, end=end, reason="I want")
            self.move("manager", start=start, end=end, reason="A regular guest")
            self.assertEqual((self.booking.start, self.booking.end), (start, end))
        self.assertEqual(self.booking.override_reason, "A regular guest")
        trace = self.env["teahouse.audit"].search(
            [("action", "=", "booking.override"), ("res_id", "=", self.booking.id)]
        )
        self.assertEqual(len(trace), len(cases))
        self.assertEqual(trace.user_id, self.user_manager)
        self.assertEqual(trace[0].detail["reason"], "A regular guest")

    def try_on_board(self, role, start, end, room=None):
        answer = self.by(role).board_move((room or self.room).id, str(start), str(end))
        self.env.invalidate_all()
        return answer

    def test_board_tells_rules_from_walls(self):
        """A rule may be set aside by managers, who are told so; a guest may not."""
        self.room.lead_minutes = 300
        messages = self.booking.message_ids
        later = (START + self.HOUR, END + self.HOUR)
        answer = self.try_on_board("manager", *later)
        self.assertIn("300", answer["refused"])
        self.assertTrue(answer["exception"])
        # Looking whether it would go has changed nothing, and told nobody.
        self.assertEqual((self.booking.start, self.booking.end), (START, END))
        self.assertFalse(self.booking.override_reason)
        self.assertFalse(self.booking.change_ids)
        self.assertEqual(self.booking.message_ids, messages)
        self.assertFalse(
            self.env["teahouse.audit"].search(
                [("action", "=", "booking.override"), ("res_id", "=", self.booking.id)]
            )
        )
        self.assertFalse(
            self.env["teahouse.notification"].search(
                [
                    ("member_id", "=", self.member.id),
                    ("template_id.code", "=", "booking_moved"),
                ]
            )
        )
        # Staff hear the same words, and are not asked for a reason.
        answer = self.try_on_board("staff", *later)
        self.assertIn("300", answer["refused"])
        self.assertFalse(answer["exception"])
        # What somebody else has booked is in everybody's way.
        self.room.lead_minutes = 0
        other = self.make_confirmed(END + self.HOUR, minutes=60, member=self.member_2)
        for role in ("manager", "owner"):
            answer = self.try_on_board(role, other.start, other.end)
            self.assertTrue(answer["refused"])
            self.assertFalse(answer["exception"])
        small = self.make_room(self.store, name="Nook", capacity=1)
        self.assertFalse(self.try_on_board("manager", *later, room=small)["exception"])

    def test_board_moves(self):
        answer = self.try_on_board("staff", START + self.HOUR, END + self.HOUR)
        self.assertFalse(answer["refused"])
        self.assertEqual(self.booking.start, START + self.HOUR)
        for user in (self.member.user_id, self.user_cleaner, self.user_technician):
            with self.assertRaises(AccessError):
                self.booking.with_user(user).board_move(
                    self.room.id, str(START), str(END)
                )

    def test_no_exception_from_the_size_of_the_room(self):
        small = self.make_room(self.store, name="Nook", capacity=1)
        with self.assert_code("invalid_request"):
            self.move("manager", room=small, start=START + self.HOUR, reason="Squeeze")

    def test_longer_than_allowed_with_a_reason(self):
        self.room.max_minutes = 120
        with self.assert_code("invalid_request"):
            self.by("staff").action_extend(60)
        self.by("manager").action_extend(60, "Birthday")
        self.assertEqual(self.booking.end, END + self.HOUR)

    def test_rights_follow_participants(self):
        guest = self.env["teahouse.participant"].create(
            {"booking_id": self.booking.id, "member_id": self.member_2.id}
        )
        self.move(start=START + self.HOUR, end=END + self.HOUR)
        values = self.booking._pass_values(guest)
        self.assertEqual(values["valid_from"], "2026-12-01T14:45:00+08:00")

    def test_opening_hours_count(self):
        self.store.write(
            {
                "open_24h": False,
                "opening_ids": [
                    Command.create({"weekday": str(day), "hour_from": 9, "hour_to": 22})
                    for day in range(7)
                ],
            }
        )
        with self.assert_code("outside_window"):
            self.move(start=utc("2026-12-01 13:00"), end=utc("2026-12-01 15:00"))
