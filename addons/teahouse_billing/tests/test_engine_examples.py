"""The worked examples of the price rules, and cases that hurt in practice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase

from .. import engine
from ..engine import Band, Calendar, Days, Hourly, Metered, Package, Session, Tariffs

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
# A Thursday without anything to it.
DAY = (2026, 3, 12)

DAYTIME, EVENING, NIGHT = Decimal("38"), Decimal("58"), Decimal("28")
BANDS = (
    Band(8 * 60, 18 * 60, DAYTIME),
    Band(18 * 60, 24 * 60, EVENING),
    Band(0, 8 * 60, NIGHT),
)
HOURLY = Hourly("Hours", BANDS, ident=1)
PACKAGE = Package("4 h", 240, Decimal(128), 8 * 60, 14 * 60, ident=2)
NIGHT_SESSION = Session("Night", 22 * 60, 8 * 60, Decimal(168), ident=3)


def at(clock, day=DAY, zone=SHANGHAI):
    """Return an instant; a clock time with ``+`` belongs to the next day."""
    hour, minute = clock.lstrip("+").split(":")
    shift = timedelta(days=clock.count("+"))
    return datetime(*day, int(hour), int(minute), tzinfo=zone) + shift


class EngineCase(BaseCase):
    calendar = Calendar()

    def offers(self, start, end, *pieces, hourly=HOURLY, zone=SHANGHAI, day=DAY):
        tariffs = Tariffs(hourly, pieces)
        return engine.offers(
            tariffs,
            at(start, day, zone),
            at(end, day, zone),
            zone=zone,
            day_type=self.calendar,
        )

    def assert_cheapest(self, offers, amount, kind=None):
        self.assertEqual(str(offers[0].amount), amount)
        if kind:
            self.assertEqual(offers[0].kind, kind)
        for offer in offers:
            self.assertEqual(sum(line.amount for line in offer.lines), offer.amount)
        return offers[0]


class TestWorkedExamples(EngineCase):
    def test_two_hours_by_day(self):
        offer = self.assert_cheapest(self.offers("14:00", "16:00"), "76.00", "hourly")
        self.assertEqual([line.minutes for line in offer.lines], [120])
        self.assertEqual(offer.billed_end, at("16:00"))

    def test_over_the_border_of_two_bands(self):
        offer = self.assert_cheapest(self.offers("17:00", "19:30"), "125.00")
        lines = [(line.minutes, line.unit_price) for line in offer.lines]
        self.assertEqual(lines, [(60, DAYTIME), (90, EVENING)])

    def test_minimum(self):
        offer = self.assert_cheapest(self.offers("17:00", "17:20"), "38.00")
        self.assertEqual(offer.billed_end, at("18:00"))

    def test_over_midnight_rounded_up_to_steps(self):
        offer = self.assert_cheapest(self.offers("23:30", "+00:40"), "57.00")
        lines = [(line.minutes, line.unit_price) for line in offer.lines]
        self.assertEqual(lines, [(30, EVENING), (60, NIGHT)])
        self.assertEqual(offer.billed_end, at("+01:00"))

    def test_night_session(self):
        offers = self.offers("22:00", "+08:00", NIGHT_SESSION)
        self.assert_cheapest(offers, "168.00", "session")
        self.assertEqual([str(o.amount) for o in offers], ["168.00", "340.00"])

    def test_package_and_an_hour(self):
        offers = self.offers("10:00", "15:00", PACKAGE)
        self.assert_cheapest(offers, "166.00", "package")
        self.assertEqual([str(o.amount) for o in offers], ["166.00", "190.00"])

    def test_hours_before_a_session(self):
        offer = self.assert_cheapest(
            self.offers("20:00", "+08:00", NIGHT_SESSION), "284.00", "session"
        )
        self.assertEqual([line.kind for line in offer.lines], ["hourly", "session"])

    def test_shorter_than_the_session(self):
        offers = self.offers("22:00", "+06:00", NIGHT_SESSION)
        offer = self.assert_cheapest(offers, "168.00", "session")
        self.assertEqual(offer.billed_end, at("+08:00"))

    def test_package_and_half_an_hour(self):
        self.assert_cheapest(self.offers("10:00", "14:30", PACKAGE), "147.00")

    def test_one_package_a_stay_or_several(self):
        self.assert_cheapest(self.offers("10:00", "18:00", PACKAGE), "280.00")
        several = Package(
            "4 h", 240, Decimal(128), 8 * 60, 14 * 60, several_per_stay=True
        )
        offer = self.assert_cheapest(
            self.offers("10:00", "18:00", several), "256.00", "mixed"
        )
        self.assertEqual(offer.pieces, 2)

    def test_extension(self):
        before = self.offers("14:00", "16:00")[0].amount
        after = self.offers("14:00", "16:30")[0].amount
        price = engine.extension_price(after, before)
        self.assertEqual(str(price), "19.00")
        self.assertEqual(str(engine.extension_price(before, after)), "0.00")

    def test_leaving_before_what_is_paid(self):
        offer = self.offers("23:30", "+00:40")[0]
        over = engine.overtime(
            engine.OvertimeRules(),
            HOURLY,
            offer.billed_end,
            at("+00:55"),
            zone=SHANGHAI,
            day_type=self.calendar,
        )
        self.assertIsNone(over)

    def test_tier_and_coupon(self):
        hourly = Hourly("Hours", (Band(0, 0, Decimal(45)),))
        offer = self.offers("10:00", "12:30", hourly=hourly)[0]
        steps = [("percent", Decimal(5)), ("percent", Decimal(15))]
        taken = engine.discounts(offer.amount, steps)
        self.assertEqual([str(off) for off in taken], ["5.63", "16.03"])
        self.assertEqual(str(offer.amount - sum(taken)), "90.84")

    def test_overtime(self):
        over = engine.overtime(
            engine.OvertimeRules(),
            HOURLY,
            at("18:00"),
            at("18:37"),
            zone=SHANGHAI,
            day_type=self.calendar,
        )
        self.assertEqual((str(over.amount), over.minutes), ("65.25", 45))


class TestHours(EngineCase):
    def test_minute_without_a_band_gives_no_offer(self):
        hourly = Hourly("Hours", (Band(8 * 60, 22 * 60, DAYTIME),))
        self.assertEqual(self.offers("21:00", "22:30", hourly=hourly), [])
        self.assertTrue(self.offers("21:00", "22:00", hourly=hourly))

    def test_minutes_added_by_rounding_need_a_band_too(self):
        hourly = Hourly("Hours", (Band(8 * 60, 22 * 60 + 10, DAYTIME),))
        self.assertEqual(self.offers("21:00", "22:10", hourly=hourly), [])

    def test_first_band_in_order_wins(self):
        bands = (Band(12 * 60, 13 * 60, Decimal(10)), *BANDS)
        offer = self.offers("11:00", "14:00", hourly=Hourly("Hours", bands))[0]
        prices = [int(line.unit_price) for line in offer.lines]
        self.assertEqual(prices, [38, 10, 38])

    def test_weekend_band_over_midnight(self):
        """Each minute counts by its own date: also the first hours of Saturday."""
        weekend = Days("weekend")
        bands = (Band(22 * 60, 6 * 60, Decimal(100), weekend), Band(0, 0, Decimal(10)))
        hourly = Hourly("Hours", bands)
        saturday = (2026, 3, 14)
        friday_night = self.offers("00:00", "06:00", hourly=hourly,
                                   day=saturday)[0]  # fmt: skip
        self.assertEqual(str(friday_night.amount), "600.00")
        sunday = (2026, 3, 15)
        sunday_night = self.offers("22:00", "+06:00", hourly=hourly, day=sunday)[0]
        self.assertEqual(str(sunday_night.amount), "260.00")

    def test_named_weekdays_beat_the_day_type(self):
        calendar = Calendar({date(2026, 3, 12): "holiday"})
        thursday = Band(0, 0, Decimal(11), Days("workday", frozenset({3})))
        holiday = Band(0, 0, Decimal(99), Days("holiday"))
        for bands, amount in (
            ((thursday, holiday), "11.00"),
            ((holiday, thursday), "99.00"),
        ):
            found = engine.offers(
                Tariffs(Hourly("Hours", bands)),
                at("10:00"),
                at("11:00"),
                zone=SHANGHAI,
                day_type=calendar,
            )
            self.assertEqual(str(found[0].amount), amount)

    def test_calendar(self):
        calendar = Calendar(
            {date(2026, 10, 3): "holiday", date(2026, 10, 10): "workday"}
        )
        self.assertEqual(calendar(date(2026, 10, 3)), "holiday")
        self.assertEqual(calendar(date(2026, 10, 10)), "workday")
        self.assertEqual(calendar(date(2026, 10, 4)), "weekend")
        self.assertEqual(calendar(date(2026, 10, 9)), "workday")

    def test_cap_counts_from_the_start(self):
        hourly = Hourly("Hours", BANDS, cap_amount=Decimal(100), cap_minutes=240)
        # 4 x 38 = 152 -> 100, then 38; hours before and after alike.
        offer = self.assert_cheapest(
            self.offers("10:00", "15:00", hourly=hourly), "138.00"
        )
        self.assertEqual([line.kind for line in offer.lines], ["cap", "hourly"])

    def test_cap_of_a_day(self):
        hourly = Hourly("Hours", BANDS, cap_amount=Decimal(300), cap_minutes=1440)
        self.assert_cheapest(self.offers("10:00", "++10:00", hourly=hourly), "600.00")

    def test_cap_does_not_touch_hours_beside_a_package(self):
        hourly = Hourly("Hours", BANDS, cap_amount=Decimal(10), cap_minutes=60)
        offers = self.offers("10:00", "15:00", PACKAGE, hourly=hourly)
        self.assertEqual([str(o.amount) for o in offers], ["50.00"])

    def test_minimum_does_not_touch_hours_beside_a_package(self):
        hourly = Hourly("Hours", BANDS, minimum=600)
        offers = self.offers("10:00", "14:30", PACKAGE, hourly=hourly)
        self.assert_cheapest(offers, "147.00")

    def test_lines_add_up_by_largest_remainder(self):
        bands = [
            Band(60 * i, 60 * i + 60, Decimal("10.01") + i * Decimal("0.01"))
            for i in range(24)
        ]
        hourly = Hourly("Hours", tuple(bands), step=1, minimum=1)
        offer = self.offers("10:30", "13:20", hourly=hourly)[0]
        exact = sum(
            Fraction(line.unit_price) * line.minutes / 60 for line in offer.lines
        )
        self.assertEqual(offer.amount, engine.rounded(exact, 2))
        self.assertEqual(sum(line.amount for line in offer.lines), offer.amount)

    def test_currency_without_cents(self):
        offers = engine.offers(
            Tariffs(Hourly("Hours", (Band(0, 0, 1001),))),
            at("10:00"),
            at("11:30"),
            zone=SHANGHAI,
            day_type=self.calendar,
            digits=0,
        )
        self.assertEqual(str(offers[0].amount), "1502")

    def test_seconds_are_cut(self):
        start = at("14:00").replace(second=59)
        end = at("16:00").replace(second=59, microsecond=5)
        found = engine.offers(
            Tariffs(HOURLY), start, end, zone=SHANGHAI, day_type=self.calendar
        )
        self.assertEqual(str(found[0].amount), "76.00")

    def test_floats_and_naive_times_are_refused(self):
        with self.assertRaises(TypeError):
            Band(0, 60, 38.5)
        with self.assertRaises(ValueError):
            engine.minute_of(datetime(2026, 3, 12, 10))
        with self.assertRaises(ValueError):
            self.offers("16:00", "16:00")


class TestDaylightSaving(EngineCase):
    def test_hour_that_is_left_out_costs_nothing(self):
        hourly = Hourly("Hours", (Band(0, 0, Decimal(60)),))
        day = (2026, 3, 29)
        start = datetime(*day, 1, 0, tzinfo=BERLIN)
        end = datetime(*day, 4, 0, tzinfo=BERLIN)
        found = engine.offers(
            Tariffs(hourly), start, end, zone=BERLIN, day_type=self.calendar
        )
        self.assertEqual(str(found[0].amount), "120.00")

    def test_hour_that_comes_twice_costs_twice(self):
        bands = (Band(2 * 60, 3 * 60, Decimal(100)), Band(0, 0, Decimal(10)))
        day = (2026, 10, 25)
        start = datetime(*day, 1, 0, tzinfo=BERLIN)
        end = datetime(*day, 4, 0, tzinfo=BERLIN)
        found = engine.offers(
            Tariffs(Hourly("Hours", bands)),
            start,
            end,
            zone=BERLIN,
            day_type=self.calendar,
        )
        self.assertEqual(str(found[0].amount), "220.00")

    def test_half_hours_of_lord_howe(self):
        hourly = Hourly("Hours", (Band(0, 0, Decimal(60)),))
        for day, amount in (((2026, 4, 5), "210.00"), ((2026, 10, 4), "150.00")):
            start = datetime(*day, 0, 30, tzinfo=LORD_HOWE)
            end = datetime(*day, 3, 30, tzinfo=LORD_HOWE)
            found = engine.offers(
                Tariffs(hourly), start, end, zone=LORD_HOWE, day_type=self.calendar
            )
            self.assertEqual(str(found[0].amount), amount)

    def test_session_begins_with_the_jump_over_its_start(self):
        session = Session("Early", 2 * 60 + 30, 6 * 60, Decimal(50))
        start = datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN)
        end = datetime(2026, 3, 29, 6, 0, tzinfo=BERLIN)
        found = engine.offers(
            Tariffs(None, (session,)), start, end, zone=BERLIN, day_type=self.calendar
        )
        self.assertEqual(str(found[0].amount), "50.00")


class TestPieces(EngineCase):
    def test_package_in_the_middle_of_a_stay(self):
        package = Package("Noon", 120, Decimal(10), 12 * 60, 12 * 60)
        offer = self.assert_cheapest(
            self.offers("10:00", "16:00", package), "162.00", "package"
        )
        kinds = [line.kind for line in offer.lines]
        self.assertEqual(kinds, ["hourly", "package", "hourly"])

    def test_package_begins_where_hours_are_dear(self):
        package = Package("2 h", 120, Decimal(40), 0, 1439)
        offer = self.assert_cheapest(self.offers("15:00", "20:00", package), "154.00")
        self.assertEqual(offer.lines[1].start, at("18:00"))

    def test_start_window_includes_both_ends(self):
        self.assertEqual(self.offers("14:00", "18:00", PACKAGE)[0].kind, "package")
        self.assertEqual(self.offers("14:01", "18:01", PACKAGE)[0].kind, "hourly")
        self.assertEqual(self.offers("08:00", "12:00", PACKAGE)[0].kind, "package")

    def test_only_the_last_piece_reaches_past_the_end(self):
        offers = self.offers("13:00", "14:00", PACKAGE)
        self.assertEqual([o.kind for o in offers], ["hourly", "package"])
        self.assertEqual(offers[1].billed_end, at("17:00"))

    def test_session_stands_without_hours(self):
        offers = self.offers("22:00", "+08:00", NIGHT_SESSION, hourly=None)
        self.assertEqual([str(o.amount) for o in offers], ["168.00"])
        self.assertEqual(self.offers("21:00", "+08:00", NIGHT_SESSION, hourly=None), [])

    def test_session_is_entered_after_midnight(self):
        offers = self.offers("01:00", "08:00", NIGHT_SESSION, day=(2026, 3, 13))
        self.assertEqual(str(offers[0].amount), "168.00")

    def test_session_counts_by_the_day_its_window_begins(self):
        friday = Session(
            "Night", 22 * 60, 8 * 60, Decimal(100), Days("any", frozenset({4}))
        )
        saturday = (2026, 3, 14)
        entered_late = self.offers("01:00", "08:00", friday, day=saturday)
        self.assertEqual(entered_late[0].kind, "session")
        next_night = self.offers("22:00", "+08:00", friday, day=saturday)
        self.assertEqual([o.kind for o in next_night], ["hourly"])

    def test_session_has_ended_at_its_end(self):
        session = Session("Afternoon", 13 * 60, 18 * 60, Decimal(1))
        offers = self.offers("18:00", "20:00", session)
        self.assertEqual([o.kind for o in offers], ["hourly"])

    def test_package_by_dates(self):
        days = Days(date_from=date(2026, 3, 13), date_to=date(2026, 3, 13))
        package = Package("Day", 60, Decimal(1), days=days)
        self.assertEqual(len(self.offers("10:00", "11:00", package)), 1)
        # The piece begins at midnight, when its day has come.
        offers = self.offers("23:00", "+01:00", package)
        self.assertEqual(str(offers[0].amount), "59.00")

    def test_several_only_with_those_that_allow_it(self):
        alone = Package("A", 120, Decimal(1))
        offers = self.offers("10:00", "14:00", alone)
        self.assertEqual(str(offers[0].amount), "77.00")
        other = Package("B", 120, Decimal(2), several_per_stay=True)
        offers = self.offers("10:00", "14:00", alone, other)
        self.assertEqual(str(offers[0].amount), "4.00")

    def test_equal_amounts_list_fewer_pieces_first(self):
        package = Package("2 h", 120, Decimal(76))
        offers = self.offers("10:00", "13:00", package)
        self.assertEqual([o.pieces for o in offers], [1])
        offers = self.offers("10:00", "12:00", package)
        self.assertEqual([o.kind for o in offers], ["hourly", "package"])


class TestMetered(EngineCase):
    def test_deposit_first_then_the_real_length(self):
        metered = Metered("Open door", HOURLY, Decimal(100), ident=9)
        offer = engine.metered_offers(Tariffs(None, (), (metered,)), at("14:00"))[0]
        self.assertEqual((offer.kind, str(offer.deposit)), ("metered", "100.00"))
        self.assertEqual(str(offer.amount), "0.00")
        bill = engine.metered_bill(
            metered.hourly,
            at("14:00"),
            at("15:31").replace(second=1),
            zone=SHANGHAI,
            day_type=self.calendar,
        )
        self.assertEqual(str(bill.amount), "76.00")

    def test_leaving_at_once_costs_the_minimum(self):
        bill = engine.metered_bill(
            HOURLY, at("14:00"), at("14:00"), zone=SHANGHAI, day_type=self.calendar
        )
        self.assertEqual(str(bill.amount), "38.00")


class TestOvertime(EngineCase):
    def over(self, paid_until, left, hourly=HOURLY, next_start=None, **rules):
        return engine.overtime(
            engine.OvertimeRules(**rules),
            hourly,
            at(paid_until),
            at(left),
            zone=SHANGHAI,
            day_type=self.calendar,
            next_start=next_start and at(next_start),
        )

    def test_grace(self):
        self.assertIsNone(self.over("18:00", "18:10"))
        self.assertEqual(self.over("18:00", "18:11").minutes, 15)

    def test_a_second_more_than_grace_is_a_minute_more(self):
        over = engine.overtime(
            engine.OvertimeRules(),
            HOURLY,
            at("18:00"),
            at("18:10") + timedelta(seconds=1),
            zone=SHANGHAI,
            day_type=self.calendar,
        )
        self.assertEqual(over.minutes, 15)

    def test_minutes_past_the_next_booking_are_dropped(self):
        over = self.over("18:00", "18:40", next_start="18:20")
        self.assertEqual((over.minutes, str(over.amount)), (20, "29.00"))
        self.assertIsNone(self.over("18:00", "18:40", next_start="18:00"))

    def test_over_two_bands_with_a_fee(self):
        over = self.over("17:50", "18:15", fee=Decimal(20))
        # 10 min at 57 and 20 min at 87.
        self.assertEqual([str(line.amount) for line in over.lines], ["9.50", "29.00"])
        self.assertEqual((str(over.fee), str(over.amount)), ("20.00", "58.50"))

    def test_minute_without_a_band_costs_what_the_one_before_cost(self):
        hourly = Hourly("Hours", (Band(8 * 60, 18 * 60, DAYTIME),))
        over = self.over("18:00", "18:30", hourly, factor=1)
        self.assertEqual(str(over.amount), "19.00")
        over = self.over("17:50", "18:15", hourly, factor=1)
        self.assertEqual(len(over.lines), 1)

    def test_no_hours_for_sale(self):
        over = self.over("18:00", "18:30", None, price_hour=Decimal(40))
        self.assertEqual(str(over.amount), "30.00")


class TestAmounts(EngineCase):
    def test_discounts_never_go_below_zero(self):
        taken = engine.discounts(Decimal(50), [("fixed", 60), ("percent", 10)])
        self.assertEqual([str(off) for off in taken], ["50.00", "0.00"])

    def test_cancellation_split(self):
        back, kept = engine.cancellation_split(Decimal("76.05"), 50)
        self.assertEqual((str(back), str(kept)), ("38.03", "38.02"))

    def test_split_adds_up(self):
        thirds, total = engine.split([Fraction(1, 3)] * 3, 2)
        self.assertEqual([str(part) for part in thirds], ["0.34", "0.33", "0.33"])
        self.assertEqual(str(total), "1.00")


class TestSnapshot(EngineCase):
    def test_round_trip(self):
        days = Days("holiday", frozenset({1, 2}), date(2026, 1, 1), date(2026, 2, 1))
        hourly = Hourly(
            "Hours",
            (*BANDS, Band(5, 10, Decimal("1.25"), days)),
            cap_amount=Decimal("99.90"),
            cap_minutes=720,
        )
        tariffs = Tariffs(
            hourly,
            (PACKAGE, NIGHT_SESSION, Package("P", 60, Decimal(1), days=days)),
            (Metered("Open door", HOURLY, Decimal(100)),),
        )
        calendar = Calendar({date(2026, 3, 13): "holiday", date(2030, 1, 1): "holiday"})
        data = engine.dump(tariffs, calendar, date(*DAY))
        loaded, days_kept = engine.load(data)
        self.assertEqual(loaded, tariffs)
        self.assertEqual(days_kept.entries, {date(2026, 3, 13): "holiday"})

    def test_fingerprint_is_the_content(self):
        one = self.offers("14:00", "16:00")[0]
        self.assertEqual(one.fingerprint, self.offers("14:00", "16:00")[0].fingerprint)
        dearer = Hourly("Hours", (Band(0, 0, Decimal("38.01")),), ident=1)
        other = self.offers("14:00", "16:00", hourly=dearer)[0]
        self.assertNotEqual(one.fingerprint, other.fingerprint)
        self.assertEqual(one.billed_start.tzinfo, UTC)
