from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StayCommon


@tagged("post_install", "-at_install")
class TestGifts(StayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gift = cls.env["teahouse.gift"].create(
            {"name": "A tin of tea", "points": 100, "stock": 1}
        )

    def redeem(self, status=201, member=None):
        path = f"/gifts/{self.gift.id}/redeem"
        return self.call("POST", path, status=status, member=member)

    def test_last_gift_is_taken_and_picked_up_once(self):
        card = self.give_points(250)
        self.give_points(250, self.member_2)
        shown = self.api("GET", "/gifts").json()["items"]
        self.assertIn(self.gift.id, [item["id"] for item in shown])

        answer = self.redeem()

        self.assertEqual((card.points, self.gift.stock), (150, 0))
        self.redeem(409, self.member_2)
        mine = self.call("GET", "/me/gifts")["items"]
        self.assertEqual(mine, [answer])
        order = self.env["teahouse.gift.order"].search([("code", "=", answer["code"])])
        order.with_user(self.user_staff).action_pick_up()
        self.assertEqual((order.state, order.picked_by_id), ("picked", self.user_staff))
        with self.assertRaises(UserError):
            order.with_user(self.user_staff).action_pick_up()
        order.with_user(self.user_staff).action_cancel()
        self.assertEqual(card.points, 150)

    def test_cancelled_order_gives_points_and_stock_back(self):
        card = self.give_points(100)
        answer = self.redeem()
        order = self.env["teahouse.gift.order"].browse(answer["id"])
        order.action_cancel()
        order.action_cancel()
        self.assertEqual((card.points, self.gift.stock), (100, 1))

    def test_not_enough_points_and_limits(self):
        self.gift.write({"stock": 5, "member_limit": 1})
        self.give_points(99)
        self.redeem(409)
        self.give_points(200)
        self.redeem()
        self.redeem(409)
        self.assertEqual(self.gift.stock, 4)

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.gift.with_user(self.user_staff).stock = 99
        for user in (self.user_cleaner, self.user_accountant, self.member.user_id):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.gift.with_user(user).read(["stock"])
        self.gift.with_user(self.user_manager).stock = 9


@tagged("post_install", "-at_install")
class TestSource(StayCommon):
    def test_booking_carries_where_it_comes_from(self):
        source = self.env["utm.source"].create({"name": "Spring poster"})
        answer = self.book_api(
            source="mini_program", utm_source="spring poster", utm_campaign="unheard"
        )
        booking = self.record(answer)
        self.assertEqual(booking.source, "mini_program")
        self.assertEqual(booking.utm_source_id, source)
        self.assertFalse(booking.utm_campaign_id)
        self.assertFalse(self.env["utm.campaign"].search([("name", "=", "unheard")]))
        self.book_api("18:00", "20:00", status=422, utm_source="%")
