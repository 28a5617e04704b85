import secrets
from datetime import timedelta
from types import SimpleNamespace

import psycopg2
from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_aware

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestBooking(BookingCommon):
    """Holds, and what is refused."""

    def book(self, start="2026-12-02 14:00", minutes=120, room=None, **more):
        """Book as the API does, in the name of the member."""
        room = room or self.room
        start = to_aware(utc(start), room.store_id._zone())
        body = {
            "room_id": room.id,
            "start": start,
            "end": start + timedelta(minutes=minutes),
            "people": 2,
            "note": None,
            "source": "h5",
            "offer": None,
            "kind": None,
            **more,
        }
        return self.as_member("teahouse.booking")._api_create(SimpleNamespace(**body))

    def find(self, values):
        return self.env["teahouse.booking"].search([("ref", "=", values["ref"])])

    def test_hold(self):
        booking = self.make_booking(utc("2026-12-02 14:00"))
        self.assertEqual(booking.state, "hold")
        self.assertEqual(booking.hold_expires_at, utc("2026-12-01 04:15"))
        self.assertEqual(booking.blocked_until, utc("2026-12-02 16:15"))
        self.assertEqual(booking.paid_until, booking.end)
        self.assertEqual(booking.policy_snapshot, [[1440, 100], [120, 80], [0, 50]])
        self.assertEqual(booking.partner_id, self.member.partner_id)
        self.assertRegex(booking.ref, r"^[2-9A-HJ-NP-Z]{12}$")
        self.assertTrue(booking.display_name.startswith("Bamboo · 12-02 22:00"))

    def test_seconds_are_cut(self):
        booking = self.make_booking(utc("2026-12-02 14:00:40"))
        self.assertEqual(booking.start, utc("2026-12-02 14:00"))

    def test_taken(self):
        self.make_booking(utc("2026-12-02 14:00"))
        for start in ("12:00", "12:01", "14:00", "15:00", "16:14"):
            with self.assert_code("slot_taken"):
                self.make_booking(utc(f"2026-12-02 {start}"))
        # Touching intervals do not clash.
        self.make_booking(utc("2026-12-02 16:15"))
        self.make_booking(utc("2026-12-02 11:45"))
        self.make_booking(utc("2026-12-02 14:00"), room=self.room_2)

    def test_the_wall_stands_without_the_model(self):
        """Whatever code forgets to ask: the database refuses."""
        first = self.make_booking(utc("2026-12-02 14:00"))
        second = self.make_booking(utc("2026-12-02 20:00"))
        self.env.flush_all()
        with (
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(
                "UPDATE teahouse_booking SET blocked_from = %s, start = %s "
                "WHERE id = %s",
                [first.start, first.start, second.id],
            )

    def test_run_out_hold_does_not_block(self):
        stale = self.make_booking(utc("2026-12-02 14:00"))
        with freeze_time("2026-12-01 04:15:00"):
            self.make_booking(utc("2026-12-02 15:00"), member=self.member_2)
            self.assertEqual(stale.state, "expired")

    def test_run_out_extension_does_not_block(self):
        booking = self.make_confirmed(utc("2026-12-02 14:00"))
        change = self.env["teahouse.booking.change"].create(
            {
                "booking_id": booking.id,
                "kind": "extension",
                "new_end": utc("2026-12-02 18:00"),
                "expires_at": utc("2026-12-01 04:15"),
            }
        )
        booking.blocked_until = utc("2026-12-02 18:15")
        with self.assert_code("slot_taken"):
            self.make_booking(utc("2026-12-02 17:00"))
        with freeze_time("2026-12-01 04:15:00"):
            self.make_booking(utc("2026-12-02 17:00"))
        self.assertEqual(change.state, "expired")
        self.assertEqual(booking.blocked_until, utc("2026-12-02 16:15"))

    def test_book(self):
        values = self.book(note="By the window")
        booking = self.find(values)
        self.assertEqual(values["start"], "2026-12-02T22:00:00+08:00")
        self.assertEqual(booking.member_id, self.member)
        self.assertEqual(booking.participant_ids.role, "booker")
        self.assertRegex(booking.participant_ids.sudo().pin, r"^\d{6}$")
        self.assertIn(booking.state, ("hold", "confirmed"))

    def test_free_room_confirms_at_once(self):
        """Without anything to pay there is no hold to wait for."""
        values = self.book()
        self.assertEqual(values["state"], "confirmed")
        self.assertTrue(self.find(values).confirmed_at)
        sent = self.env["teahouse.notification"].search(
            [("member_id", "=", self.member.id)]
        )
        self.assertTrue(sent)

    def test_something_missing_keeps_the_hold(self):
        missing = ["payment"]
        self.patch(
            type(self.env["teahouse.booking"]),
            "_confirm_requirements",
            lambda self: list(missing),
        )
        booking = self.find(self.book())
        self.assertEqual(booking.state, "hold")
        booking._try_confirm()
        self.assertEqual(booking.state, "hold")
        missing.clear()
        booking._try_confirm()
        self.assertEqual(booking.state, "confirmed")
        booking._try_confirm()
        self.assertEqual(booking.state, "confirmed")

    def test_late_money(self):
        """A hold that ran out is confirmed if its slot is still free, else refused."""
        booking = self.make_booking(utc("2026-12-02 14:00"))
        with freeze_time("2026-12-01 05:00:00"):
            booking._expire()
            booking._try_confirm()
            self.assertEqual(booking.state, "confirmed")
            late = self.make_booking(utc("2026-12-03 14:00"))
        with freeze_time("2026-12-01 06:00:00"):
            late._expire()
            self.make_confirmed(utc("2026-12-03 15:00"), member=self.member_2)
            with self.assert_code("slot_taken"):
                late._try_confirm()
            self.assertEqual(late.state, "expired")

    def test_rules(self):
        for change, field in (
            ({"start": "2026-12-02 14:10"}, "start"),
            ({"start": "2026-12-01 03:30"}, "start"),
            ({"start": "2027-02-02 14:00"}, "start"),
            ({"minutes": 30}, "end"),
            ({"minutes": 1470}, "end"),
            ({"minutes": -60}, "end"),
            ({"people": 5}, "people"),
        ):
            with self.assert_code("invalid_request") as refusal:
                self.book(**change)
            self.assertEqual(refusal.error.errors[0]["field"], field, change)
        self.room.lead_minutes = 60
        with self.assert_code("invalid_request"):
            self.book("2026-12-01 04:30")
        self.book("2026-12-01 05:00")

    def test_book_now(self):
        self.assertTrue(self.book("2026-12-01 04:00"))

    def test_closed(self):
        self.room.state = "closed"
        with self.assert_code("outside_window"):
            self.book()
        self.room.state = "open"
        self.store.state = "paused"
        with self.assert_code("outside_window"):
            self.book()
        self.store.write({"state": "closed", "state_reason": "Rebuilding"})
        with self.assert_code("not_found"):
            self.book()
        self.store.state = "open"
        self.store.open_24h = False
        with self.assert_code("outside_window"):
            self.book()

    def test_blocked_member(self):
        self.member.state = "blocked"
        with self.assert_code("forbidden"):
            self.book()

    def test_capacity_counts_for_staff_too(self):
        booking = self.make_booking()
        with self.assertRaises(TeahouseError):
            booking.people = 5

    def test_pins_differ(self):
        first = self.make_booking()
        pin = first.participant_ids.sudo().pin
        answers = iter([int(pin), int(pin), 123456])
        self.patch(secrets, "randbelow", lambda _limit: next(answers))
        second = self.make_booking(room=self.room_2, member=self.member_2)
        self.assertEqual(second.participant_ids.sudo().pin, "123456")

    def test_queries_of_a_hold(self):
        """Creating a hold costs a bounded number of statements."""
        self.book("2026-12-03 14:00")
        self.assertLessEqual(self.count_queries(self.book), 60)
