from freezegun import freeze_time

from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestJobs(BookingCommon):
    """What happens by itself: on time, late, twice."""

    def run_due(self, at):
        cron = self.env.ref("teahouse_booking.ir_cron_due")
        self.env.flush_all()
        with freeze_time(at), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_hold_runs_out(self):
        booking = self.make_booking(START)
        self.run_due("2026-12-01 04:14:59")
        self.assertEqual(booking.state, "hold")
        self.run_due("2026-12-01 04:15:00")
        self.assertEqual(booking.state, "expired")
        self.run_due("2026-12-01 04:16:00")
        self.assertEqual(booking.state, "expired")

    def test_wakes_when_due(self):
        triggers = self.env["ir.cron.trigger"]
        cron = self.env.ref("teahouse_booking.ir_cron_due")
        before = triggers.search([("cron_id", "=", cron.id)])
        self.make_booking(START, end=END)
        new = triggers.search([("cron_id", "=", cron.id)]) - before
        self.assertEqual(
            sorted(new.mapped("call_at")),
            [
                utc("2026-12-01 04:15"),
                utc("2026-12-01 05:00"),
                START,
                utc("2026-12-01 07:00"),
                END,
            ],
        )

    def test_no_show(self):
        booking = self.make_confirmed(START, end=END)
        self.run_due("2026-12-01 06:59:00")
        self.assertEqual(booking.state, "confirmed")
        self.run_due("2026-12-01 07:00:00")
        self.assertEqual(booking.state, "no_show")

    def test_bad_row_does_not_keep_the_others(self):
        bad = self.make_confirmed(START, end=END)
        good = self.make_confirmed(START, end=END, room=self.room_2)
        real = type(bad)._mark_no_show

        def fail(bookings, *args):
            if bad in bookings:
                raise ValueError("bad row")
            return real(bookings, *args)

        self.patch(type(bad), "_mark_no_show", fail)
        with self.assertLogs("odoo.addons.teahouse_booking", "ERROR") as logs:
            self.run_due("2026-12-01 07:00:00")

        self.assertEqual(good.state, "no_show")
        self.assertEqual(bad.state, "confirmed")
        self.assertIn(bad.ref, logs.output[0])

    def test_no_show_of_a_short_stay(self):
        self.room.min_minutes = 30
        booking = self.make_confirmed(START, minutes=30)
        self.run_due("2026-12-01 06:30:00")
        self.assertEqual(booking.state, "no_show")

    def test_check_in_at_start(self):
        self.store.auto_check_in = True
        booking = self.make_confirmed(START, end=END)
        self.run_due("2026-12-01 06:02:00")
        self.assertEqual(booking.state, "in_use")
        self.assertEqual(booking.checked_in_at, START)

    def test_end(self):
        booking = self.make_confirmed(START, end=END)
        booking._check_in("staff", at=START)
        self.run_due("2026-12-01 07:59:00")
        self.assertEqual(booking.state, "in_use")
        self.run_due("2026-12-01 08:07:00")
        self.assertEqual(booking.state, "completed")
        self.assertEqual(booking.ended_at, END, "late jobs do not make guests pay")
        self.assertEqual(booking.blocked_until, utc("2026-12-01 08:15"))

    def test_running_on(self):
        self.store.at_end = "run_on"
        booking = self.make_confirmed(START, end=END)
        booking._check_in("staff", at=START)
        self.run_due("2026-12-01 09:59:00")
        self.assertEqual(booking.state, "in_use")
        self.run_due("2026-12-01 10:00:00")
        self.assertEqual(booking.state, "completed")
        self.assertEqual(booking.ended_at, utc("2026-12-01 10:00"))

    def test_running_on_until_the_next(self):
        self.store.at_end = "run_on"
        booking = self.make_confirmed(START, end=END)
        self.make_confirmed(utc("2026-12-01 09:00"), member=self.member_2)
        booking._check_in("staff", at=START)
        self.run_due("2026-12-01 08:59:00")
        self.assertEqual(booking.state, "in_use")
        self.run_due("2026-12-01 09:30:00")
        self.assertEqual(booking.state, "completed")
        self.assertEqual(booking.ended_at, utc("2026-12-01 09:00"))
        self.assertEqual(booking.blocked_until, utc("2026-12-01 09:00"))

    def test_after_an_outage(self):
        """Nothing ran for days; one run puts everything right."""
        held = self.make_booking(utc("2026-12-01 20:00"))
        nobody_came = self.make_confirmed(START, end=END)
        stayed = self.make_confirmed(START, end=END, room=self.room_2)
        stayed._check_in("door", at=utc("2026-12-01 06:03"))
        self.other_store.auto_check_in = True
        open_house = self.make_confirmed(START, end=END, room=self.other_room)
        self.run_due("2026-12-04 00:00:00")
        self.assertEqual(held.state, "expired")
        self.assertEqual(nobody_came.state, "no_show")
        self.assertEqual((stayed.state, stayed.ended_at), ("completed", END))
        self.assertEqual((open_house.state, open_house.ended_at), ("completed", END))
        self.assertEqual(open_house.checked_in_at, START)

    def test_one_that_fails_stops_nobody(self):
        first = self.make_booking(START)
        second = self.make_booking(START, room=self.room_2)
        expire = type(first)._expire_due

        def failing(booking):
            if booking == first:
                booking._refuse("invalid_state", "Not today")
            return expire(booking)

        self.patch(type(first), "_expire_due", failing)
        self.run_due("2026-12-01 05:00:00")
        self.assertEqual((first.state, second.state), ("hold", "expired"))

    def test_far_bookings_of_many_do_not_hide_the_due(self):
        """A due row is found among others that are not."""
        for index in range(5):
            self.make_confirmed(self.at(days=2 + index))
        due = self.make_confirmed(START, end=END)
        bookings = self.env["teahouse.booking"]
        with freeze_time(utc("2026-12-01 07:00")):
            found = bookings._due_no_shows()
        self.assertEqual(found, due)
