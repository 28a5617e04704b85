"""How a balance of a real and a bonus part is spent and given back.

Amounts are Decimals, none negative.
"""

from decimal import Decimal

from odoo.addons.teahouse_billing.engine.money import exact, rounded

ZERO = Decimal(0)
ORDERS = ("real_first", "bonus_first", "proportional")


def split_spend(amount, real, bonus, order="real_first", digits=2):
    """Return the real and the bonus part of a spending.

    :raise ValueError: the wallet does not hold the amount, or no such order
    """
    if amount < 0 or amount > real + bonus:
        raise ValueError("not enough")
    if order == "real_first":
        first = min(amount, real)
        return first, amount - first
    if order == "bonus_first":
        first = min(amount, bonus)
        return amount - first, first
    if order != "proportional":
        raise ValueError(f"Unknown order: {order}")
    if not real + bonus:
        return ZERO, ZERO
    part = rounded(exact(amount) * exact(real) / exact(real + bonus), digits)
    # Rounding may reach past either part by a cent.
    part = min(max(part, amount - bonus), real)
    return part, amount - part


def split_refund(amount, real, bonus, order="real_first", digits=2):
    """Return what goes back to the real and to the bonus part of a spending.

    The part spent last comes back first.

    :param real: what of the spending's real part has not gone back
    :param bonus: the same of its bonus part
    :raise ValueError: more than was spent
    """
    if order == "real_first":
        order = "bonus_first"
    elif order == "bonus_first":
        order = "real_first"
    return split_spend(amount, real, bonus, order, digits)


def forfeited_bonus(back, real, bonus, digits=2):
    """Return the bonus that lapses when a part of the real money is paid out.

    :param back: real money that is paid out
    :param real: real part before
    """
    if not real:
        return bonus
    return min(rounded(exact(bonus) * exact(back) / exact(real), digits), bonus)
