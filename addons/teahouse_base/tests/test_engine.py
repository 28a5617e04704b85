from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase

from ..engine import geo
from ..engine.opening import open_intervals
from ..engine.quiet import end_of_quiet
from ..tools.masking import mask_phone
from ..tools.passwords import password_problem
from ..tools.phone import normalise_phone
from ..tools.timeutil import iso, to_aware, to_utc_naive

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


class TestGeo(BaseCase):
    def test_published_points(self):
        lat, lng = geo.wgs84_to_gcj02(39.915, 116.404)
        self.assertAlmostEqual(lat, 39.91640428150164, places=9)
        self.assertAlmostEqual(lng, 116.41024449916938, places=9)
        lat, lng = geo.gcj02_to_bd09(39.915, 116.404)
        self.assertAlmostEqual(lat, 39.92133699351021, places=9)
        self.assertAlmostEqual(lng, 116.41036949371029, places=9)

    def test_round_trip_all_over_china(self):
        for lat in range(5, 54, 7):
            for lng in range(75, 135, 9):
                back = geo.gcj02_to_wgs84(*geo.wgs84_to_gcj02(lat + 0.3, lng + 0.7))
                self.assertAlmostEqual(back[0], lat + 0.3, places=8)
                self.assertAlmostEqual(back[1], lng + 0.7, places=8)

    def test_nothing_shifts_abroad(self):
        self.assertEqual(geo.wgs84_to_gcj02(48.1, 11.5), (48.1, 11.5))
        self.assertEqual(geo.wgs84_to_bd09(-33.9, 151.2), (-33.9, 151.2))

    def test_distance(self):
        self.assertEqual(geo.distance_m(30.0, 120.0, 30.0, 120.0), 0)
        # A degree of a great circle is 60 nautical miles.
        self.assertAlmostEqual(geo.distance_m(0, 0, 1, 0) / 1852, 60, delta=0.1)
        self.assertAlmostEqual(
            geo.distance_m(0, 179.5, 0, -179.5), geo.distance_m(0, 0, 0, 1), places=3
        )

    def test_links(self):
        links = geo.navigation_links(30.2425, 120.1718, "清和 & 茶", "河坊街 1 号")
        self.assertEqual(
            set(links), {"amap", "tencent", "baidu", "apple", "google", "geo"}
        )
        self.assertIn("position=120.176442%2C30.240138", links["amap"])
        self.assertIn("query=30.242500%2C120.171800", links["google"])
        self.assertTrue(links["geo"].startswith("geo:30.242500,120.171800"))
        for link in links.values():
            self.assertNotIn(" ", link)
            self.assertNotIn("& ", link)


class TestOpening(BaseCase):
    def spans(self, lines, start, end, zone=SHANGHAI):
        def at(text):
            return datetime.fromisoformat(text).replace(tzinfo=zone)

        return [
            (opens.astimezone(zone).isoformat(), closes.astimezone(zone).isoformat())
            for opens, closes in open_intervals(lines, zone, at(start), at(end))
        ]

    def test_no_lines_is_never_open(self):
        self.assertEqual(self.spans([], "2026-03-02", "2026-03-09"), [])

    def test_over_midnight(self):
        # Monday 18:00 to Tuesday 02:00, looked at on Tuesday.
        spans = self.spans([(0, 1080, 120)], "2026-03-03", "2026-03-04")
        self.assertEqual(
            spans, [("2026-03-03T00:00:00+08:00", "2026-03-03T02:00:00+08:00")]
        )

    def test_neighbours_merge(self):
        lines = [(0, 540, 720), (0, 720, 1440), (1, 0, 60)]
        self.assertEqual(
            self.spans(lines, "2026-03-02", "2026-03-04"),
            [("2026-03-02T09:00:00+08:00", "2026-03-03T01:00:00+08:00")],
        )

    def test_clock_change(self):
        # In the night of 2026-03-29 the clocks of Berlin go from 2 to 3.
        (opens, closes), *rest = self.spans(
            [(6, 60, 240)], "2026-03-29", "2026-03-30", BERLIN
        )
        self.assertFalse(rest)
        self.assertEqual(opens, "2026-03-29T01:00:00+01:00")
        self.assertEqual(closes, "2026-03-29T04:00:00+02:00")


class TestQuiet(BaseCase):
    def end(self, text, quiet_from=22.0, quiet_to=8.0):
        local = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        return end_of_quiet(local, quiet_from, quiet_to).strftime("%d %H:%M")

    def test_crossing_midnight(self):
        self.assertEqual(self.end("2026-03-02T23:15"), "03 08:00")
        self.assertEqual(self.end("2026-03-03T03:15"), "03 08:00")
        self.assertEqual(self.end("2026-03-03T08:00"), "03 08:00")
        self.assertEqual(self.end("2026-03-02T21:59"), "02 21:59")

    def test_within_a_day_and_never(self):
        self.assertEqual(self.end("2026-03-02T13:00", 12.5, 14.25), "02 14:15")
        self.assertEqual(self.end("2026-03-02T23:00", 0, 0), "02 23:00")


class TestTools(BaseCase):
    def test_phone_spellings(self):
        for text in (
            "13800000001",
            "138 0000 0001",
            "+8613800000001",
            "86 138-0000-0001",
            "008613800000001",
        ):
            self.assertEqual(normalise_phone(text), "+8613800000001", text)

    def test_phones_refused(self):
        for text in (
            None,
            "",
            "12800000001",
            "1380000000",
            "138000000011",
            "+1 415 555 0100",
            "０1380000000１",
            "13800000001; DROP TABLE",
            "1380000000a",
        ):
            self.assertIsNone(normalise_phone(text), text)

    def test_masks(self):
        self.assertEqual(mask_phone("+8613800000001"), "138****0001")
        self.assertEqual(mask_phone("13800000001"), "138****0001")
        self.assertEqual(mask_phone("12345"), "*****")
        self.assertEqual(mask_phone(False), "")
        masked = mask_phone("+14155550100")
        self.assertEqual(masked[-4:], "0100")
        self.assertEqual(masked.count("*"), 4)

    def test_checklist_7_passwords(self):
        """Passwords 8-64 characters, no composition rules, no frequent ones."""
        self.assertEqual(password_problem("short7!"), "short")
        self.assertEqual(password_problem("x" * 65), "long")
        for common in ("Password1", "12345678", "qwertyuiop", "aaaaaaaa", "5201314520"):
            self.assertEqual(password_problem(common), "common", common)
        self.assertEqual(password_problem("13800000001", "+8613800000001"), "common")
        for good in ("Teahouse-1", "龙井虾仁很好吃啊", "correct horse battery"):
            self.assertIsNone(password_problem(good), good)

    def test_instants(self):
        aware = to_aware(datetime(2026, 3, 2, 6), SHANGHAI)
        self.assertEqual(aware.hour, 14)
        self.assertEqual(to_utc_naive(aware), datetime(2026, 3, 2, 6))
        self.assertEqual(
            iso(datetime(2026, 3, 2, 6, 0, 0, 5), SHANGHAI), "2026-03-02T14:00:00+08:00"
        )
        self.assertIsNone(iso(False, UTC))
        with self.assertRaises(ValueError):
            to_utc_naive(datetime(2026, 3, 2))
