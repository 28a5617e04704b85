from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from odoo import fields
from odoo.tests import tagged

from odoo.addons.teahouse_base.tests.common import TeahouseHttpCommon

from .common import MarketingCommon


@tagged("post_install", "-at_install")
class TestMembership(MarketingCommon):
    def make_stay(self, amount):
        start = fields.Datetime.now() + timedelta(days=3)
        booking = self.env["teahouse.booking"].create(
            {
                "room_id": self.room.id,
                "member_id": self.member.id,
                "start": start,
                "end": start + timedelta(hours=2),
            }
        )
        booking.charge_line_ids.unlink()
        self.env["teahouse.charge.line"].create(
            {
                "booking_id": booking.id,
                "kind": "base",
                "name": "Room",
                "unit_price": amount,
                "amount": amount,
            }
        )
        return booking

    def test_settled_stay_gives_points_and_growth_once(self):
        booking = self.make_stay(150.80)

        booking._on_settled()
        booking._on_settled()

        card = self.member._points_card()
        self.assertEqual(card.points, 150)
        self.assertEqual(self.member.growth, 150)
        self.assertEqual(card.history_ids.mapped("issued"), [150])

    def test_money_taken_back_later_takes_points_back(self):
        booking = self.make_stay(150)
        booking._on_settled()

        booking.charge_line_ids.write({"unit_price": 40, "amount": 40})
        booking._on_settled()

        card = self.member._points_card()
        self.assertEqual(card.points, 40)
        self.assertEqual(self.member.growth, 40)
        self.assertEqual(card.history_ids.sorted("id")[-1].used, 110)

    def test_points_never_fall_below_zero(self):
        card = self.member._points_card(create=True)
        card._teahouse_move(30, "gift", self.member)

        moved = card._teahouse_move(-50, "taken back", self.member)

        self.assertEqual(moved, -30)
        self.assertEqual(card.points, 0)

    def test_growth_moves_up_and_down_and_tells_the_member(self):
        self.member._grow(100)
        self.assertEqual(self.member.tier_id, self.tier_green)
        self.member._grow(2000)
        self.assertEqual(self.member.tier_id, self.tier_oolong)
        told = self.env["teahouse.notification"].search(
            [("member_id", "=", self.member.id), ("event_key", "like", "tier:%")]
        )
        self.assertEqual(len(told), 2)

        self.member._grow(-2050)

        self.assertFalse(self.member.tier_id)
        self.assertEqual(self.member.growth, 50)

    def test_tier_of_another_company_is_not_reached(self):
        other = self.env["res.company"].create({"name": "Other teahouse"})
        self.tier_oolong.company_id = other

        self.member.with_company(self.company)._grow(5000)

        self.assertEqual(self.member.tier_id, self.tier_green)

    def test_discount_is_rounded_half_up_and_bounded(self):
        discount = self.env["teahouse.tariff"]._member_discount
        cases = [(5, "112.50", "5.63"), (0, "80", "0.00"), (100, "19.99", "19.99")]
        self.member.tier_id = self.tier_green
        for percent, amount, expected in cases:
            with self.subTest(percent=percent):
                self.tier_green.discount_percent = percent
                line = SimpleNamespace(minutes=60, amount=Decimal(amount))
                offer = SimpleNamespace(amount=Decimal(amount), lines=[line])
                self.assertEqual(
                    discount(self.member, self.room, offer), Decimal(expected)
                )

    def test_higher_tier_books_further_ahead(self):
        self.member.tier_id = self.tier_oolong
        as_member = self.as_member("teahouse.room").browse(self.room.id)
        self.assertEqual(as_member._horizon_days(), self.room.horizon_days + 10)
        self.assertEqual(self.room._horizon_days(), self.room.horizon_days)

    def test_list_of_rooms_looks_the_member_up_once(self):
        rooms = self.as_member("teahouse.room").browse(
            [self.make_room(self.store, name=f"R{n}").id for n in range(6)]
        )
        rooms.sudo().mapped("horizon_days")
        rooms[0]._horizon_days()
        with self.assertQueryCount(0):
            for room in rooms:
                room._horizon_days()

    def test_merged_member_brings_points_growth_and_stays(self):
        stay = self.make_stay(150)
        stay._on_settled()
        stay.state = "completed"
        self.member_2._grow(900)
        self.member_2._points_card(create=True)._teahouse_move(10, "gift", stay)

        self.member._merge(self.member_2)

        self.assertEqual(stay.member_id, self.member_2)
        self.assertEqual(stay.charge_line_ids.member_id, self.member_2)
        self.assertEqual(self.member_2._points_card().points, 160)
        self.assertEqual(self.member_2.growth, 1050)
        self.assertEqual(self.member_2.tier_id, self.tier_oolong)
        self.assertEqual(self.member._points_card().points, 0)

    def test_member_with_an_open_stay_is_not_merged(self):
        self.make_stay(150)
        with self.assert_code("invalid_state"):
            self.member._merge(self.member_2)


@tagged("post_install", "-at_install")
class TestMembershipApi(TeahouseHttpCommon, MarketingCommon):
    def test_member_sees_the_own_tier_points_and_history(self):
        self.member._grow(150)
        self.member._points_card(create=True)._teahouse_move(
            150, "First stay", self.member
        )

        answer = self.api("GET", "/me/membership", member=self.member).json()
        history = self.api("GET", "/me/points", member=self.member).json()
        stranger = self.api("GET", "/me/points", member=self.member_2).json()

        self.assertEqual(answer["tier"]["name"], "Green")
        self.assertEqual(answer["points"], 150)
        self.assertEqual(answer["next_tier"]["growth_from"], 1000)
        self.assertEqual([item["points"] for item in history["items"]], [150])
        self.assertEqual(stranger["items"], [])

    def test_membership_needs_a_member(self):
        self.assertEqual(self.api("GET", "/me/membership").status_code, 401)
