from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import tagged

from .common import StayCommon


@tagged("post_install", "-at_install")
class TestDiscounts(StayCommon):
    def assert_books(self, booking, total):
        """Bill, payments and invoice show the same, and the account is even."""
        self.assertEqual(booking.amount_total, total)
        invoices = booking._posted_invoices()
        self.assertEqual(sum(invoices.mapped("amount_total_signed")), total)
        self.assertEqual(self.receivable(booking), 0)

    def test_quote_order_payment_and_invoice_are_the_same(self):
        self.member.tier_id = self.tier_oolong
        coupon = self.give(coupon_kind="percent", coupon_value=15)
        card = self.give_points(5000)

        chosen = {"coupon_ids": coupon.ids, "points": 333}
        offer = self.quote_api(**chosen)
        answer = self.book_api(offer=offer["key"], **chosen)

        # 76.00 - 3.80 - 10.83 - 3.33
        self.assertEqual(offer["member_discount"], "3.80")
        self.assertEqual(offer["coupon_discount"], "10.83")
        self.assertEqual((offer["points_discount"], offer["points"]), ("3.33", 333))
        self.assertEqual(offer["total"], "58.04")
        self.assertEqual(answer["amount_total"], "58.04")
        self.assertEqual((answer["coupon_ids"], answer["points"]), (coupon.ids, 333))
        self.assertEqual(card.points, 4667)
        booking = self.record(answer)
        self.assertEqual(self.pay(booking.ref)["amount"], "58.04")
        self.assertEqual(coupon.teahouse_state, "used")
        self.finish(booking)
        self.assert_books(booking, 58.04)
        self.assertEqual(card.points, 4667 + 58)

    def test_chosen_later_and_taken_off_again(self):
        self.member.tier_id = self.tier_oolong
        coupon, card = self.give(), self.give_points(500)
        booking = self.record(self.book_api())
        self.assertEqual(booking.amount_total, 72.2)

        answer = self.discounts(booking.ref, [coupon], 500)
        self.assertEqual(answer["amount_total"], "57.20")
        self.assertEqual((coupon.teahouse_state, card.points), ("reserved", 0))

        answer = self.discounts(booking.ref)
        self.assertEqual(answer["amount_total"], "72.20")
        self.assertEqual((coupon.teahouse_state, card.points), ("available", 500))
        events = coupon.history_ids.sorted("id").mapped("teahouse_event")
        self.assertEqual(events, ["issued", "reserved", "returned"])

    def test_stay_that_costs_nothing_any_more_is_confirmed(self):
        coupon = self.give(coupon_value=500)
        booking = self.record(self.book_api())
        answer = self.discounts(booking.ref, [coupon])
        self.assertEqual(
            (answer["state"], answer["amount_total"]), ("confirmed", "0.00")
        )

    def test_hold_that_runs_out_gives_all_back_and_late_money_takes_it_again(self):
        coupon, card = self.give(), self.give_points(100)
        booking = self.record(self.book_api(coupon_ids=coupon.ids, points=100))
        attempt = self.open_attempt(booking)
        self.lapse(booking)
        self.assertEqual(booking.state, "expired")
        self.assertEqual((coupon.teahouse_state, card.points), ("available", 100))

        self.report(attempt)
        attempt._post_process()

        self.assertEqual(booking.state, "confirmed")
        self.assertEqual((coupon.teahouse_state, card.points), ("used", 0))
        self.assertEqual(booking.amount_due, 0)

    def test_late_money_goes_back_if_the_coupon_is_used_elsewhere(self):
        coupon = self.give()
        booking = self.record(self.book_api(coupon_ids=coupon.ids))
        attempt = self.open_attempt(booking)
        self.lapse(booking)
        other = self.book_api("18:00", "20:00", coupon_ids=coupon.ids)

        self.report(attempt)
        attempt._post_process()

        self.assertEqual(booking.state, "expired")
        self.assertEqual(booking.amount_paid, 0)
        self.assertEqual(coupon.teahouse_booking_id.ref, other["ref"])

    def test_full_refund_returns_and_a_part_does_not(self):
        for policy, state, points in (
            ([[0, 100]], "available", 100),
            ([[0, 50]], "used", 0),
        ):
            with self.subTest(policy=policy):
                coupon, card = self.give(), self.give_points(0)
                card.points = 100
                booking = self.record(self.book_api(coupon_ids=coupon.ids, points=100))
                self.pay(booking.ref)
                booking.policy_snapshot = policy
                booking._cancel("customer")
                self.assertEqual(
                    (coupon.teahouse_state, card.points - booking.points_earned),
                    (state, points),
                )

    def test_refund_after_the_stay_takes_earned_points_back(self):
        coupon = self.give()
        booking = self.record(self.book_api(coupon_ids=coupon.ids))
        self.pay(booking.ref)
        self.finish(booking)
        card = self.member._points_card()
        self.assertEqual(card.points, 66)

        booking._adjust(-26, "Noise")
        self.assertEqual(card.points, 40)
        self.assertEqual(coupon.teahouse_state, "used")
        booking._adjust(-40, "All of it")

        self.assertEqual((card.points, self.member.growth), (0, 0))
        self.assertEqual(coupon.teahouse_state, "available")
        self.assertEqual(booking.amount_paid, 0)

    def test_cheaper_room_keeps_discounts_within_the_price(self):
        self.make_hours(((0, 24, 10),), name="Cheap", room_ids=self.room_2.ids)
        coupon, card = self.give(coupon_value=60), self.give_points(1000)
        booking = self.record(self.book_api(coupon_ids=coupon.ids, points=1000))
        self.assertEqual(booking.amount_total, 6)
        self.pay(booking.ref)

        booking._change_room(self.room_2)

        self.assertEqual(booking.room_id, self.room_2)
        self.assertEqual((booking.amount_total, booking.amount_paid), (0, 0))
        self.assertEqual(card.points, 1000)

    def test_refusals(self):
        other = self.give(member=self.member_2)
        dear = self.give(coupon_minimum=77)
        weekend = self.give(day_type="weekend")
        night = self.give(hour_from=22, hour_to=6)
        elsewhere = self.give(coupon_store_ids=self.other_store.ids)
        old = self.give()
        old.expiration_date = fields.Date.today() - timedelta(days=2)
        birthday = self.give(coupon_audience="birthday")
        tiered = self.give(coupon_tier_ids=self.tier_green.ids)
        two = [self.give(), self.give()]
        booking = self.record(self.book_api())
        for cards, status, code in (
            ([other], 404, "not_found"),
            ([dear], 422, "invalid_request"),
            ([weekend], 422, "invalid_request"),
            ([night], 422, "invalid_request"),
            ([elsewhere], 422, "invalid_request"),
            ([old], 422, "invalid_request"),
            ([birthday], 422, "invalid_request"),
            ([tiered], 422, "invalid_request"),
            (two, 422, "invalid_request"),
        ):
            with self.subTest(cards[0].program_id.coupon_audience, code=code):
                answer = self.discounts(booking.ref, cards, status=status)
                self.assertEqual(answer["code"], code)
        self.assertEqual(booking.amount_total, 76)
        self.discounts(booking.ref, [], status=404, member=self.member_2)
        self.pay(booking.ref)
        answer = self.discounts(booking.ref, [two[0]], status=409)
        self.assertEqual(answer["code"], "invalid_state")

    def test_newcomers_coupon_is_for_the_first_stay(self):
        program = self.make_program(coupon_audience="newcomer", member_limit=0)
        first = self.book_api(coupon_ids=self.give(program).ids)
        self.pay(first["ref"])
        second = self.give(program)
        answer = self.book_api("18:00", "20:00", status=422, coupon_ids=second.ids)
        self.assertEqual(answer["errors"][0]["field"], "coupon_ids")

    def test_stacking_and_what_excludes_tier(self):
        self.company.teahouse_coupons_a_stay = 2
        self.member.tier_id = self.tier_oolong
        one, two = self.give(coupon_stacks=True), self.give(coupon_stacks=True)
        booking = self.record(self.book_api())
        self.assertEqual(
            self.discounts(booking.ref, [one, two])["amount_total"], "52.20"
        )
        alone = self.give(coupon_with_tier=False, coupon_value=5)
        self.discounts(booking.ref, [one, alone], status=422)
        self.assertEqual(self.discounts(booking.ref, [alone])["amount_total"], "71.00")
        self.assertEqual(self.discounts(booking.ref)["amount_total"], "72.20")

    def test_price_for_members_of_a_tier(self):
        self.make_package(
            name="VIP",
            price=40,
            duration_minutes=120,
            tier_ids=[fields.Command.set(self.tier_green.ids)],
        )
        self.assertEqual(self.quote_api()["total"], "76.00")
        self.member.tier_id = self.tier_green
        self.assertEqual(self.quote_api()["total"], "39.20")

    @settings(
        max_examples=12,
        deadline=None,
        # Each example is a whole stay: a failure is shown as it was found.
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.integers(1, 8),
        st.integers(0, 100),
        st.sampled_from(["amount", "percent", "free_time", "extra_time"]),
        st.integers(1, 100),
        st.integers(0, 9000),
    )
    def test_quote_is_order_is_invoice(self, halves, percent, kind, value, points):
        """Whatever is chosen: never below zero, and one amount everywhere."""
        with self.env.cr.savepoint() as savepoint:
            self.tier_green.discount_percent = percent
            self.member.tier_id = self.tier_green
            coupon = self.give(
                coupon_kind=kind, coupon_value=value, coupon_minutes=min(value, 59)
            )
            self.give_points(9000)
            start, end = self.at("14:00"), self.at("15:00")
            end += timedelta(minutes=30 * halves)
            model = self.as_member("teahouse.tariff").with_context(
                teahouse_discounts=(coupon.ids, points)
            )
            offer = model._quote(self.room, start, end, self.member)[0]
            values = model._offer_values(offer, self.room.sudo(), self.member)
            body = self.body(
                "14:00",
                "15:00",
                coupon_ids=coupon.ids,
                points=points,
                **dict.fromkeys(("utm_source", "utm_medium", "utm_campaign")),
            )
            body.end += timedelta(minutes=30 * halves)
            answer = self.as_member("teahouse.booking")._api_create(body)
            booking = self.record(answer)
            self.assertEqual(answer["amount_total"], values["total"])
            self.assertGreaterEqual(booking.amount_total, 0)
            if booking.amount_due:
                booking._pay("demo", "page")
            self.assertEqual(booking.state, "confirmed")
            self.finish(booking)
            self.assert_books(booking, float(values["total"]))
            savepoint.rollback()
            self.env.invalidate_all()
