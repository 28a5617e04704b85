from types import SimpleNamespace

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.teahouse_base.tools.timeutil import to_aware

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START, END = utc("2026-12-02 06:00"), utc("2026-12-02 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestWaitlist(BookingCommon):
    """A time that becomes free is offered to who waits longest."""

    def setUp(self):
        super().setUp()
        self.booking = self.make_confirmed(START, end=END)
        self.third = self.make_member(name="Pi Rixiu")

    def wish(self, member, room=None, store=None, start=START, end=END, people=2):
        zone = self.store._zone()
        body = SimpleNamespace(
            room_id=None if store else (room or self.room).id,
            store_id=store.id if store else None,
            start=to_aware(start, zone),
            end=to_aware(end, zone),
            people=people,
        )
        values = self.as_member("teahouse.waitlist", member)._api_create(body)
        return self.env["teahouse.waitlist"].browse(values["id"])

    def run_due(self, at=NOW):
        self.env.flush_all()
        with freeze_time(at), self.enter_registry_test_mode():
            self.env.ref("teahouse_booking.ir_cron_due").method_direct_trigger()
        self.env.invalidate_all()

    def test_first_come_first_served(self):
        first, second = self.wish(self.member_2), self.wish(self.third)
        self.run_due()
        self.assertEqual((first.state, second.state), ("waiting", "waiting"))
        self.booking._cancel("customer")
        self.run_due()
        self.assertEqual((first.state, second.state), ("offered", "waiting"))
        # Nobody else can snatch it.
        with self.assert_code("slot_taken"):
            self.make_booking(START)
        wishes = self.as_member("teahouse.waitlist", self.member_2)
        item = wishes._api_list()["items"][0]
        self.assertEqual(item["offered_room"]["name"], "Bamboo")
        self.assertEqual(item["offer_expires_at"], "2026-12-01T12:15:00+08:00")
        values = wishes._api_accept(first.id)
        self.assertEqual(values["state"], "confirmed")
        self.assertEqual(first.state, "accepted")
        self.assertEqual(first.booking_id.member_id, self.member_2)
        self.assertEqual(wishes._api_list()["items"], [])
        with self.assert_code("invalid_state"):
            wishes._api_accept(first.id)

    def test_offer_runs_out_and_goes_on(self):
        first, second = self.wish(self.member_2), self.wish(self.third)
        self.booking._cancel("customer")
        self.run_due()
        with freeze_time("2026-12-01 04:15:00"), self.assert_code("invalid_state"):
            self.as_member("teahouse.waitlist", self.member_2)._api_accept(first.id)
        self.run_due("2026-12-01 04:16:00")
        self.assertEqual((first.state, second.state), ("expired", "offered"))

    def test_any_room(self):
        wish = self.wish(self.member_2, store=self.store)
        self.run_due()
        self.assertEqual(wish.hold_id.room_id, self.room_2, "one is free already")

    def test_leaving_gives_back(self):
        first, second = self.wish(self.member_2), self.wish(self.third)
        self.booking._cancel("customer")
        self.run_due()
        with self.assert_code("not_found"):
            self.as_member("teahouse.waitlist", self.third)._api_cancel(first.id)
        self.as_member("teahouse.waitlist", self.member_2)._api_cancel(first.id)
        self.assertEqual(first.hold_id.state, "expired")
        self.run_due()
        self.assertEqual((first.state, second.state), ("cancelled", "offered"))

    def test_too_late(self):
        wish = self.wish(self.member_2)
        self.run_due("2026-12-02 06:00:00")
        self.assertEqual(wish.state, "expired")

    def test_impossible_wishes(self):
        with self.assert_code("invalid_request"):
            self.wish(self.member_2, people=5)
        self.wish(self.member_2, store=self.store, people=8)
        with self.assert_code("invalid_request"):
            self.wish(self.member_2, start=utc("2026-12-02 06:07"))
        with self.assert_code("invalid_request"):
            self.wish(self.member_2, start=END, end=START)
        self.member_2.state = "blocked"
        with self.assert_code("forbidden"):
            self.wish(self.member_2)

    def test_offers_are_nobodys_bookings(self):
        wish = self.wish(self.member_2)
        self.booking._cancel("customer")
        self.run_due()
        bookings = self.as_member("teahouse.booking", self.member_2)
        with self.assert_code("not_found"):
            bookings._api_get(wish.hold_id.ref)

    def test_reminder(self):
        sent = self.env["teahouse.notification"].search([])
        self.run_due("2026-12-02 04:59:00")
        self.assertFalse(self.booking.reminded_at)
        self.run_due("2026-12-02 05:00:00")
        self.assertTrue(self.booking.reminded_at)
        self.run_due("2026-12-02 05:01:00")
        new = self.env["teahouse.notification"].search([]) - sent
        self.assertEqual(new.template_id.mapped("code"), ["booking_reminder"])
        # Who books for now needs none.
        late = self.make_confirmed(utc("2026-12-01 04:30"), room=self.room_2)
        self.run_due("2026-12-01 04:10:00")
        self.assertFalse(late.reminded_at)
