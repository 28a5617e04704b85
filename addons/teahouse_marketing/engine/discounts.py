"""What comes off a stay: the tier's share, then coupons, then points.

Each is an amount of its own, rounded half up to the currency's digits and taken from
what the ones before it left; nothing falls below zero. Amounts are Decimals.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from odoo.addons.teahouse_billing.engine.money import exact, rounded

ZERO = Decimal(0)


@dataclass(frozen=True)
class Piece:
    """A part of the stay in the order of time."""

    minutes: int
    amount: Decimal


@dataclass(frozen=True)
class Stay:
    """What the time of a stay costs before discounts."""

    pieces: tuple
    digits: int = 2

    @property
    def amount(self):
        return sum((piece.amount for piece in self.pieces), ZERO)

    @property
    def minutes(self):
        return sum(piece.minutes for piece in self.pieces)

    def last(self, minutes):
        """Return the exact price of the last minutes, each piece spread evenly."""
        price, missing = Fraction(0), minutes
        for piece in reversed(self.pieces):
            if missing <= 0 or not piece.minutes:
                continue
            part = min(missing, piece.minutes)
            price += exact(piece.amount) * part / piece.minutes
            missing -= part
        return price


@dataclass(frozen=True)
class Coupon:
    """What one coupon gives.

    ``kind``: amount (money off), percent, free_time (so many minutes at the stay's
    average price), extra_time (the last minutes of a longer stay). ``cap``: most
    that comes off, None for no limit.
    """

    key: int
    kind: str
    value: Decimal = ZERO
    minutes: int = 0
    minimum: Decimal = ZERO
    cap: Decimal | None = None
    stacks: bool = False
    with_tier: bool = True
    with_points: bool = True


@dataclass(frozen=True)
class Tier:
    """What a tier gives: percent off, and free minutes of each stay."""

    percent: Decimal = ZERO
    minutes: int = 0


@dataclass(frozen=True)
class PointsRule:
    """How points pay: ``per_unit`` points for one unit of currency."""

    per_unit: int = 100
    max_percent: Decimal = Decimal(100)


@dataclass(frozen=True)
class Discounts:
    """Amounts that come off, none negative, and the points that are spent."""

    tier: Decimal
    coupons: tuple
    points: int
    points_amount: Decimal

    @property
    def total(self):
        return (
            self.tier
            + sum((off for _key, off in self.coupons), ZERO)
            + (self.points_amount)
        )


def clash(coupons, most=1):
    """Return why coupons cannot be used together: too_many, alone, or None."""
    if len(coupons) > max(most, 1):
        return "too_many"
    if len(coupons) > 1 and not all(coupon.stacks for coupon in coupons):
        return "alone"
    return None


def applies(coupon, stay):
    """Tell whether a stay is worth, and long, enough for a coupon."""
    if stay.amount < coupon.minimum or stay.amount <= 0:
        return False
    return coupon.kind != "extra_time" or stay.minutes > coupon.minutes


def coupon_value(coupon, stay, left):
    """Return what a coupon takes off, at most what is left."""
    if not applies(coupon, stay):
        return ZERO
    if coupon.kind == "amount":
        value = exact(coupon.value)
    elif coupon.kind == "percent":
        value = exact(left) * exact(coupon.value) / 100
    elif coupon.kind == "free_time":
        share = Fraction(min(coupon.minutes, stay.minutes), stay.minutes or 1)
        value = exact(stay.amount) * share
    elif coupon.kind == "extra_time":
        value = stay.last(coupon.minutes)
    else:
        raise ValueError(f"Unknown kind of coupon: {coupon.kind}")
    if coupon.cap is not None:
        value = min(value, exact(coupon.cap))
    return min(max(rounded(value, stay.digits), ZERO), left)


def points_for(points, left, rule, digits=2):
    """Return the points that are spent, and what they take off.

    :param int points: that the member has and wants to spend
    :param left: Decimal, what is still to be paid
    """
    most = min(left, rounded(exact(left) * exact(rule.max_percent) / 100, digits))
    if points <= 0 or most <= 0 or rule.per_unit <= 0:
        return 0, ZERO
    # Whole cents only: a point that would buy a part of one is kept.
    cent = Fraction(1, 10**digits)
    cents = min(Fraction(points, rule.per_unit) // cent, exact(most) / cent)
    amount = rounded(cents * cent, digits)
    spent = -(-exact(amount) * rule.per_unit // 1)
    return int(spent), amount


NO_TIER = Tier()
ONE_CENT_A_POINT = PointsRule()


def tier_off(stay, tier):
    """Return what a tier takes off: its share, then free minutes as an average."""
    left = stay.amount
    share = rounded(exact(left) * exact(tier.percent) / 100, stay.digits)
    share = min(max(share, ZERO), left)
    part = Fraction(min(tier.minutes, stay.minutes), stay.minutes or 1)
    free = rounded(exact(stay.amount) * part, stay.digits)
    return share + min(max(free, ZERO), left - share)


def take_off(stay, tier=NO_TIER, coupons=(), points=0, rule=ONE_CENT_A_POINT):
    """Return all discounts of a stay, in their order.

    :param Tier tier: of the member; nothing where a coupon excludes it
    :param coupons: in the order in which they are taken off
    :param int points: most to spend; none where a coupon excludes them
    """
    counted = [coupon for coupon in coupons if applies(coupon, stay)]
    off_tier = tier_off(stay, tier) if all(c.with_tier for c in counted) else ZERO
    left = stay.amount - off_tier
    taken = []
    for coupon in coupons:
        off = coupon_value(coupon, stay, left)
        taken.append((coupon.key, off))
        left -= off
    wanted = points if all(c.with_points for c in counted) else 0
    spent, amount = points_for(wanted, left, rule, stay.digits)
    return Discounts(off_tier, tuple(taken), spent, amount)
