"""Jobs that come late, twice or never leave the states that punctual ones leave."""

from datetime import timedelta

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
DAY = utc("2026-12-01 00:00")
#: Half hours of the day in which stays begin; a stay lasts two hours.
BEGINS = (10, 16, 22, 28, 34)
#: What guests do: nothing, hold only, come some minutes late, leave some before the end.
STAYS = st.one_of(
    st.just(("free",)),
    st.just(("hold",)),
    st.just(("nobody",)),
    st.tuples(st.just("came"), st.integers(-10, 59)),
    st.tuples(st.just("left"), st.integers(0, 50), st.integers(5, 60)),
)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLateJobs(BookingCommon):
    def play(self, stays, ticks, at_end, auto):
        """Live through a day and return what came of each stay.

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

    @settings(
        max_examples=6,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        stays=st.tuples(*[STAYS] * len(BEGINS)),
        late=st.sets(st.integers(300, 1600), max_size=3),
        at_end=st.sampled_from(("cut", "run_on")),
        auto=st.booleans(),
    )
    def test_late_is_as_good_as_punctual(self, stays, late, at_end, auto):
        punctual = range(240, 1800, 30)
        expected = self.play(stays, punctual, at_end, auto)
        self.assertEqual(self.play(stays, [], at_end, auto), expected, "never")
        self.assertEqual(self.play(stays, late, at_end, auto), expected, "late")

    def test_what_must_come_of_it(self):
        stays = (("hold",), ("nobody",), ("came", 5), ("left", 0, 30), ("free",))
        for ticks in ([], range(240, 1800, 30), [700]):
            found = self.play(stays, ticks, "cut", False)
            self.assertEqual(
                [one[0] for one in found],
                ["expired", "no_show", "completed", "completed"],
            )
            self.assertEqual(found[2][1], DAY + timedelta(minutes=30 * 22 + 120))
            self.assertEqual(found[3][1], DAY + timedelta(minutes=30 * 28 + 90))
