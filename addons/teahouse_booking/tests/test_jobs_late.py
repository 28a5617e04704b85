"""Jobs that come late, twice or never leave the states that punctual ones leave."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
DAY = utc("2026-12-01 00:00")
#: Half hours of the day in which stays begin; a stay lasts two hours.
BEGINS = (10, 16, 22, 28, 34)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLateJobs(BookingCommon):
    def play(self, stays, ticks, at_end, auto):
        """Live through a day and return what came of each stay.

        :param stays: free, hold, nobody (comes), (came, minutes after the start), or
            (left, the same, minutes before the end)
        :param ticks: minutes of the day at which the job runs
        """
        store = self.make_store(name="Play")
        store.write({"at_end": at_end, "auto_check_in": auto})
        room = self.make_room(store, name="Stage")
        events, bookings = [], []
        for half, stay in zip(BEGINS, stays, strict=True):
            if stay[0] == "free":
                continue
            start = DAY + timedelta(minutes=30 * half)
            booking = self.make_booking(start, room=room)
            bookings.append(booking)
            if stay[0] == "hold":
                continue
            booking.action_confirm()
            if stay[0] in ("came", "left"):
                came = start + timedelta(minutes=stay[1])
                events.append((came, booking, "_check_in", "door"))
            if stay[0] == "left":
                gone = booking.end - timedelta(minutes=stay[2])
                events.append((gone, booking, "_checkout", "guest"))
        due = [(DAY + timedelta(minutes=tick), None, None, None) for tick in ticks]
        for at, booking, step, source in sorted(events + due, key=lambda one: one[0]):
            with freeze_time(at):
                if booking is None:
                    self.run_job(bookings)
                elif booking.state in ("confirmed", "in_use"):
                    getattr(booking, step)(source)
        with freeze_time(DAY + timedelta(days=3)):
            self.run_job(bookings)
            self.run_job(bookings)
        return [
            (one.state, one.ended_at, one.blocked_until, one.checked_in_at)
            for one in bookings
        ]

    def run_job(self, bookings):
        """Run what is due of these stays, as the job does."""
        model = self.env["teahouse.booking"]
        for find, step in (
            (model._due_holds, "_expire_due"),
            (model._due_reminders, "_remind_due"),
            (model._due_check_ins, "_check_in_due"),
            (model._due_no_shows, "_no_show_due"),
            (model._due_ends, "_end_due"),
        ):
            for booking in find():
                if booking in bookings:
                    booking._run_step(step)

    def test_late_is_as_good_as_punctual(self):
        stays = (("hold",), ("nobody",), ("came", 5), ("left", 0, 30), ("free",))
        end = DAY + timedelta(minutes=30 * 22 + 120)
        for at_end, over in (("cut", 0), ("run_on", 60)):
            for ticks in ([], [700], range(240, 1440, 120)):
                found = self.play(stays, ticks, at_end, auto=False)
                self.assertEqual(
                    [one[0] for one in found],
                    ["expired", "no_show", "completed", "completed"],
                )
                # Overtime ends where the next stay begins.
                self.assertEqual(found[2][1], end + timedelta(minutes=over))
                self.assertEqual(found[3][1], DAY + timedelta(minutes=30 * 28 + 90))

    def test_stays_that_begin_by_themselves(self):
        stays = (("free",), ("nobody",), ("free",), ("nobody",), ("free",))
        for ticks in ([], [700], range(240, 1440, 120)):
            found = self.play(stays, ticks, "cut", auto=True)
            self.assertEqual([one[0] for one in found], ["completed"] * 2)
            starts = [DAY + timedelta(minutes=30 * half) for half in (16, 28)]
            self.assertEqual([one[3] for one in found], starts)
            self.assertEqual(
                [one[1] for one in found], [at + timedelta(hours=2) for at in starts]
            )
