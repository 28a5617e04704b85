from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"  # a Tuesday


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestWeeklyClosing(BookingCommon):
    """Closed hours of each week, on the store's clock."""

    def weekly(self, **values):
        return self.env["teahouse.weekly.closing"].create(
            {
                "name": "Cleaning day",
                "store_id": self.store.id,
                "weekday": "2",
                "hour_from": 10,
                "hour_to": 12,
                **values,
            }
        )

    def free_on(self, day, room=None):
        start = utc(f"{day} 00:00")
        return self.free(room, start, start + timedelta(days=1))

    def test_every_week(self):
        self.weekly()
        for day in ("2026-12-02", "2026-12-09", "2027-11-03"):
            self.assertEqual(
                self.free_on(day),
                [
                    (utc(f"{day} 00:00"), utc(f"{day} 02:00")),
                    (utc(f"{day} 04:00"), utc(f"{day} 00:00") + timedelta(days=1)),
                ],
            )
        self.assertEqual(len(self.free_on("2026-12-03")), 1)

    def test_one_room(self):
        self.weekly(room_id=self.room.id)
        self.assertEqual(len(self.free_on("2026-12-02")), 2)
        self.assertEqual(len(self.free_on("2026-12-02", self.room_2)), 1)

    def test_nobody_books_then(self):
        self.weekly()
        bookings = self.env["teahouse.booking"]
        with self.assert_code("outside_window"):
            bookings._check_bookable(
                self.room, utc("2026-12-02 03:00"), utc("2026-12-02 05:00"), 2
            )
        bookings._check_bookable(
            self.room, utc("2026-12-02 04:00"), utc("2026-12-02 06:00"), 2
        )

    def test_past_midnight_every_day(self):
        self.weekly(weekday="7", hour_from=23, hour_to=7)
        self.assertEqual(
            self.free_on("2026-12-02"),
            [
                (utc("2026-12-02 00:00"), utc("2026-12-02 15:00")),
                (utc("2026-12-02 23:00"), utc("2026-12-03 00:00")),
            ],
        )

    def test_summer_time(self):
        """The hands of the clock decide, not the distance."""
        self.store.tz = "America/New_York"
        self.weekly(weekday="7", hour_from=10, hour_to=12)
        winter = self.free_on("2027-03-13")[0][1]
        summer = self.free_on("2027-03-15")[0][1]
        self.assertEqual((winter.hour, summer.hour), (15, 14))

    def test_another_zone(self):
        self.weekly()
        self.store.tz = "Asia/Tokyo"
        self.assertEqual(self.free_on("2026-12-02")[0][1], utc("2026-12-02 01:00"))

    def test_changed_and_ended(self):
        row = self.weekly()
        row.hour_to = 13
        self.assertEqual(self.free_on("2026-12-02")[1][0], utc("2026-12-02 05:00"))
        row.active = False
        self.assertEqual(len(self.free_on("2026-12-02")), 1)
        row.active = True
        self.assertEqual(len(self.free_on("2026-12-02")), 2)
        row.unlink()
        self.assertEqual(len(self.free_on("2026-12-02")), 1)

    def test_what_has_begun_goes_on_once(self):
        row = self.weekly()
        with freeze_time("2026-12-02 03:00:00"):
            row.name = "Other words"
            spans = row.closing_ids.filtered(
                lambda one: one.start < utc("2026-12-03 00:00")
            )
            self.assertEqual(
                (spans.start, spans.end),
                (utc("2026-12-02 02:00"), utc("2026-12-02 04:00")),
            )

    def test_job_goes_on(self):
        row = self.weekly()
        count = len(row.closing_ids)
        row._top_up()
        self.assertEqual(len(row.closing_ids), count, "nothing to do yet")
        with freeze_time("2027-06-01 00:00:00"):
            row._top_up()
            row._top_up()
            self.assertGreater(max(row.closing_ids.mapped("start")), utc("2028-06-01"))
        starts = row.closing_ids.mapped("start")
        self.assertEqual(len(starts), len(set(starts)), "none twice")

    def test_wrong_rows(self):
        with self.assertRaises(ValidationError):
            self.weekly(hour_from=25)
        with self.assertRaises(ValidationError):
            self.weekly(room_id=self.other_room.id)

    def test_who_may(self):
        row = self.weekly()
        own = row.with_user(self.user_manager)
        own.hour_to = 13
        self.assertEqual(self.free_on("2026-12-02")[1][0], utc("2026-12-02 05:00"))
        with self.assertRaises(AccessError):
            row.with_user(self.user_staff).hour_to = 14
        self.assertTrue(row.with_user(self.user_staff).read(["name"]))
        other = self.weekly(store_id=self.other_store.id)
        with self.assertRaises(AccessError):
            other.with_user(self.user_manager).hour_to = 14
        for user in (self.user_cleaner, self.user_technician, self.member.user_id):
            with self.assertRaises(AccessError):
                row.with_user(user).read(["name"])
