from collections import Counter
from decimal import Decimal

from odoo.tests import tagged

from .race import MarketingRace

CLEANUP = """
    DELETE FROM teahouse_wallet_entry WHERE member_id = ANY(%(members)s);
    DELETE FROM teahouse_wallet WHERE member_id = ANY(%(members)s);
"""


@tagged("post_install", "-at_install", "race")
class TestBalanceRace(MarketingRace):
    def _remove(self, env):
        env.cr.execute(CLEANUP, self.ids)
        env.invalidate_all()
        super()._remove(env)

    def test_never_below_zero_under_twenty_spends(self):
        """Ten of twenty find enough: ten win, ten are told, nothing is lost."""

        def open_wallet(env):
            wallet = env["teahouse.wallet"]._open(self.member(env), env.company)
            wallet._move("top_up", Decimal(80), Decimal(25))
            return wallet.id

        wallet_id = self.run_alone(open_wallet)

        def spend(env):
            env["teahouse.wallet"]._enter(self.member(env))
            wallet = env["teahouse.wallet"].browse(wallet_id)
            part = min(Decimal(10), Decimal(repr(wallet.real)))
            wallet._move("spend", -part, part - 10)

        outcomes = Counter(self.race(*[spend] * 20))

        def look(env):
            wallet = env["teahouse.wallet"].browse(wallet_id)
            entries = wallet.entry_ids
            return (
                wallet.real,
                wallet.bonus,
                sum(entries.mapped("real")),
                sum(entries.mapped("bonus")),
                len(entries),
            )

        real, bonus, real_sum, bonus_sum, count = self.run_alone(look)
        self.assertEqual((real, bonus), (real_sum, bonus_sum))
        self.assertGreaterEqual(min(real, bonus), 0)
        self.assertEqual(count, 1 + outcomes["won"])
        self.assertEqual(real + bonus, 105 - 10 * outcomes["won"])
        self.assertEqual(outcomes["won"] + outcomes["payment_failed"], 20, outcomes)
        self.assertEqual(outcomes["won"], 10)
