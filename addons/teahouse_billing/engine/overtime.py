"""Time past what is paid."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .clock import DAY, Clock, instant_of, minute_of, minute_up
from .money import exact, rounded, split
from .price import Line
from .rates import Rates, Scale

#: How far back a price is looked for where the first minute has no band.
LOOK_BACK = 7 * DAY


@dataclass(frozen=True)
class OvertimeRules:
    """Settings of a store; minutes, a factor on the hour's price, money."""

    grace: int = 10
    step: int = 15
    factor: Fraction = Fraction(3, 2)
    fee: Fraction = Fraction(0)
    price_hour: Fraction = Fraction(0)

    def __post_init__(self):
        for name in ("factor", "fee", "price_hour"):
            object.__setattr__(self, name, exact(getattr(self, name)))
        if self.step < 1 or self.grace < 0:
            raise ValueError("A step is at least a minute, grace is never negative.")


@dataclass(frozen=True)
class Overtime:
    """What overtime costs: lines of time, a one-off fee, and both together."""

    lines: tuple
    fee: Decimal
    amount: Decimal
    minutes: int


def overtime(
    rules,
    hourly,
    paid_until,
    left,
    *,
    zone,
    day_type,
    next_start=None,
    name="",
    digits=2,
):
    """Return the overtime of a stay, None where there is none.

    :param OvertimeRules rules: of the store
    :param Hourly hourly: of the room, None where it has no hours for sale
    :param paid_until: aware
    :param left: aware; rounded up to the minute
    :param next_start: aware start of the next booking, None without one; what lies
        after it is dropped
    :param str name: of the lines
    """
    begin = minute_of(paid_until)
    over = minute_up(left) - begin
    if over <= rules.grace:
        return None
    end = begin + -(-over // rules.step) * rules.step
    if next_start is not None:
        end = min(end, minute_of(next_start))
    if end <= begin:
        return None
    stretches = _priced(rules, hourly, begin, end, zone, day_type)
    parts = [price * rules.factor * (until - at) / 60 for at, until, price in stretches]
    amounts, total = split(parts, digits)
    lines = tuple(
        Line(
            kind="overtime",
            name=name,
            start=instant_of(at),
            end=instant_of(until),
            minutes=until - at,
            unit_price=rounded(price * rules.factor, digits),
            amount=amount,
        )
        for (at, until, price), amount in zip(stretches, amounts, strict=True)
    )
    fee = rounded(rules.fee, digits)
    return Overtime(lines, fee, total + fee, end - begin)


def _priced(rules, hourly, begin, end, zone, day_type):
    """Return (start, end, price per hour) of the time; every minute has a price."""
    if hourly is None or not hourly.bands:
        return [(begin, end, rules.price_hour)]
    clock = Clock(zone, begin - LOOK_BACK, end, day_type)
    scale = Scale([band.price for band in hourly.bands])
    rates = Rates(hourly.bands, clock, scale, begin - LOOK_BACK, end)
    price = rules.price_hour
    stretches = []
    for at, until, found, _ticks in rates.stretches(begin - LOOK_BACK, end):
        price = price if found is None else found
        at = max(at, begin)
        if until <= at:
            continue
        if stretches and stretches[-1][2] == price:
            stretches[-1] = (stretches[-1][0], until, price)
        else:
            stretches.append((at, until, price))
    return stretches
