from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:07:21"
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestCounter(BookingCommon):
    """Walk-ins, exceptions and stays that change hands."""

    def wizard(self, role="staff", **values):
        values = {"room_id": self.room.id, "hours": 2, "people": 2, **values}
        counter = self.env["teahouse.booking.counter"].with_user(self.users[role])
        return counter.create(values)

    def apply(self, role="staff", **values):
        action = self.wizard(role, **values).action_apply()
        return self.env["teahouse.booking"].browse(action.get("res_id"))

    # === WALK-IN === #

    def test_walk_in_by_phone_only(self):
        booking = self.apply(mode="walk_in", phone="13912345670")
        self.assertEqual(booking.state, "in_use", "the guest stands at the door")
        self.assertEqual(booking.source, "walk_in")
        self.assertEqual(booking.start, utc("2026-12-01 04:07"))
        self.assertEqual(booking.end, utc("2026-12-01 06:07"))
        member = booking.member_id
        self.assertEqual(
            member, self.env["teahouse.member"]._find_by_phone("13912345670")
        )
        self.assertNotIn("13912345670", member.name, "masked")
        self.assertEqual(booking.participant_ids.member_id, member)

    def test_walk_in_of_a_known_member(self):
        known = self.make_member("13812340001", name="Li Bai")
        booking = self.apply(mode="walk_in", phone="138 1234 0001")
        self.assertEqual(booking.member_id, known)

    def test_walk_in_that_has_to_pay_waits(self):
        self.patch(
            type(self.env["teahouse.booking"]),
            "_confirm_requirements",
            lambda _booking: ["payment"],
        )
        booking = self.apply(mode="walk_in", phone="13912345670")
        self.assertEqual(booking.state, "hold")
        self.assertFalse(booking.checked_in_at)

    def test_walk_in_into_a_taken_room(self):
        self.make_confirmed(utc("2026-12-01 06:00"))
        with self.assert_code("slot_taken"):
            self.apply(mode="walk_in", phone="13912345670")
        self.apply(mode="walk_in", phone="13912345670", hours=1.5)

    # === EXCEPTIONS === #

    def test_exception_needs_a_reason_and_a_manager(self):
        self.room.lead_minutes = 600
        values = {"start": START, "name": "Guest"}
        with self.assert_code("invalid_request"):
            self.apply("manager", **values)
        with self.assert_code("invalid_request"):
            self.apply("manager", override=True, **values)
        with self.assert_code("forbidden"):
            self.apply("staff", override=True, reason="Old friend", **values)
        booking = self.apply("manager", override=True, reason="Old friend", **values)
        self.assertEqual(booking.override_reason, "Old friend")
        trace = self.env["teahouse.audit"].search(
            [("action", "=", "booking.override"), ("res_id", "=", booking.id)]
        )
        self.assertEqual(trace.detail["step"], "book")

    def test_exception_never_takes_what_is_taken(self):
        self.make_confirmed(START, end=END)
        with self.assert_code("slot_taken"):
            self.apply("owner", start=START, name="X", override=True, reason="VIP")

    def test_exception_into_a_closed_room(self):
        self.room.state = "closed"
        with self.assert_code("outside_window"):
            self.apply("manager", start=START, name="Guest")
        booking = self.apply(
            "manager", start=START, name="Guest", override=True, reason="Inspection"
        )
        self.assertEqual(booking.state, "confirmed")

    def test_exceptions_at_a_room_change(self):
        booking = self.make_confirmed(START, end=END)
        self.room_2.state = "closed"
        move = {"mode": "move", "booking_id": booking.id, "room_id": self.room_2.id}
        with self.assert_code("outside_window"):
            self.apply("manager", **move)
        self.apply("manager", override=True, reason="Only one left", **move)
        self.assertEqual(booking.room_id, self.room_2)
        self.assertEqual(booking.override_reason, "Only one left")

    def test_screens_of_the_roles(self):
        for role, sees in (("staff", False), ("manager", True)):
            counter = self.env["teahouse.booking.counter"].with_user(self.users[role])
            with Form(counter) as form:
                form.room_id = self.room
                self.assertEqual("override" in form._view["fields"], sees, role)

    # === UNPAID HOLDS === #

    def test_so_many_unpaid_holds(self):
        self.store.max_open_holds = 2
        first = self.make_booking(START, end=END)
        self.make_booking(START, end=END, room=self.room_2)
        bookings, store = self.env["teahouse.booking"], self.store
        with self.assert_code("payment_due"):
            bookings._check_open_holds(self.member, store)
        bookings._check_open_holds(self.member_2, store)
        bookings._check_open_holds(self.env["teahouse.member"], store)
        # Those that are paid, or have run out, do not count; neither do kept rooms.
        first.action_confirm()
        bookings._check_open_holds(self.member, store)
        self.patch(type(first.change_ids), "_requirements", lambda _one: ["payment"])
        first._change_room(self.make_room(store, name="Plum"))
        bookings._check_open_holds(self.member, store)
        self.make_booking(utc("2026-12-02 06:00"))
        with freeze_time("2026-12-01 04:30:00"):
            bookings._check_open_holds(self.member, store)
        store.max_open_holds = 0
        bookings._check_open_holds(self.member, store)

    def test_holds_at_the_counter(self):
        self.store.max_open_holds = 1
        known = self.make_member("13812340001", name="Li Bai")
        self.make_booking(START, end=END, member=known)
        values = {"start": utc("2026-12-01 10:00"), "phone": "13812340001"}
        with self.assert_code("payment_due"):
            self.apply("manager", **values)
        self.assertTrue(self.apply("manager", override=True, reason="Known", **values))

    # === TRANSFER === #

    def transfer(self, booking, role="staff", **values):
        values = {"phone": "13812340001", "reason": "Asked by phone", **values}
        return self.apply(role, mode="transfer", booking_id=booking.id, **values)

    def test_transfer(self):
        booking = self.make_confirmed(START, end=END)
        booker = booking.participant_ids
        removed, added = [], []
        model = type(booking)
        self.patch(
            model, "_on_participants_removed", lambda _one, who: removed.append(who)
        )
        self.patch(model, "_on_participants_added", lambda _one, who: added.append(who))
        friend = self.make_member("13812340001", name="Li Bai")
        link = self.as_member("teahouse.booking")._api_invite(booking.ref)["token"]

        self.transfer(booking)
        self.assertEqual(booking.member_id, friend)
        self.assertEqual(booking.partner_id, friend.partner_id)
        self.assertEqual(booker.state, "removed")
        mine = booking._participant(friend)
        self.assertEqual(mine.role, "booker")
        self.assertNotEqual(mine.pin, booker.pin)
        self.assertEqual((removed, added), ([booker], [mine]))

        old, new = (
            self.as_member("teahouse.booking", one) for one in (self.member, friend)
        )
        with self.assert_code("not_found"):
            old._api_pass(booking.ref)
        with self.assert_code("not_found"):
            old._api_get(booking.ref)
        self.assertEqual(new._api_get(booking.ref)["role"], "booker")
        self.assertTrue(new._api_pass(booking.ref)["pin"])
        with self.assert_code("not_found"):
            # Links of before are void.
            old._api_accept_invitation(link)
        for member, code in (
            (self.member, "booking_handed_over"),
            (friend, "booking_received"),
        ):
            self.assertTrue(
                self.env["teahouse.notification"].search(
                    [("member_id", "=", member.id), ("template_id.code", "=", code)]
                ),
                code,
            )
        trace = self.env["teahouse.audit"].search(
            [("action", "=", "booking.transfer"), ("res_id", "=", booking.id)]
        )
        self.assertEqual(trace.detail["from"], self.member.id)
        self.assertEqual(trace.detail["to"], friend.id)
        self.assertEqual(trace.detail["reason"], "Asked by phone")
        self.assertEqual(trace.user_id, self.user_staff)

    def test_transfer_to_a_guest_of_the_stay(self):
        booking = self.make_confirmed(START, end=END)
        guest = self.env["teahouse.participant"].create(
            {"booking_id": booking.id, "member_id": self.member_2.id}
        )
        pin = guest.pin
        booking.with_user(self.user_staff).action_transfer(self.member_2.id, "Ill")
        self.assertEqual(
            (guest.role, guest.state, guest.pin), ("booker", "active", pin)
        )
        self.assertEqual(len(booking._participant(self.member_2)), 1)
        # Again, nothing changes.
        booking.with_user(self.user_staff).action_transfer(self.member_2.id, "Ill")
        self.assertEqual(len(booking.participant_ids), 2)

    def test_transfer_of_a_customer_without_account(self):
        booking = self.apply(start=START, name="Guest")
        self.transfer(booking)
        self.assertEqual(booking.partner_id, booking.member_id.partner_id)
        self.assertEqual(booking.participant_ids.role, "booker")

    def test_transfer_gives_up_what_waits(self):
        booking = self.make_confirmed(START, end=END)
        self.patch(type(booking.change_ids), "_requirements", lambda _one: ["payment"])
        booking._extend(utc("2026-12-01 09:00"))
        self.transfer(booking)
        self.assertEqual(booking.change_ids.state, "cancelled")

    def test_no_transfer(self):
        booking = self.make_confirmed(START, end=END)
        step = booking.with_user(self.user_staff).action_transfer
        with self.assert_code("invalid_request"):
            step(self.member_2.id, " ")
        with self.assert_code("not_found"):
            step(0, "Because")
        self.member_2.state = "blocked"
        with self.assert_code("forbidden"):
            step(self.member_2.id, "Because")
        for user in (self.member.user_id, self.user_accountant, self.user_cleaner):
            with self.assertRaises(AccessError):
                booking.with_user(user).action_transfer(self.member_2.id, "Because")
        self.member_2.state = "approved"
        booking._cancel("store", "No water")
        with self.assert_code("invalid_state"):
            step(self.member_2.id, "Because")
        self.assertEqual(booking.member_id, self.member)

    # === EVIDENCE === #

    def test_empty_room_ends_the_stay(self):
        booking = self.make_confirmed(START, end=END)
        with freeze_time("2026-12-01 06:00:00"):
            booking._check_in("door")
        seen = utc("2026-12-01 06:50")
        with freeze_time("2026-12-01 07:05:00"):
            self.assertFalse(booking._leave_on_evidence(seen), "not in this store")
            self.store.write({"end_on_evidence": True, "evidence_minutes": 15})
        with freeze_time("2026-12-01 07:04:59"):
            self.assertFalse(booking._leave_on_evidence(seen), "not long enough")
        with freeze_time("2026-12-01 07:05:00"):
            self.assertTrue(booking._leave_on_evidence(seen))
            self.assertFalse(booking._leave_on_evidence(seen), "once")
        self.assertEqual((booking.state, booking.ended_at), ("completed", seen))
        self.assertEqual(booking.blocked_until, utc("2026-12-01 07:05"))
        trace = self.env["teahouse.audit"].search(
            [("action", "=", "booking.checkout"), ("res_id", "=", booking.id)]
        )
        self.assertEqual(trace.detail["source"], "evidence")

    def test_evidence_from_before_they_came(self):
        self.store.end_on_evidence = True
        booking = self.make_confirmed(START, end=END)
        with freeze_time("2026-12-01 06:20:00"):
            self.assertFalse(booking._leave_on_evidence(START), "nobody is in yet")
            booking._check_in("door")
        with freeze_time("2026-12-01 06:29:00"):
            self.assertFalse(booking._leave_on_evidence(utc("2026-12-01 04:00")))
        self.assertEqual(booking.state, "in_use")

    def test_evidence_ends_overtime(self):
        self.store.write({"end_on_evidence": True, "at_end": "run_on"})
        booking = self.make_confirmed(START, end=END)
        booking._check_in("staff", at=START)
        with freeze_time("2026-12-01 08:50:00"):
            self.assertTrue(booking._leave_on_evidence(utc("2026-12-01 08:30")))
        self.assertEqual(booking.ended_at, utc("2026-12-01 08:30"))

    def test_no_evidence_calls_staff(self):
        self.store.write(
            {"at_end": "run_on", "user_ids": [Command.link(self.user_staff.id)]}
        )
        booking = self.make_confirmed(START, end=END)
        booking._check_in("staff", at=START)
        for at in ("2026-12-01 10:00:00", "2026-12-01 10:05:00"):
            with freeze_time(at):
                booking._end_due()
        self.assertEqual(booking.ended_at, utc("2026-12-01 10:00"))
        called = self.env["teahouse.notification"].search(
            [
                ("user_id", "=", self.user_staff.id),
                ("template_id.code", "=", "overtime_stopped"),
            ]
        )
        self.assertEqual(len(called.filtered(lambda one: one.channel == "inbox")), 1)

    # === WHO LOOKS === #

    def test_viewer(self):
        booking = self.make_confirmed(START, end=END)
        self.env["teahouse.participant"].create(
            {"booking_id": booking.id, "member_id": self.member_2.id}
        )
        for user, viewer, role in (
            (self.member.user_id, "booker", "booker"),
            (self.member_2.user_id, "guest", "guest"),
            (self.user_staff, "staff", None),
        ):
            seen = booking.with_user(user).sudo()
            self.assertEqual(seen._api_viewer(), viewer)
            self.assertEqual(seen._api_values()["role"], role)
