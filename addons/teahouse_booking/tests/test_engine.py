import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..engine import passes
from ..engine.intervals import covers, intersect, merge
from ..engine.policy import refund_percent
from ..engine.rules import RoomRules, on_grid, problems, starts

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


def points(intervals):
    """Return the integers that half-open intervals hold: the slow oracle."""
    return {point for start, end in intervals for point in range(start, end)}


class TestIntervals(BaseCase):
    @given(spans)
    @settings(deadline=None)
    def test_merge_keeps_the_cover(self, intervals):
        merged = merge(intervals)
        self.assertEqual(points(merged), points(intervals))
        for (_start, end), (start, _end) in zip(merged, merged[1:], strict=False):
            self.assertLess(end, start, "neither overlap nor touch")

    @given(spans, spans)
    @settings(deadline=None)
    def test_intersect(self, ours, theirs):
        shared = intersect(ours, theirs)
        self.assertEqual(points(shared), points(ours) & points(theirs))
        self.assertEqual(shared, sorted(shared))

    @given(spans, st.integers(0, 40), st.integers(1, 10))
    @settings(deadline=None)
    def test_covers(self, intervals, start, length):
        inside = set(range(start, start + length)) <= points(intervals)
        self.assertEqual(covers(intervals, start, start + length), inside)


class TestPolicy(BaseCase):
    POLICY = [[1440, 100], [120, 80], [0, 50]]

    def test_default(self):
        for left, percent in (
            (10000, 100),
            (1440, 100),
            (1439, 80),
            (120, 80),
            (119, 50),
            (0, 50),
            (-1, 0),
        ):
            self.assertEqual(refund_percent(self.POLICY, left), percent, left)

    def test_none(self):
        self.assertEqual(refund_percent([], 5000), 0)

    @given(
        st.lists(
            st.tuples(st.integers(0, 3000), st.integers(0, 100)),
            unique_by=lambda row: row[0],
        ),
        st.integers(-100, 4000),
    )
    @settings(deadline=None)
    def test_against_a_walk(self, policy, left):
        expected = 0
        for threshold in range(0, left + 1):
            for minutes, percent in policy:
                if minutes == threshold:
                    expected = percent
        self.assertEqual(refund_percent(policy, left), expected)


class TestRules(BaseCase):
    ZONE = ZoneInfo("Asia/Shanghai")

    def codes(self, start, minutes=120, people=2, now=None, **rules):
        now = now or datetime(2026, 12, 1, 10, 7, 33, tzinfo=self.ZONE)
        start = datetime.fromisoformat(f"2026-12-{start}:00+08:00")
        start = start.astimezone(self.ZONE)
        end = start + timedelta(minutes=minutes)
        return problems(RoomRules(**rules), start, end, now, people)

    def test_fine(self):
        self.assertEqual(self.codes("01T10:30"), [])
        self.assertEqual(self.codes("31T10:00"), [])

    def test_each_limit(self):
        self.assertEqual(self.codes("01T10:00"), ["past"])
        self.assertEqual(self.codes("01T10:30", lead_minutes=30), ["lead"])
        self.assertEqual(self.codes("01T11:00", lead_minutes=30), [])
        self.assertEqual(self.codes("31T10:30"), ["horizon"])
        self.assertEqual(self.codes("02T10:15"), ["grid"])
        self.assertEqual(self.codes("02T10:15", slot_minutes=15), [])
        self.assertEqual(self.codes("02T10:00", minutes=59), ["short"])
        self.assertEqual(self.codes("02T10:00", minutes=60), [])
        self.assertEqual(self.codes("02T10:00", minutes=1441), ["long"])
        self.assertEqual(self.codes("02T10:00", people=0), ["people"])
        self.assertEqual(self.codes("02T10:00", people=5), ["people"])
        self.assertEqual(self.codes("02T10:00", minutes=0), ["end_before_start"])
        self.assertEqual(self.codes("02T10:00", minutes=-60), ["end_before_start"])

    def test_several_at_once(self):
        codes = self.codes("02T10:01", minutes=30, people=9)
        self.assertEqual(codes, ["grid", "short", "people"])

    def test_summer_time_lengths_are_real(self):
        # 01:30 to 03:30 on the night when 02:00 becomes 03:00 is one hour.
        zone = ZoneInfo("Europe/Berlin")
        start = datetime(2027, 3, 28, 1, 30, tzinfo=zone)
        end = datetime(2027, 3, 28, 3, 30, tzinfo=zone)
        now = datetime(2027, 3, 27, 12, tzinfo=zone)
        rules = RoomRules(min_minutes=61)
        self.assertEqual(problems(rules, start, end, now, 1), ["short"])
        self.assertEqual(problems(RoomRules(max_minutes=60), start, end, now, 1), [])

    @given(
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
        st.sampled_from(ZONES),
        st.sampled_from((5, 10, 15, 20, 30, 60, 120)),
    )
    @settings(deadline=None)
    def test_grid_against_the_wall_clock(self, naive, name, slot):
        instant = naive.replace(second=0, microsecond=0, tzinfo=UTC)
        local = instant.astimezone(ZoneInfo(name))
        hands = {f"{m // 60:02}:{m % 60:02}" for m in range(0, 1440, slot)}
        self.assertEqual(on_grid(local, slot), f"{local:%H:%M}" in hands)
        self.assertFalse(on_grid(local.replace(second=1), slot))

    @given(
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
        st.integers(-300, 60000),
        st.integers(1, 3000),
        st.sampled_from(ZONES),
    )
    @settings(deadline=None)
    def test_limits_against_utc(self, naive, ahead, minutes, name):
        """Daylight saving does not move any limit: the same as in UTC."""
        rules = RoomRules(slot_minutes=1, lead_minutes=20, horizon_days=30)
        now = naive.replace(tzinfo=UTC)
        start = now.replace(second=0, microsecond=0) + timedelta(minutes=ahead)
        end = start + timedelta(minutes=minutes)
        zone = ZoneInfo(name)
        here = problems(rules, *(t.astimezone(zone) for t in (start, end, now)), 2)
        self.assertEqual(here, problems(rules, start, end, now, 2))

    @given(
        st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1))
        | st.datetimes(datetime(2027, 3, 27), datetime(2027, 3, 29))
        | st.datetimes(datetime(2026, 10, 31), datetime(2026, 11, 2)),
        st.integers(0, 400),
        st.integers(-200, 200),
        st.builds(
            RoomRules,
            slot_minutes=st.sampled_from((1, 5, 7, 15, 30, 45, 60)),
            min_minutes=st.integers(1, 90),
            max_minutes=st.integers(90, 200),
            lead_minutes=st.integers(0, 60),
            horizon_days=st.integers(1, 3),
        ),
        st.sampled_from(ZONES),
    )
    @settings(deadline=None, max_examples=25)
    def test_starts_against_a_walk(self, naive, length, ahead, rules, name):
        """Every minute is asked for, by the rules that judge a booking."""
        zone = ZoneInfo(name)
        now = naive.replace(tzinfo=UTC)
        begin = now.replace(second=0, microsecond=0) + timedelta(minutes=ahead)
        end = begin + timedelta(minutes=length)
        walked, at = [], begin
        while at <= end:
            fits = [
                m
                for m in range(rules.min_minutes, rules.max_minutes + 1)
                if at + timedelta(minutes=m) <= end
                and not problems(
                    rules,
                    at.astimezone(zone),
                    (at + timedelta(minutes=m)).astimezone(zone),
                    now.astimezone(zone),
                    1,
                )
            ][-1:]
            walked += [(at, m) for m in fits]
            at += timedelta(minutes=1)
        found = starts(rules, *(t.astimezone(zone) for t in (begin, end, now)))
        self.assertEqual([(t.astimezone(UTC), m) for t, m in found], walked)


class TestPasses(BaseCase):
    SECRET = bytes(range(32))
    NOW = 1795345120  # 2026-11-22T10:58:40Z
    PASS = passes.Pass(17, 3, 12, NOW // 60 - 15, NOW // 60 + 135)

    def sign(self, at=None, secret=None):
        return passes.sign(self.PASS, secret or self.SECRET, at or self.NOW)

    def test_vector(self):
        """The text as section 2 of the protocol spells it, made by hand."""
        head = "TH1.h.3.c.htc9v.htce1.htcaa"
        day = hmac.new(self.SECRET, b"2026-11-22", hashlib.sha256).digest()
        mac = hmac.new(day, head.encode(), hashlib.sha256).digest()[:16]
        self.assertEqual(self.sign().rpartition(".")[0], head)
        text = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        self.assertEqual(self.sign(), f"{head}.{text}")

    def test_round_trip_and_age(self):
        text = self.sign()
        for seconds in (-60, 0, 30, 79):
            at = self.NOW + seconds
            self.assertEqual(passes.verify(text, self.SECRET, at), self.PASS)
        # A picture of a code opens nothing two minutes later.
        for seconds in (-120, 80, 120, 86400):
            self.assert_refused("stale", text, at=self.NOW + seconds)

    def test_changes_every_minute(self):
        texts = {self.sign(self.NOW // 60 * 60 + second) for second in range(60)}
        self.assertEqual(len(texts), 1)
        self.assertNotEqual(self.sign(), self.sign(self.NOW + 60))

    def test_midnight(self):
        """A code of the last minute of a day is good in the first of the next."""
        midnight = 1795392000
        text = self.sign(midnight - 1)
        self.assertEqual(passes.verify(text, self.SECRET, midnight + 1), self.PASS)

    def test_forged(self):
        text = self.sign()
        parts = text.split(".")
        for index in range(1, 6):
            changed = list(parts)
            changed[index] = passes.base36(int(changed[index], 36) + 1)
            self.assert_refused("forged", ".".join(changed))
        self.assert_refused("forged", text[:-1] + ("A" if text[-1] != "A" else "B"))
        self.assert_refused("forged", self.sign(secret=b"x" * 32))

    def test_malformed(self):
        text = self.sign()
        for bad in (
            "",
            "TH1",
            "TH2" + text[3:],
            text.upper(),
            text + ".1",
            text.replace("TH1.", "TH1.0"),
            text.replace("TH1.", "TH1.+"),
            text.replace("TH1.", "TH1. "),
            text.replace("TH1.", "TH1.-"),
            text.replace(".3.", ".三."),
            text.replace(".3.", "..") + "." * 200,
        ):
            self.assert_refused("malformed", bad)

    @given(st.text(max_size=80))
    @settings(deadline=None)
    def test_any_text_is_refused_quietly(self, text):
        with self.assertRaises(passes.PassError):
            passes.verify("TH1." + text, self.SECRET, self.NOW)

    @given(st.integers(0, 2**40))
    @settings(deadline=None)
    def test_base36(self, number):
        self.assertEqual(int(passes.base36(number), 36), number)

    def assert_refused(self, code, text, at=None):
        with self.assertRaises(passes.PassError) as caught:
            passes.verify(text, self.SECRET, at or self.NOW)
        self.assertEqual(caught.exception.code, code, text)
