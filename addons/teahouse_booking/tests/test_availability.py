from datetime import datetime, timedelta
from types import SimpleNamespace

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged

from odoo.addons.teahouse_base.tools.timeutil import to_aware

from ..engine.intervals import merge
from .common import BookingCommon, utc

# Tuesday noon in Hangzhou.
NOW = "2026-12-01 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestAvailability(BookingCommon):
    def window(self, start, end, store=None, starts=False):
        zone = (store or self.store)._zone()
        return SimpleNamespace(
            from_=to_aware(utc(start), zone),
            to=to_aware(utc(end), zone),
            starts=starts,
        )

    def test_empty_day(self):
        since, until = utc("2026-12-02 00:00"), utc("2026-12-03 00:00")
        self.assertEqual(self.free(since=since, until=until), [(since, until)])

    def test_stay_and_turnover(self):
        self.make_booking(utc("2026-12-02 10:00"))
        since, until = utc("2026-12-02 00:00"), utc("2026-12-03 00:00")
        self.assertEqual(
            self.free(since=since, until=until),
            [
                # A stay before needs its cleaning time, too.
                (since, utc("2026-12-02 09:45")),
                (utc("2026-12-02 12:15"), until),
            ],
        )
        # What is free can be booked to the minute, both before and after.
        for start, end in (("08:45", "09:45"), ("12:15", "13:15")):
            booking = self.make_booking(
                utc(f"2026-12-02 {start}"), end=utc(f"2026-12-02 {end}")
            )
            self.assertTrue(booking._is_blocking())

    def test_stays_over_the_edges(self):
        self.make_booking(utc("2026-12-01 20:00"), end=utc("2026-12-02 06:00"))
        self.make_booking(utc("2026-12-02 23:00"), end=utc("2026-12-03 05:00"))
        self.assertEqual(
            self.free(since=utc("2026-12-02 05:00"), until=utc("2026-12-02 23:00")),
            [(utc("2026-12-02 06:15"), utc("2026-12-02 22:45"))],
        )
        # The next stay begins just after the window.
        self.assertEqual(
            self.free(since=utc("2026-12-02 07:00"), until=utc("2026-12-02 22:50")),
            [(utc("2026-12-02 07:00"), utc("2026-12-02 22:45"))],
        )

    def test_what_does_not_block(self):
        since, until = utc("2026-12-02 00:00"), utc("2026-12-03 00:00")
        start = utc("2026-12-02 10:00")
        gone = self.make_booking(start)
        gone._cancel("customer")
        self.assertEqual(self.free(since=since, until=until), [(since, until)])
        stale = self.make_booking(start)
        stale.hold_expires_at = utc("2026-12-01 03:59")
        self.assertEqual(self.free(since=since, until=until), [(since, until)])

    def test_closed_times(self):
        closings = self.env["teahouse.closing"]
        since, until = utc("2026-12-02 00:00"), utc("2026-12-03 00:00")
        times = {"start": utc("2026-12-02 08:00"), "end": utc("2026-12-02 09:00")}
        closing = closings.create(
            {"name": "Repair", "store_id": self.store.id, **times}
        )
        cut = [(since, times["start"]), (times["end"], until)]
        for room in (self.room, self.room_2):
            self.assertEqual(self.free(room, since, until), cut)
        self.assertEqual(self.free(self.other_room, since, until), [(since, until)])
        closing.room_id = self.room
        self.assertEqual(self.free(self.room, since, until), cut)
        self.assertEqual(self.free(self.room_2, since, until), [(since, until)])
        with self.assert_code("outside_window"):
            self.room._check_open_for(utc("2026-12-02 07:00"), utc("2026-12-02 08:01"))
        self.room._check_open_for(utc("2026-12-02 07:00"), utc("2026-12-02 08:00"))
        closing.active = False
        self.assertEqual(self.free(self.room, since, until), [(since, until)])

    def test_opening_hours_on_the_local_clock(self):
        """18:00 to 02:00 in Berlin, on the night when summer time begins."""
        store = self.make_store(
            name="Berlin",
            tz="Europe/Berlin",
            open_24h=False,
            opening_ids=[
                Command.create({"weekday": "5", "hour_from": 18, "hour_to": 4})
            ],
        )
        room = self.make_room(store)
        # Saturday, March 27th 2027; at 02:00 on Sunday clocks go to 03:00.
        self.assertEqual(
            self.free(room, utc("2027-03-27 00:00"), utc("2027-03-29 00:00")),
            [(utc("2027-03-27 17:00"), utc("2027-03-28 02:00"))],
        )
        with self.assert_code("outside_window"):
            room._check_open_for(utc("2027-03-28 00:00"), utc("2027-03-28 02:30"))
        room._check_open_for(utc("2027-03-28 00:00"), utc("2027-03-28 02:00"))

    def test_for_customers(self):
        self.make_booking(utc("2026-12-01 06:00"))
        self.room.horizon_days = 1
        values = self.room._api_availability(
            self.room.id, self.window("2026-12-01 00:00", "2026-12-04 00:00")
        )
        self.assertEqual(
            values["free"],
            [
                # What has passed is left out, in the store's zone.
                {
                    "start": "2026-12-01T12:00:00+08:00",
                    "end": "2026-12-01T13:45:00+08:00",
                    "max_minutes": 105,
                },
                {
                    "start": "2026-12-01T16:15:00+08:00",
                    "end": "2026-12-04T08:00:00+08:00",
                    "max_minutes": 1440,
                },
            ],
        )
        self.assertEqual(values["turnover_minutes"], 15)
        later = self.window("2026-12-03 00:00", "2026-12-04 00:00")
        self.assertEqual(
            self.room._api_availability(self.room.id, later)["free"], [], "horizon"
        )
        self.room.horizon_days = 30
        self.assertTrue(self.room._api_availability(self.room.id, later)["free"])
        self.store.state = "paused"
        self.assertEqual(self.room._api_availability(self.room.id, later)["free"], [])

    def test_each_start(self):
        """Lead time, grid and the end of the interval bound what begins when."""
        self.room.write({"lead_minutes": 50, "max_minutes": 90})
        self.make_booking(utc("2026-12-01 06:00"))
        window = self.window("2026-12-01 00:00", "2026-12-01 07:00", starts=True)
        (item,) = self.room._api_availability(self.room.id, window)["free"]
        self.assertEqual(
            [(one["start"][11:16], one["max_minutes"]) for one in item["starts"]],
            # It is noon; the interval ends at 13:45.
            [],
        )
        self.room.min_minutes = 30
        (item,) = self.room._api_availability(self.room.id, window)["free"]
        self.assertEqual(
            [(one["start"][11:16], one["max_minutes"]) for one in item["starts"]],
            [("13:00", 45)],
        )

    def test_nobody_sees_closed_stores(self):
        window = self.window("2026-12-02 00:00", "2026-12-03 00:00")
        for values in (
            {"state": "closed", "state_reason": "Moved"},
            {"state": "open", "active": False},
        ):
            self.store.write(values)
            with self.assert_code("not_found"):
                self.room._api_availability(self.room.id, window)
            with self.assert_code("not_found"):
                self.store._api_availability(self.store.id, window)
        self.store.write({"state": "open", "active": True})
        self.room.active = False
        with self.assert_code("not_found"):
            self.room._api_availability(self.room.id, window)
        rooms = self.store._api_availability(self.store.id, window)["rooms"]
        self.assertEqual([one["room_id"] for one in rooms], self.room_2.ids)

    def test_window_is_bounded(self):
        for start, end in (
            ("2026-12-02 00:00", "2026-12-02 00:00"),
            ("2026-12-03 00:00", "2026-12-02 00:00"),
            ("2026-12-02 00:00", "2027-02-02 00:00"),
        ):
            with self.assert_code("invalid_request"):
                self.room._api_availability(self.room.id, self.window(start, end))

    def test_one_statement_for_all_rooms(self):
        rooms = self.room | self.room_2 | self.other_room
        for index in range(12):
            rooms |= self.make_room(self.store, name=f"Room {index}")
        for room in rooms:
            self.make_booking(utc("2026-12-02 10:00"), room=room)
        since, until = utc("2026-12-02 00:00"), utc("2026-12-03 00:00")
        rooms.sudo().mapped("store_id.open_24h")
        with self.assertQueryCount(1):
            free = rooms._free_intervals(since, until)
        self.assertEqual({len(spans) for spans in free.values()}, {2})
        window = self.window("2026-12-02 00:00", "2026-12-03 00:00")
        one, many = (
            self.count_queries(lambda s=store: s._api_availability(s.id, window))
            for store in (self.other_store, self.store)
        )
        self.assertEqual(one, many, "as many statements for 14 rooms as for one")
        self.assertEqual(many, 1)

    @given(
        st.lists(
            st.tuples(st.integers(0, 140), st.integers(12, 40), st.booleans()),
            max_size=6,
        ),
        st.integers(0, 60),
        st.integers(1, 90),
        st.sampled_from((0, 5, 15, 40)),
    )
    @settings(
        deadline=None,
        max_examples=40,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_against_a_walk_over_minutes(self, stays, since, length, turnover):
        """A slow oracle: five-minute marks at which a stay of five minutes fits."""
        day = utc("2026-12-02 00:00")

        def mark(number):
            return day + timedelta(minutes=5 * number)

        with self.env.cr.savepoint() as savepoint:
            self.room.turnover_minutes = turnover
            # What is blocked, and how much cleaning a stay before it would need.
            blocked, stood = [], []
            for start, marks, closed in stays:
                first, last = mark(start), mark(start + marks)
                keep = last + timedelta(minutes=turnover)
                if closed:
                    times = {"start": first, "end": last}
                    self.env["teahouse.closing"].create(
                        {"name": "Closed", "store_id": self.store.id, **times}
                    )
                    blocked.append((first, last, 0))
                elif not any(first < b and a < keep for a, b in stood):
                    nobody = self.env["teahouse.member"]
                    self.make_booking(first, end=last, member=nobody)
                    stood.append((first, keep))
                    blocked.append((first, keep, turnover))
            window = (mark(since), mark(since + length))
            found = self.free(self.room, *window)
            expected = []
            for number in range(since, since + length):
                start, end = mark(number), mark(number + 1)
                if all(
                    end + timedelta(minutes=cleaned) <= first or start >= last
                    for first, last, cleaned in blocked
                ):
                    expected.append((start, end))
            self.assertEqual(found, merge(expected))
            savepoint.rollback()


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSearchFree(BookingCommon):
    """Stores with a room free in a window."""

    def search(self, start, end, **more):
        query = {
            "lat": 30.2425,
            "lng": 120.1718,
            "radius_km": 50,
            "q": None,
            "capacity": None,
            "facility": None,
            "sort": None,
            "limit": 100,
            "cursor": None,
            "free_from": start and datetime.fromisoformat(f"{start}+00:00"),
            "free_to": end and datetime.fromisoformat(f"{end}+00:00"),
            **more,
        }
        found = self.env["teahouse.store"]._api_search(SimpleNamespace(**query))
        ours = (self.store | self.other_store).ids
        return {
            item["id"]: item["rooms_free"]
            for item in found["items"]
            if item["id"] in ours
        }

    def test_counts_rooms(self):
        window = ("2026-12-02T10:00", "2026-12-02T12:00")
        everything = {self.store.id: 2, self.other_store.id: 1}
        self.assertEqual(self.search(*window), everything)
        self.make_booking(utc("2026-12-02 11:00"))
        self.assertEqual(self.search(*window), {**everything, self.store.id: 1})
        self.make_booking(utc("2026-12-02 11:00"), room=self.other_room)
        self.assertEqual(self.search(*window), {self.store.id: 1})
        self.assertEqual(self.search(*window, capacity=5), {self.store.id: 1})
        self.room_2.state = "closed"
        self.assertEqual(self.search(*window), {})
        # Without a window nothing is counted, and nobody is left out.
        self.assertEqual(
            self.search(None, None), {self.store.id: None, self.other_store.id: None}
        )

    def test_cleaning_after_the_window_counts(self):
        self.make_booking(utc("2026-12-02 12:10"), room=self.other_room)
        taken = self.search("2026-12-02T10:00", "2026-12-02T12:00")
        self.assertNotIn(self.other_store.id, taken)
        free = self.search("2026-12-02T09:55", "2026-12-02T11:55")
        self.assertEqual(free[self.other_store.id], 1)

    def test_closed_and_opening(self):
        self.env["teahouse.closing"].create(
            {
                "name": "Repair",
                "store_id": self.other_store.id,
                "start": utc("2026-12-02 10:00"),
                "end": utc("2026-12-02 11:00"),
            }
        )
        self.assertNotIn(
            self.other_store.id, self.search("2026-12-02T10:30", "2026-12-02T12:00")
        )
        # Wednesday, 22:00 to 06:00 in Hangzhou: 14:00 to 22:00 UTC.
        self.store.write(
            {
                "open_24h": False,
                "opening_ids": [
                    Command.create({"weekday": "2", "hour_from": 22, "hour_to": 6})
                ],
            }
        )
        for start, end, there in (
            ("2026-12-02T14:00", "2026-12-02T22:00", True),
            ("2026-12-02T13:30", "2026-12-02T15:00", False),
            ("2026-12-02T21:00", "2026-12-02T22:30", False),
            ("2026-12-03T14:00", "2026-12-03T15:00", False),
        ):
            self.assertEqual(self.store.id in self.search(start, end), there, start)

    def test_paused_store_has_nothing_free(self):
        self.store.state = "paused"
        found = self.search("2026-12-02T10:00", "2026-12-02T12:00")
        self.assertNotIn(self.store.id, found)

    def test_half_a_window(self):
        with self.assert_code("invalid_request") as refusal:
            self.search("2026-12-02T10:00", None)
        self.assertEqual(refusal.error.errors[0]["field"], "free_to")
