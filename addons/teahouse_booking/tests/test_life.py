from freezegun import freeze_time

from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLife(BookingCommon):
    """From confirmed to completed, each step once and in order."""

    def setUp(self):
        super().setUp()
        self.booking = self.make_confirmed(START, end=END)
        self.calls = []
        for hook in (
            "_on_checked_in",
            "_on_use_ended",
            "_on_no_show",
            "_on_cancelled",
            "_on_expired",
        ):
            self.watch(hook)

    def watch(self, hook):
        original = getattr(type(self.booking), hook)

        def watching(bookings, *args):
            if bookings:
                self.calls.append(hook)
            return original(bookings, *args)

        self.patch(type(self.booking), hook, watching)

    def test_check_in_and_out(self):
        with freeze_time("2026-12-01 06:05:00"):
            self.booking._check_in("door")
            self.booking._check_in("door")
        self.assertEqual(self.booking.state, "in_use")
        self.assertEqual(self.booking.checked_in_at, utc("2026-12-01 06:05"))
        with freeze_time("2026-12-01 07:00:00"):
            self.booking._checkout("guest")
            self.booking._checkout("staff")
        self.assertEqual(self.booking.state, "completed")
        self.assertEqual(self.booking.ended_at, utc("2026-12-01 07:00"))
        # The rest of the stay is free, but for the cleaning.
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 07:15"))
        self.assertEqual(self.calls, ["_on_checked_in", "_on_use_ended"])

    def test_late_arrival_does_not_move_the_end(self):
        with freeze_time("2026-12-01 06:50:00"):
            self.booking._check_in("door")
        self.assertEqual(self.booking.end, END)

    def test_check_in_needs_a_stay_that_goes_on(self):
        with freeze_time("2026-12-01 08:00:00"), self.assert_code("outside_window"):
            self.booking._check_in("staff")
        # A door that was opened in time and told so late still counts.
        with freeze_time("2026-12-01 08:30:00"):
            self.booking._check_in("door", at=utc("2026-12-01 06:10"))
        self.assertEqual(self.booking.checked_in_at, utc("2026-12-01 06:10"))

    def test_leaving_before_the_start(self):
        with freeze_time("2026-12-01 05:50:00"):
            self.booking._check_in("door")
            self.booking._checkout("guest")
        self.assertEqual(self.booking.ended_at, utc("2026-12-01 05:50"))
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 06:15"))

    def test_leaving_late_takes_only_what_is_free(self):
        self.store.at_end = "run_on"
        following = self.make_confirmed(utc("2026-12-01 08:15"), member=self.member_2)
        self.booking._check_in("staff", at=START)
        with freeze_time("2026-12-01 08:14:00"):
            self.booking._checkout("guest")
        self.assertEqual(self.booking.blocked_until, following.start)

    def test_overtime_into_what_somebody_just_took(self):
        """Nobody saw the next booking yet: what is blocked stays as it is."""
        self.store.at_end = "run_on"
        self.make_confirmed(utc("2026-12-01 08:15"), member=self.member_2)
        self.booking._check_in("staff", at=START)
        self.patch(
            type(self.booking),
            "_next_in_room",
            lambda booking: booking.browse(),
        )
        with freeze_time("2026-12-01 08:14:00"):
            self.booking._checkout("guest")
        self.assertEqual(self.booking.state, "completed")
        self.assertEqual(self.booking.blocked_until, utc("2026-12-01 08:15"))

    def test_no_show(self):
        with self.assert_code("outside_window"):
            self.booking._mark_no_show()
        with freeze_time("2026-12-01 07:00:00"):
            self.booking._mark_no_show()
            self.booking._mark_no_show()
            self.assertEqual(self.booking.state, "no_show")
            with self.assert_code("invalid_state"):
                self.booking._check_in("door")
            # The room can be sold again.
            self.make_booking(utc("2026-12-01 07:00"), minutes=60)
        self.assertEqual(self.calls, ["_on_no_show"])

    def test_check_in_excludes_no_show(self):
        with freeze_time("2026-12-01 06:30:00"):
            self.booking._check_in("door")
            with self.assert_code("invalid_state"):
                self.booking._mark_no_show()

    def test_wrong_states(self):
        for step in (
            lambda: self.booking._checkout("guest"),
            lambda: self.booking._set_state("expired", ("hold",)),
        ):
            with self.assert_code("invalid_state"):
                step()
        self.booking._cancel("store", "Water damage")
        for step in (
            lambda: self.booking._check_in("staff"),
            lambda: self.booking._extend(utc("2026-12-01 09:00")),
            lambda: self.booking._change_room(self.room_2),
        ):
            with self.assert_code("invalid_state"):
                step()

    def test_cancel(self):
        self.booking._cancel("customer", "Ill")
        self.booking._cancel("customer")
        self.assertEqual(self.booking.state, "cancelled")
        self.assertEqual(self.booking.cancelled_by, "customer")
        self.assertEqual(self.booking.cancel_reason, "Ill")
        self.assertEqual(self.calls, ["_on_cancelled"])
        self.make_booking(START, member=self.member_2)

    def test_cancel_after_the_start(self):
        with freeze_time(START):
            self.assertFalse(self.booking._cancellation_preview()["cancellable"])
            with self.assert_code("invalid_state"):
                self.booking._cancel("customer")
            # The store can, and gives all back.
            self.booking._cancel("store", "No water")
        self.assertEqual(self.booking._refund_percent("store"), 100)

    def test_nobody_cancels_what_is_in_use(self):
        with freeze_time(START):
            self.booking._check_in("door")
            for by in ("customer", "store"):
                with self.assert_code("invalid_state"):
                    self.booking._cancel(by)

    def test_policy_is_the_one_when_booked(self):
        late = self.make_confirmed(utc("2026-12-03 06:00"))
        self.store.cancel_policy_ids = [(5, 0, 0), (0, 0, {"minutes": 0, "percent": 1})]
        self.assertEqual(late._cancellation_preview()["refund_percent"], 100)
        with freeze_time("2026-12-02 06:01:00"):
            self.assertEqual(late._cancellation_preview()["refund_percent"], 80)
        with freeze_time("2026-12-03 04:00:00"):
            self.assertEqual(late._refund_percent(), 80)
        with freeze_time("2026-12-03 04:00:01"):
            self.assertEqual(late._refund_percent(), 50)
        new = self.make_confirmed(utc("2026-12-04 06:00"))
        self.assertEqual(new._cancellation_preview()["refund_percent"], 1)
        self.store.cancel_policy_ids.unlink()
        none = self.make_confirmed(utc("2026-12-05 06:00"))
        self.assertEqual(none._refund_percent(), 0)

    def test_access_window(self):
        opens, closes = utc("2026-12-01 05:45"), utc("2026-12-01 08:10")
        self.assertEqual(self.booking._access_window(), (opens, closes))

    def test_early_entry_waits_for_the_stay_before(self):
        before = self.make_confirmed(utc("2026-12-01 04:45"), minutes=60)
        self.assertEqual(self.booking._access_window()[0], START)
        with freeze_time("2026-12-01 05:35:00"):
            before._check_in("door")
            before._checkout("guest")
            # Out, but not clean yet.
            self.assertEqual(self.booking._access_window()[0], START)
            before.cleaning_task_ids.action_finish()
        self.assertEqual(self.booking._access_window()[0], utc("2026-12-01 05:45"))

    def test_early_entry_without_cleaning(self):
        self.store.use_cleaning = False
        before = self.make_confirmed(utc("2026-12-01 04:45"), minutes=60)
        with freeze_time("2026-12-01 05:40:00"):
            before._check_in("door")
            self.assertEqual(self.booking._access_window()[0], START)
        with freeze_time("2026-12-01 05:50:00"):
            before._checkout("door")
        self.assertEqual(self.booking._access_window()[0], utc("2026-12-01 05:50"))

    def test_running_on_leaves_the_door_open(self):
        self.store.at_end = "run_on"
        with freeze_time(START):
            self.booking._check_in("door")
        self.assertEqual(self.booking._access_window()[1], utc("2026-12-01 10:10"))
        self.make_confirmed(utc("2026-12-01 09:00"), member=self.member_2)
        self.assertEqual(self.booking._access_window()[1], utc("2026-12-01 09:10"))
