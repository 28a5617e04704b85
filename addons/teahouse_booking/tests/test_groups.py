from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, Form, tagged

from ..engine.recurrence import DAILY, MOST, WEEKLY, Rule, days, occurrences
from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"
START = utc("2026-12-02 06:00")
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe")


@tagged("post_install", "-at_install")
class TestRecurrence(BaseCase):
    """The days of a series, against a calendar that is walked through."""

    def test_examples(self):
        first = date(2026, 12, 2)  # a Wednesday
        self.assertEqual(
            days(Rule(DAILY, 2, count=3), first),
            [date(2026, 12, 2), date(2026, 12, 4), date(2026, 12, 6)],
        )
        self.assertEqual(
            days(Rule(WEEKLY, 2, frozenset({2, 0}), count=4), first),
            [date(2026, 12, d) for d in (2, 14, 16, 28)],
        )
        self.assertEqual(
            days(Rule(WEEKLY, until=date(2026, 12, 16)), first),
            [date(2026, 12, d) for d in (2, 9, 16)],
        )
        # A first day that is none of the weekdays is left out.
        self.assertEqual(
            days(Rule(WEEKLY, weekdays=frozenset({4}), count=1), first),
            [date(2026, 12, 4)],
        )
        self.assertEqual(days(Rule(until=date(2026, 11, 30)), first), [])
        self.assertEqual(len(days(Rule(DAILY, count=10**6), first)), MOST)

    def test_summer_time(self):
        """The clock on the wall decides, and lengths are real."""
        zone = ZoneInfo("America/New_York")
        start = datetime(2026, 3, 7, 23, 0, tzinfo=zone)
        stays = occurrences(Rule(DAILY, count=2), start, 240)
        self.assertEqual(stays[1][0] - stays[0][0], timedelta(hours=23))
        self.assertEqual(
            [end - begin for begin, end in stays], [timedelta(hours=4)] * 2
        )
        missing = datetime(2026, 3, 7, 2, 30, tzinfo=zone)
        leap = occurrences(Rule(DAILY, count=2), missing, 60)[1][0].astimezone(zone)
        self.assertEqual((leap.hour, leap.minute), (3, 30))

    @settings(max_examples=60, deadline=None)
    @given(
        first=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        freq=st.sampled_from((DAILY, WEEKLY)),
        interval=st.integers(1, 5),
        weekdays=st.frozensets(st.integers(0, 6)),
        count=st.none() | st.integers(1, 30),
        ahead=st.none() | st.integers(0, 120),
        zone=st.sampled_from(ZONES),
        minute=st.integers(0, 1439),
    )
    def test_against_a_walk(
        self, first, freq, interval, weekdays, count, ahead, zone, minute
    ):
        until = None if ahead is None else first + timedelta(days=ahead)
        rule = Rule(freq, interval, weekdays, count, until)
        walked, week = [], first.isocalendar()[:2]
        index, day = 0, first
        while len(walked) < (count or MOST) and len(walked) < MOST:
            if until and day > until:
                break
            if day.isocalendar()[:2] != week:
                week, index = day.isocalendar()[:2], index + 1
            if freq == DAILY:
                fits = (day - first).days % interval == 0
            else:
                wanted = weekdays or {first.weekday()}
                fits = index % interval == 0 and day.weekday() in wanted
            if fits:
                walked.append(day)
            day += timedelta(days=1)
        self.assertEqual(days(rule, first), walked)

        zone = ZoneInfo(zone)
        start = datetime(
            first.year, first.month, first.day, minute // 60, minute % 60, tzinfo=zone
        )
        for day, (begin, end) in zip(walked, occurrences(rule, start, 90), strict=True):
            self.assertEqual(end - begin, timedelta(minutes=90))
            local = begin.astimezone(zone)
            wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)
            exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
            if exists.replace(tzinfo=None) == wall:
                self.assertEqual(local.replace(tzinfo=None), wall)
            else:
                self.assertGreater(local.replace(tzinfo=None), wall)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestGroups(BookingCommon):
    """Series and whole stores, made as one."""

    def plan(self, role="staff", **values):
        values = {
            "room_id": self.room.id,
            "start": START,
            "hours": 2,
            "count": 4,
            "phone": "13812340001",
            "name": "Li Bai",
            **values,
        }
        if values.get("kind") == "whole_store":
            values.update({"room_id": False, "store_id": self.store.id})
        plan = self.env["teahouse.booking.plan"].with_user(self.users[role])
        return plan.create(values)

    def make(self, plan):
        plan.action_look()
        action = plan.action_make()
        return self.env["teahouse.booking.group"].browse(action["res_id"])

    def starts(self, records):
        return [f"{start:%m-%d %H:%M}" for start in sorted(records.mapped("start"))]

    # === SERIES === #

    def test_series(self):
        group = self.make(self.plan())
        self.assertEqual(
            self.starts(group.booking_ids),
            ["12-02 06:00", "12-09 06:00", "12-16 06:00", "12-23 06:00"],
        )
        self.assertEqual(group.booking_count, 4)
        self.assertEqual(group.member_id.name, "Li Bai")
        self.assertEqual(set(group.booking_ids.mapped("state")), {"confirmed"})
        self.assertEqual(
            group.booking_ids.participant_ids.mapped("role"), ["booker"] * 4
        )
        self.assertEqual(len(set(group.booking_ids.mapped("ref"))), 4)
        self.assertEqual(group.first_start, START)
        self.assertIn("Li Bai", group.name)

    def test_further_than_the_horizon(self):
        group = self.make(self.plan(count=10))
        self.assertEqual(group.booking_count, 10)

    def test_weekdays_until(self):
        plan = self.plan(mon=True, wed=True, ends="until", until=date(2026, 12, 9))
        group = self.make(plan)
        self.assertEqual(
            self.starts(group.booking_ids),
            ["12-02 06:00", "12-07 06:00", "12-09 06:00"],
        )

    def test_conflicts_are_told_before(self):
        self.make_confirmed(utc("2026-12-09 07:00"), minutes=60, member=self.member_2)
        self.env["teahouse.closing"].create(
            {
                "name": "Repair",
                "store_id": self.store.id,
                "start": utc("2026-12-16 00:00"),
                "end": utc("2026-12-17 00:00"),
            }
        )
        plan = self.plan()
        plan.action_look()
        self.assertEqual(
            [bool(line.problem) for line in plan.line_ids], [False, True, True, False]
        )
        self.assertIn("taken", plan.line_ids[1].problem)
        self.assertIn("closed", plan.line_ids[2].problem)
        self.assertEqual((plan.problem_count, plan.chosen_count), (2, 2))
        self.assertFalse(self.env["teahouse.booking.group"].search([]))
        group = self.make(plan)
        self.assertEqual(self.starts(group.booking_ids), ["12-02 06:00", "12-23 06:00"])

    def test_only_what_is_chosen(self):
        plan = self.plan()
        plan.action_look()
        plan.line_ids[1:3].chosen = False
        action = plan.action_make()
        group = self.env["teahouse.booking.group"].browse(action["res_id"])
        self.assertEqual(self.starts(group.booking_ids), ["12-02 06:00", "12-23 06:00"])

    def test_somebody_was_quicker(self):
        """What was free at the look is taken at the making: none is made."""
        plan = self.plan()
        plan.action_look()
        self.make_confirmed(utc("2026-12-16 06:00"), member=self.member_2)
        with self.assert_code("slot_taken"):
            plan.action_make()
        self.assertFalse(self.env["teahouse.booking.group"].search([]))
        plan.action_back()
        self.assertFalse(plan.line_ids)

    def test_a_series_in_its_own_way(self):
        plan = self.plan(freq="daily", hours=24)
        plan.action_look()
        self.assertEqual(
            [bool(line.problem) for line in plan.line_ids], [False, True, False, True]
        )

    def test_bad_rules(self):
        for values in (
            {"interval": 0},
            {"count": 0},
            {"ends": "until"},
            {"ends": "until", "until": date(2026, 11, 1)},
            {"hours": 0},
        ):
            with self.assert_code("invalid_request"):
                self.plan(**values).action_look()
        plan = self.plan()
        with self.assert_code("invalid_request"):
            plan.action_make()

    def test_kept_for_payment(self):
        self.patch(
            type(self.env["teahouse.booking"]),
            "_confirm_requirements",
            lambda _booking: ["payment"],
        )
        group = self.make(self.plan(start=utc("2026-12-04 06:00"), hold_hours=48))
        self.assertEqual(set(group.booking_ids.mapped("state")), {"hold"})
        until = set(group.booking_ids.mapped("hold_expires_at"))
        self.assertEqual(until, {utc("2026-12-03 04:00")})
        soon = self.make(
            self.plan(start=utc("2026-12-01 06:00"), room_id=self.room_2.id)
        )
        self.assertEqual(
            set(soon.booking_ids.mapped("hold_expires_at")), {utc("2026-12-01 06:00")}
        )
        group.with_user(self.user_manager).action_confirm()
        self.assertEqual(set(group.booking_ids.mapped("state")), {"confirmed"})

    def test_exceptions(self):
        self.room.max_minutes = 60
        plan = self.plan("manager")
        plan.action_look()
        self.assertEqual(plan.problem_count, 4)
        plan.override = True
        with self.assert_code("invalid_request"):
            plan.action_look()
        plan.reason = "Club evening"
        group = self.make(plan)
        self.assertEqual(
            set(group.booking_ids.mapped("override_reason")), {"Club evening"}
        )
        with self.assert_code("forbidden"):
            self.plan("staff", override=True, reason="Club evening").action_look()

    # === CANCEL === #

    def cancel(self, booking, scope, by="customer"):
        wizard = self.env["teahouse.booking.cancel"].with_user(self.user_staff)
        wizard.create(
            {"booking_id": booking.id, "by": by, "reason": "Moved away", "scope": scope}
        ).action_cancel()

    def test_cancel_one_rest_all(self):
        group = self.make(self.plan(count=5))
        stays = group.booking_ids.sorted("start")
        self.cancel(stays[1], "one")
        self.assertEqual(
            stays.mapped("state"),
            ["confirmed", "cancelled", "confirmed", "confirmed", "confirmed"],
        )
        self.cancel(stays[3], "rest")
        self.assertEqual(stays[3:].mapped("state"), ["cancelled"] * 2)
        self.assertEqual(group.open_count, 2)
        self.cancel(stays[2], "all")
        self.assertEqual(set(stays.mapped("state")), {"cancelled"})
        self.assertEqual(set(stays.mapped("cancel_reason")), {"Moved away"})
        with self.assert_code("invalid_state"):
            group.with_user(self.user_staff).action_cancel("store", "Again")

    def test_what_has_begun_stays(self):
        group = self.make(self.plan())
        stays = group.booking_ids.sorted("start")
        with freeze_time("2026-12-02 06:10:00"):
            stays[0]._check_in("door")
            group.with_user(self.user_staff).action_cancel("store", "Flood")
        self.assertEqual(stays.mapped("state"), ["in_use"] + ["cancelled"] * 3)

    # === WHOLE STORE === #

    def test_whole_store(self):
        self.make_room(self.store, name="Shut", state="closed")
        group = self.make(self.plan(kind="whole_store", people=7))
        self.assertEqual(group.booking_ids.room_id, self.room | self.room_2)
        self.assertEqual(sum(group.booking_ids.mapped("people")), 7)
        self.assertEqual(set(group.booking_ids.mapped("start")), {START})
        wizard = self.env["teahouse.booking.group.cancel"].with_user(self.user_staff)
        wizard.create(
            {"group_id": group.id, "by": "store", "reason": "Flood"}
        ).action_cancel()
        self.assertEqual(set(group.booking_ids.mapped("state")), {"cancelled"})

    def test_few_people_in_a_whole_store(self):
        group = self.make(self.plan(kind="whole_store", people=1))
        self.assertEqual(group.booking_ids.mapped("people"), [1, 1])
        with self.assert_code("invalid_request"):
            self.plan(kind="whole_store", people=13).action_look()

    def test_whole_store_is_all_or_nothing(self):
        self.make_confirmed(START, room=self.room_2, member=self.member_2)
        plan = self.plan(kind="whole_store")
        plan.action_look()
        self.assertEqual(plan.problem_count, 1)
        with self.assert_code("slot_taken"):
            plan.action_make()
        # Not by trick either.
        plan.line_ids.chosen = True
        with self.assert_code("slot_taken"):
            plan.action_make()
        self.assertFalse(self.env["teahouse.booking.group"].search([]))
        self.assertTrue(self.make_booking(START, room=self.room))

    # === WHO === #

    def test_roles(self):
        group = self.make(self.plan())
        groups = self.env["teahouse.booking.group"]
        elsewhere = self.make_user("staff", self.other_store, login="staff-2")
        for role in ("owner", "manager", "staff", "accountant"):
            seen = groups.with_user(self.users[role]).search([("id", "=", group.id)])
            self.assertEqual(seen, group, role)
        self.assertFalse(groups.with_user(elsewhere).search([]))
        for user in (
            self.user_cleaner,
            self.user_technician,
            self.member.user_id,
            self.user_portal,
        ):
            with self.assertRaises(AccessError):
                groups.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["teahouse.booking.plan"].with_user(user).create({})
        own = group.with_user(self.user_staff)
        own.note = "Every Wednesday"
        with self.assert_code("forbidden"):
            own.store_id = self.other_store
        with self.assertRaises(AccessError):
            group.with_user(self.user_accountant).action_cancel("store", "x")
        with self.assertRaises(AccessError):
            groups.with_user(self.user_owner).create({"name": "x", "kind": "series"})

    def test_rooms_of_other_stores(self):
        plan = self.plan()
        plan.action_look()
        plan.line_ids[0].sudo().room_id = self.other_room
        with self.assertRaises(AccessError):
            plan.action_make()
        with self.assertRaises(AccessError):
            self.plan(room_id=self.other_room.id).action_look()

    def test_screen(self):
        plan = self.env["teahouse.booking.plan"].with_user(self.user_staff)
        with Form(plan) as form:
            form.room_id = self.room
            form.start = START
            form.name = "Guest"
            form.count = 2
        record = form.record
        record.action_look()
        with Form(record) as form:
            with form.line_ids.edit(0) as line:
                line.chosen = False
        action = record.action_make()
        group = self.env["teahouse.booking.group"].browse(action["res_id"])
        self.assertEqual(group.booking_count, 1)
        self.assertEqual(group.partner_id.name, "Guest")
        self.assertEqual(
            group.action_view_bookings()["domain"], [("group_id", "=", group.id)]
        )
        group.with_user(self.user_staff).get_views([(False, "list"), (False, "form")])
