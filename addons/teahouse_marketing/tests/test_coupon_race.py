from collections import Counter

from odoo.tests import tagged

from .race import MarketingRace


@tagged("post_install", "-at_install", "race")
class TestCouponRace(MarketingRace):
    """One coupon, two phones: it is redeemed once."""

    def _make(self, env):
        ids = super()._make(env)
        program = env["loyalty.program"].create(
            {
                "name": "Race",
                "teahouse_coupon": True,
                "coupon_value": 10,
                "coupon_claimable": True,
                "claim_limit": 1,
                "member_limit": 1,
            }
        )
        tariff = env["teahouse.tariff"].create(
            {
                "name": "Race",
                "kind": "hourly",
                "store_ids": [(6, 0, [ids["store"]])],
                "band_ids": [(0, 0, {"time_from": 0, "time_to": 24, "price_hour": 50})],
            }
        )
        return {**ids, "program": program.id, "tariff": tariff.id}

    def _remove(self, env):
        env.cr.execute(
            """DELETE FROM teahouse_charge_line WHERE store_id = %(store)s;
               DELETE FROM loyalty_card WHERE program_id = %(program)s
                  OR partner_id IN (SELECT partner_id FROM teahouse_member
                                     WHERE id = ANY(%(members)s));""",
            self.ids,
        )
        env.invalidate_all()
        super()._remove(env)
        program = env["loyalty.program"].browse(self.ids["program"])
        program.active = False
        program.unlink()
        env["teahouse.tariff"].browse(self.ids["tariff"]).unlink()

    def holds(self):
        """Return two stays on hold of one member, and a coupon."""
        return self.run_alone(
            lambda env: [
                self.book(env, start=6000 + 600 * i, confirm=False, room=i)
                for i in range(2)
            ]
        )

    def give(self, env):
        program = env["loyalty.program"].browse(self.ids["program"])
        return env["loyalty.card"]._issue(program, self.member(env)).id

    def test_two_phones_redeem_one_coupon(self):
        stays = self.holds()
        for _round in range(3):
            card_id = self.run_alone(self.give)

            def redeem(env, stay, card_id=card_id):
                booking = env["teahouse.booking"].browse(stay)
                booking._lock_money()
                booking._set_discounts(env["loyalty.card"].browse(card_id), 0)

            outcomes = self.race(
                *(lambda env, stay=stay: redeem(env, stay) for stay in stays)
            )
            self.assertEqual(Counter(outcomes), {"won": 1, "invalid_state": 1})

            def used(env, card_id=card_id):
                lines = env["teahouse.charge.line"].search(
                    [("loyalty_card_id", "=", card_id)]
                )
                card = env["loyalty.card"].browse(card_id)
                return lines.booking_id == card.teahouse_booking_id, len(lines)

            self.assertEqual(self.run_alone(used), (True, 1))

    def test_points_are_spent_once(self):
        stays = self.holds()

        def give(env):
            card = self.member(env)._points_card(create=True)
            card._teahouse_move(1500, "gift", self.member(env))

        self.run_alone(give)

        def spend(env, stay):
            booking = env["teahouse.booking"].browse(stay)
            booking._lock_money()
            booking._set_discounts(env["loyalty.card"], 1000)
            return booking.points_spent

        self.race(*(lambda env, stay=stay: spend(env, stay) for stay in stays))
        spent, left = self.run_alone(
            lambda env: (
                sum(env["teahouse.booking"].browse(stays).mapped("points_spent")),
                self.member(env)._points_card().points,
            )
        )
        self.assertEqual((spent, left), (1500, 0))

    def test_last_coupon_is_claimed_once(self):
        def claim(env, number):
            program = env["loyalty.program"].browse(self.ids["program"])
            program._claim(self.member(env, number % 2))

        outcomes = self.race(
            *(lambda env, number=number: claim(env, number) for number in range(8))
        )
        self.assertEqual(Counter(outcomes), {"won": 1, "invalid_state": 7})
