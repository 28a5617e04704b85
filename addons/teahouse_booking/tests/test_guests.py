import base64

from freezegun import freeze_time

from odoo.tests import tagged

from ..engine import passes
from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestGuests(BookingCommon):
    """Invitations, participants and their passes."""

    def setUp(self):
        super().setUp()
        self.booking = self.make_confirmed(START, end=END)
        self.calls = []
        for hook in ("_on_participants_added", "_on_participants_removed"):
            self.patch(
                type(self.booking),
                hook,
                lambda _booking, people, hook=hook: self.calls.append((hook, people)),
            )

    def bookings(self, member):
        return self.as_member("teahouse.booking", member)

    def invite(self):
        return self.bookings(self.member)._api_invite(self.booking.ref)["token"]

    def accept(self, token, member):
        return self.bookings(member)._api_accept_invitation(token)

    def test_come_along(self):
        token = self.invite()
        values = self.accept(token, self.member_2)
        self.assertEqual(values["ref"], self.booking.ref)
        self.assertEqual(
            [(one["name"], one["role"]) for one in values["participants"]],
            [("Lu Yu", "booker"), ("Su Shi", "guest")],
        )
        self.accept(token, self.member_2)
        self.accept(token, self.member)
        self.assertEqual(len(self.booking.participant_ids), 2, "only once")
        self.assertEqual(len(self.calls), 1)
        self.assertEqual(
            self.bookings(self.member_2)._api_get(self.booking.ref)["state"],
            "confirmed",
        )

    def test_removed_guest_does_not_come_back_by_the_same_link(self):
        token = self.invite()
        self.accept(token, self.member_2)
        guest = self.booking._participant(self.member_2)
        self.bookings(self.member)._api_remove_participant(self.booking.ref, guest.id)

        with self.assert_code("not_found"):
            self.accept(token, self.member_2)
        self.accept(self.invite(), self.member_2)
        self.assertTrue(self.booking._participant(self.member_2), "invited anew")

    def test_guests_do_not_decide(self):
        self.accept(self.invite(), self.member_2)
        guest = self.bookings(self.member_2)
        for call in (guest._api_cancellation, guest._api_invite, guest._api_checkout):
            with self.assert_code("forbidden"):
                call(self.booking.ref)

    def test_bad_tokens(self):
        token = self.invite()
        for bad in ("", "x", token[:-2], token + "A", "é", "a" * 3000):
            with self.assert_code("not_found"):
                self.accept(bad, self.member_2)

    def test_link_ends_with_the_stay(self):
        token = self.invite()
        with freeze_time("2026-12-01 08:10:01"), self.assert_code("not_found"):
            self.accept(token, self.member_2)

    def test_link_of_a_cancelled_stay(self):
        token = self.invite()
        self.booking._cancel("customer")
        with self.assert_code("invalid_state"):
            self.accept(token, self.member_2)

    def test_room_is_full(self):
        self.room.capacity = 2
        token = self.invite()
        self.accept(token, self.member_2)
        third = self.make_member(name="Pi Rixiu")
        with self.assert_code("invalid_state"):
            self.accept(token, third)
        guest = self.booking._participant(self.member_2)
        self.bookings(self.member)._api_remove_participant(self.booking.ref, guest.id)
        self.accept(self.invite(), third)

    def test_remove(self):
        self.accept(self.invite(), self.member_2)
        booker = self.booking._participant(self.member)
        guest = self.booking._participant(self.member_2)
        with self.assert_code("not_found"):
            self.bookings(self.member_2)._api_remove_participant(
                self.booking.ref, booker.id
            )
        with self.assert_code("invalid_state"):
            self.bookings(self.member)._api_remove_participant(
                self.booking.ref, booker.id
            )
        self.bookings(self.member)._api_remove_participant(self.booking.ref, guest.id)
        self.assertEqual(guest.state, "removed")
        self.assertEqual(self.calls[-1], ("_on_participants_removed", guest))
        with self.assert_code("not_found"):
            self.bookings(self.member_2)._api_pass(self.booking.ref)
        with self.assert_code("not_found"):
            self.bookings(self.member)._api_remove_participant(
                self.booking.ref, guest.id
            )

    def test_guest_leaves(self):
        self.accept(self.invite(), self.member_2)
        guest = self.booking._participant(self.member_2)
        self.bookings(self.member_2)._api_remove_participant(self.booking.ref, guest.id)
        self.assertEqual(guest.state, "removed")

    def test_blocked_guest(self):
        token = self.invite()
        self.member_2.state = "blocked"
        with self.assert_code("forbidden"):
            self.accept(token, self.member_2)

    def test_pass(self):
        self.accept(self.invite(), self.member_2)
        mine = self.bookings(self.member)._api_pass(self.booking.ref)
        other = self.bookings(self.member_2)._api_pass(self.booking.ref)
        self.assertEqual(mine["valid_from"], "2026-12-01T13:45:00+08:00")
        self.assertEqual(mine["valid_to"], "2026-12-01T16:10:00+08:00")
        self.assertRegex(mine["pin"], r"^\d{6}$")
        self.assertNotEqual(mine["qr"], other["qr"])
        self.assertNotEqual(mine["pin"], other["pin"])
        picture = mine["qr_png"].removeprefix("data:image/png;base64,")
        self.assertEqual(base64.b64decode(picture)[:8], b"\x89PNG\r\n\x1a\n")
        now = 1796097600
        content = passes.verify(mine["qr"], self.store._pass_secret(), now)
        self.assertEqual(content.store, self.store.id)
        self.assertEqual(content.room, self.room.id)
        self.assertEqual(content.valid_from * 60, now + 105 * 60)
        self.assertEqual(content.valid_to * 60, now + 250 * 60)
        with self.assertRaises(passes.PassError):
            passes.verify(mine["qr"], self.other_store._pass_secret(), now)

    def test_pass_changes(self):
        first = self.bookings(self.member)._api_pass(self.booking.ref)
        self.assertEqual(first["refresh_in"], 60)
        with freeze_time("2026-12-01 04:00:59"):
            same = self.bookings(self.member)._api_pass(self.booking.ref)
        self.assertEqual((same["qr"], same["refresh_in"]), (first["qr"], 1))
        with freeze_time("2026-12-01 04:01:00"):
            later = self.bookings(self.member)._api_pass(self.booking.ref)
        self.assertNotEqual(later["qr"], first["qr"])
        self.assertEqual(later["pin"], first["pin"])

    def test_pass_of_a_live_stay_only(self):
        held = self.make_booking(utc("2026-12-02 06:00"))
        with self.assert_code("invalid_state"):
            self.bookings(self.member)._api_pass(held.ref)
        self.booking._cancel("customer")
        with self.assert_code("invalid_state"):
            self.bookings(self.member)._api_pass(self.booking.ref)

    def test_secrets_are_ciphertext(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT p.pin, s.pass_secret FROM teahouse_participant p
                 JOIN teahouse_store s ON s.id = p.store_id WHERE p.booking_id = %s""",
            [self.booking.id],
        )
        pin, secret = self.env.cr.fetchone()
        self.assertNotIn(self.booking.participant_ids.sudo().pin, pin)
        self.assertNotIn(self.store.sudo().pass_secret, secret)
