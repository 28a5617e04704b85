"""Exact amounts: rounding, lines that add up, discounts, cancellation split.

Amounts are Decimals with the currency's digits, computed from Fractions; a float is
refused, as it would bring its own rounding.
"""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache


def exact(value):
    """Return an amount or price as a Fraction.

    :param value: int, str, Decimal or Fraction
    :raise TypeError: a float
    """
    if isinstance(value, float):
        raise TypeError("Amounts are never floats.")
    return value if isinstance(value, Fraction) else Fraction(value)


def units(value, digits):
    """Return an exact amount in the smallest unit, rounded half up (away from 0)."""
    # By hand: Fractions would shorten themselves at each step.
    over, under = value.numerator * 10**digits, value.denominator
    whole = (abs(over) * 2 + under) // (under * 2)
    return whole if over >= 0 else -whole


def to_decimal(smallest, digits):
    """Return an int of smallest units as a Decimal with that many digits."""
    return Decimal(smallest).scaleb(-digits)


@lru_cache(maxsize=4096, typed=True)
def rounded(value, digits):
    """Return an exact amount rounded half up to the currency's digits."""
    return to_decimal(units(exact(value), digits), digits)


def split(parts, digits, unit=1):
    """Round parts so that they add up to their exact sum, rounded once.

    Largest remainder: each is rounded down, then the units that are missing go to
    those that lost most, the earlier first.

    :param parts: exact amounts, none negative
    :param int unit: how many of the parts' units make one of the currency
    :return: Decimals in the same order, and their sum
    """
    scaled = [divmod(part * 10**digits, unit) for part in parts]
    floors = [int(whole) for whole, _rest in scaled]
    total = units(Fraction(sum(parts)) / unit, digits)
    order = sorted(range(len(parts)), key=lambda i: -scaled[i][1])
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return [to_decimal(amount, digits) for amount in floors], to_decimal(total, digits)


def discounts(amount, steps, digits=2):
    """Take discounts off an amount, one after the other, each from what is left.

    :param amount: Decimal
    :param steps: ("percent", number) or ("fixed", amount), in their order
    :return: the amount of each discount, rounded half up; the rest is never below 0
    """
    left, taken = exact(amount), []
    for kind, value in steps:
        value = exact(value)
        if kind == "percent":
            value = left * value / 100
        elif kind != "fixed":
            raise ValueError(f"Unknown kind of discount: {kind}")
        off = min(max(rounded(value, digits), Decimal(0)), rounded(left, digits))
        taken.append(off)
        left -= exact(off)
    return taken


def cancellation_split(paid, percent, digits=2):
    """Return what goes back of a payment, and what is kept.

    :param paid: Decimal
    :param percent: 0 to 100
    """
    back = rounded(exact(paid) * exact(percent) / 100, digits)
    return back, rounded(paid, digits) - back


def extension_price(new_amount, charged):
    """Return what an extension costs; never below 0.

    :param new_amount: of the cheapest offer for the whole stay to its new end
    :param charged: what the stay was charged before discounts
    """
    return max(new_amount - charged, Decimal(0) * new_amount)
