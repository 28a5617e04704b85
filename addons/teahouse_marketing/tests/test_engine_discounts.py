from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.discounts import (
    Coupon,
    Piece,
    PointsRule,
    Stay,
    Tier,
    clash,
    coupon_value,
    points_for,
    take_off,
)
from ..engine.wallet import ORDERS, forfeited_bonus, split_refund, split_spend

CENT = Decimal("0.01")
money = st.integers(0, 200000).map(lambda cents: Decimal(cents) / 100)
stays = st.lists(
    st.builds(Piece, st.integers(1, 600), money), min_size=1, max_size=4
).map(lambda pieces: Stay(tuple(pieces)))
coupons = st.lists(
    st.builds(
        Coupon,
        st.integers(1, 9),
        st.sampled_from(["amount", "percent", "free_time", "extra_time"]),
        st.integers(0, 100).map(Decimal),
        st.integers(0, 300),
        money,
        st.one_of(st.none(), money),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=3,
)
rules = st.builds(PointsRule, st.integers(1, 1000), st.integers(0, 100).map(Decimal))


def stay(*pieces):
    return Stay(tuple(Piece(minutes, Decimal(amount)) for minutes, amount in pieces))


@tagged("post_install", "-at_install")
class TestDiscounts(BaseCase):
    def test_worked_example_tier_then_coupon(self):
        coupon = Coupon(1, "percent", Decimal(15))
        off = take_off(stay((150, "112.50")), Tier(Decimal(5)), [coupon])
        self.assertEqual(off.tier, Decimal("5.63"))
        self.assertEqual(off.coupons, ((1, Decimal("16.03")),))
        self.assertEqual(Decimal("112.50") - off.total, Decimal("90.84"))

    def test_points_come_last_and_only_as_many_as_are_needed(self):
        coupon = Coupon(1, "amount", Decimal(70))
        off = take_off(stay((120, "76.00")), coupons=[coupon], points=5000)
        self.assertEqual((off.points, off.points_amount), (600, Decimal("6.00")))

    def test_kinds_of_coupons(self):
        two_prices = stay((60, "38.00"), (90, "87.00"))
        cases = [
            (Coupon(1, "amount", Decimal(20)), "20.00"),
            (Coupon(1, "amount", Decimal(20), minimum=Decimal("125.01")), "0"),
            (Coupon(1, "amount", Decimal(500)), "125.00"),
            (Coupon(1, "percent", Decimal(50), cap=Decimal(30)), "30"),
            # 60 of 150 minutes at the average price.
            (Coupon(1, "free_time", minutes=60), "50.00"),
            (Coupon(1, "free_time", minutes=999), "125.00"),
            # The last half hour at 58 an hour, the last two hours over both prices.
            (Coupon(1, "extra_time", minutes=30), "29.00"),
            (Coupon(1, "extra_time", minutes=120), "106.00"),
            (Coupon(1, "extra_time", minutes=150), "0"),
        ]
        for coupon, expected in cases:
            with self.subTest(coupon):
                value = coupon_value(coupon, two_prices, two_prices.amount)
                self.assertEqual(value, Decimal(expected))

    def test_coupon_that_excludes_tier_and_points(self):
        coupon = Coupon(1, "amount", Decimal(10), with_tier=False, with_points=False)
        off = take_off(stay((60, "100.00")), Tier(Decimal(20)), [coupon], 1000)
        self.assertEqual((off.tier, off.total), (Decimal(0), Decimal(10)))
        # A coupon that the stay is not worth does not take the tier away.
        dear = Coupon(1, "amount", Decimal(10), minimum=Decimal(101), with_tier=False)
        off = take_off(stay((60, "100.00")), Tier(Decimal(20)), [dear])
        self.assertEqual(off.total, Decimal("20.00"))

    def test_free_minutes_of_a_tier(self):
        off = take_off(stay((120, "100.00")), Tier(Decimal(10), 30))
        self.assertEqual(off.tier, Decimal("35.00"))
        off = take_off(stay((120, "100.00")), Tier(Decimal(10), 999))
        self.assertEqual(off.tier, Decimal("100.00"))

    def test_stacking(self):
        alone, stacks = Coupon(1, "amount"), Coupon(2, "amount", stacks=True)
        self.assertIsNone(clash([alone], 1))
        self.assertEqual(clash([stacks, stacks], 1), "too_many")
        self.assertEqual(clash([stacks, alone], 2), "alone")
        self.assertIsNone(clash([stacks, stacks], 2))

    @settings(max_examples=150, deadline=None)
    @given(stays, st.integers(0, 100).map(Decimal), coupons, st.integers(0, 10**6))
    def test_never_below_zero_and_never_more_than_the_rules(
        self, what, percent, given_coupons, points
    ):
        off = take_off(what, Tier(percent), given_coupons, points)
        self.assertGreaterEqual(what.amount - off.total, 0)
        self.assertLessEqual(off.tier, what.amount * percent / 100 + CENT / 2)
        for coupon, (_key, value) in zip(given_coupons, off.coupons, strict=True):
            self.assertGreaterEqual(value, 0)
            self.assertEqual(value, value.quantize(CENT))
            if coupon.cap is not None:
                self.assertLessEqual(value, coupon.cap)
            if coupon.kind == "amount":
                self.assertLessEqual(value, coupon.value)
            if what.amount < coupon.minimum:
                self.assertEqual(value, 0)
        self.assertLessEqual(off.points, points)
        self.assertLessEqual(off.points_amount, Decimal(points) / 100)

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, 10**6), money, rules)
    def test_points_are_worth_what_the_rule_says(self, points, left, rule):
        spent, amount = points_for(points, left, rule)
        self.assertTrue(0 <= spent <= points)
        self.assertTrue(0 <= amount <= left)
        self.assertLessEqual(amount * rule.per_unit, spent)
        self.assertLess(spent - amount * rule.per_unit, 1)

    @settings(max_examples=100, deadline=None)
    @given(money, money, st.integers(0, 100), st.sampled_from(ORDERS))
    def test_wallet_parts_add_up_and_come_back(self, real, bonus, percent, order):
        amount = ((real + bonus) * percent / 100).quantize(CENT)
        amount = min(amount, real + bonus)
        from_real, from_bonus = split_spend(amount, real, bonus, order)
        self.assertEqual(from_real + from_bonus, amount)
        self.assertTrue(0 <= from_real <= real and 0 <= from_bonus <= bonus)
        half = (amount / 2).quantize(CENT)
        half = min(half, amount)
        one = split_refund(half, from_real, from_bonus, order)
        rest = split_refund(
            amount - half, from_real - one[0], from_bonus - one[1], order
        )
        self.assertEqual((one[0] + rest[0], one[1] + rest[1]), (from_real, from_bonus))

    def test_bonus_lapses_with_the_money_it_came_with(self):
        hundred, twenty = Decimal(100), Decimal(20)
        self.assertEqual(forfeited_bonus(hundred, hundred, twenty), twenty)
        self.assertEqual(forfeited_bonus(Decimal(50), hundred, twenty), Decimal(10))
        with self.assertRaises(ValueError):
            split_spend(Decimal(121), hundred, twenty)
