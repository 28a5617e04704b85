"""The engine against the oracle, on generated tariffs, stays and zones."""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from .. import engine
from ..engine import Band, Calendar, Days, Hourly, Package, Session, Tariffs
from .oracle import Oracle

#: Cases of all tests here together; more of them with TEAHOUSE_CASES.
CASES = int(os.environ.get("TEAHOUSE_CASES", "5000"))

ZONES = {
    "Asia/Shanghai": (date(2026, 3, 12), date(2026, 10, 1), date(2026, 12, 31)),
    "Europe/Berlin": (date(2026, 3, 28), date(2026, 10, 24), date(2026, 7, 1)),
    "America/New_York": (date(2026, 3, 7), date(2026, 10, 31), date(2026, 5, 4)),
    "Australia/Lord_Howe": (date(2026, 4, 4), date(2026, 10, 3), date(2026, 1, 1)),
}


def cases(share):
    """Return hypothesis settings for a share of all cases.

    The same cases each time: a failure is one of the change, not of the day.
    """
    return settings(
        max_examples=max(1, int(CASES * share)),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


cents = st.integers(0, 20000).map(lambda cent: Decimal(cent) / 100)
hour_prices = st.one_of(cents, st.integers(0, 9).map(lambda n: Decimal(n * 10)))
clocks = st.one_of(st.integers(0, 23).map(lambda hour: hour * 60), st.integers(0, 1439))
ONCE = st.just(False)
weekdays = st.frozensets(st.integers(0, 6), max_size=3)


@st.composite
def day_sets(draw, around=None):
    dated = around is not None and draw(st.integers(0, 5)) == 0
    since = around + timedelta(days=draw(st.integers(-1, 1))) if dated else None
    return Days(
        draw(st.sampled_from(["any", "any", "workday", "weekend", "holiday"])),
        draw(st.one_of(st.just(frozenset()), weekdays)),
        since,
        since and since + timedelta(days=draw(st.integers(0, 1))),
    )


@st.composite
def hourlies(draw, capped=True):
    bands = draw(
        st.lists(st.builds(Band, clocks, clocks, hour_prices, day_sets()), max_size=4)
    )
    if draw(st.integers(0, 9)):
        bands.append(Band(0, 0, draw(hour_prices)))
    cap = {}
    if capped and draw(st.integers(0, 2)) == 0:
        cap = {"cap_amount": draw(cents), "cap_minutes": draw(st.integers(30, 1440))}
    return Hourly(
        "Hours",
        tuple(bands),
        step=draw(st.sampled_from([1, 7, 15, 30, 60])),
        minimum=draw(st.sampled_from([0, 30, 45, 60, 120])),
        **cap,
    )


@st.composite
def packages(draw, around, several=ONCE):
    length = draw(st.one_of(st.sampled_from([60, 120, 240]), st.integers(1, 600)))
    cheap = Decimal(length) / draw(st.integers(1, 8))
    windows = st.one_of(st.just((0, 1439)), st.tuples(clocks, clocks))
    return Package(
        "Package",
        length,
        draw(st.one_of(cents, st.just(cheap.quantize(Decimal("0.01"))))),
        *draw(windows),
        draw(st.one_of(st.just(Days()), day_sets(around))),
        draw(several),
    )


@st.composite
def sessions(draw, around, several=ONCE):
    return Session(
        "Session",
        draw(clocks),
        draw(clocks),
        draw(cents),
        draw(day_sets(around)),
        draw(several),
    )


@st.composite
def stays(draw, longest=1440):
    """Return (zone, day, start, end, calendar)."""
    name = draw(st.sampled_from(sorted(ZONES)))
    zone = ZoneInfo(name)
    day = draw(st.sampled_from(ZONES[name]))
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    start += timedelta(minutes=draw(st.integers(0, 1800)))
    length = draw(st.one_of(st.integers(1, 300), st.integers(1, longest)))
    entries = draw(
        st.dictionaries(
            st.integers(-1, 3).map(lambda n: day + timedelta(days=n)),
            st.sampled_from(["holiday", "workday"]),
            max_size=2,
        )
    )
    end = start + timedelta(minutes=length)
    return zone, day, start, end, Calendar(entries)


class TestAgainstOracle(BaseCase):
    def both(self, tariffs, stay):
        zone, _day, start, end, calendar = stay
        found = engine.offers(tariffs, start, end, zone=zone, day_type=calendar)
        self.check(found, start, end)
        return found, Oracle(tariffs, start, end, zone, calendar)

    def check(self, offers, start, end):
        """What holds for every list of offers."""
        keys = [(offer.amount, offer.pieces) for offer in offers]
        self.assertEqual(keys, sorted(keys))
        for offer in offers:
            self.assertEqual(sum(line.amount for line in offer.lines), offer.amount)
            self.assertEqual(offer.lines[0].start, start)
            self.assertEqual(offer.lines[-1].end, offer.billed_end)
            self.assertGreaterEqual(offer.billed_end, end)
            pairs = zip(offer.lines, offer.lines[1:], strict=False)
            self.assertTrue(all(a.end == b.start for a, b in pairs))
            for line in offer.lines[:-1]:
                if line.kind != "hourly" and offer.kind != "hourly":
                    self.assertLess(line.end, end)

    @cases(0.35)
    @given(st.data())
    def test_hours(self, data):
        stay = data.draw(stays())
        tariffs = Tariffs(data.draw(hourlies()))
        found, oracle = self.both(tariffs, stay)
        expected = oracle.hours_only()
        self.assertEqual([offer.amount for offer in found], _listed(expected))

    @cases(0.25)
    @given(st.data())
    def test_one_piece(self, data):
        stay = data.draw(stays())
        kind = data.draw(st.sampled_from([packages, sessions]))
        piece = data.draw(kind(stay[1]))
        hourly = data.draw(st.one_of(st.none(), hourlies(capped=False), hourlies()))
        found, oracle = self.both(Tariffs(hourly, (piece,)), stay)
        alone, way = oracle.hours_only(), oracle.one_piece(piece)
        shown = way and (alone is None or way[1] == 1 or way[0] < alone)
        expected = [(alone, 1)] if alone is not None else []
        expected += [way] if shown else []
        self.assertEqual(
            sorted((offer.amount, offer.pieces) for offer in found), sorted(expected)
        )

    @cases(0.15)
    @given(st.data())
    def test_package_somewhere_inside(self, data):
        """Many prices and a short package: the cheapest start is at some border."""
        hours = st.lists(st.integers(0, 95), min_size=4, max_size=10, unique=True)
        borders = [15 * quarter for quarter in sorted(data.draw(hours))]
        prices = data.draw(st.permutations(range(10, 10 * len(borders) + 1, 10)))
        ends = [*borders[1:], borders[0]]
        bands = tuple(map(Band, borders, ends, prices))
        length = data.draw(st.integers(20, 200))
        piece = Package("Package", length, Decimal(1), several_per_stay=True)
        stay = data.draw(stays())
        tariffs = Tariffs(Hourly("Hours", bands, step=1, minimum=0), (piece,))
        found, oracle = self.both(tariffs, stay)
        self.assertIn(oracle.one_piece(piece)[0], [offer.amount for offer in found])
        self.assertEqual(found[0].amount, oracle.cheapest())

    @cases(0.1)
    @given(st.data())
    def test_cheapest_of_several_pieces(self, data):
        stay = data.draw(stays(longest=900))
        several = st.booleans()
        pieces = data.draw(
            st.lists(
                st.one_of(packages(stay[1], several), sessions(stay[1], several)),
                min_size=2,
                max_size=3,
            )
        )
        hourly = data.draw(st.one_of(st.none(), hourlies()))
        found, oracle = self.both(Tariffs(hourly, tuple(pieces)), stay)
        expected = oracle.cheapest()
        self.assertEqual([offer.amount for offer in found[:1]], _listed(expected))

    @cases(0.15)
    @given(st.data())
    def test_cheap_packages_in_a_row(self, data):
        """Packages that are worth it, so that ways of many pieces win."""
        stay = data.draw(stays(longest=1000))
        lengths = data.draw(
            st.lists(
                st.sampled_from([45, 50, 60, 90, 150, 240]), min_size=1, max_size=2
            )
        )
        pieces = tuple(
            Package(
                "Package",
                length,
                Decimal(length) / data.draw(st.integers(1, 5)),
                data.draw(clocks),
                data.draw(clocks),
                several_per_stay=True,
            )
            for length in lengths
        )
        found, oracle = self.both(Tariffs(data.draw(hourlies()), pieces), stay)
        expected = oracle.cheapest()
        self.assertEqual([offer.amount for offer in found[:1]], _listed(expected))


def _listed(amount):
    return [] if amount is None else [amount]
