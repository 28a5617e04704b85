from odoo.tests import tagged

from .common import StayCommon


@tagged("post_install", "-at_install")
class TestCapabilities(StayCommon):
    """A store of a chain that stays out of rewards, or takes no balance."""

    def test_no_coupons_and_points_where_the_store_stays_out(self):
        card = self.give()
        self.give_points(1000)
        self.store.use_rewards = False
        quote = self.quote_api(coupon_ids=[card.id], points=500)
        self.assertEqual((quote["total"], quote["points"]), ("76.00", 0))
        booked = self.book_api()
        refused = self.discounts(booked["ref"], [card], status=422)
        self.assertEqual(refused["code"], "invalid_request")
        paid = self.discounts(booked["ref"], points=500)
        self.assertEqual(paid["amount_total"], "76.00")
        self.assertEqual(self.member._points_card().points, 1000)

        self.pay(booked["ref"])
        booking = self.record(booked)
        self.finish(booking)
        self.assertFalse(booking.points_earned)
        self.assertEqual(self.member._points_card().points, 1000)

    def test_no_balance_where_the_store_takes_none(self):
        self.company._teahouse_setup_balance()
        top_up = {"amount": "200.00", "method": "demo", "scene": "page"}
        self.call("POST", "/me/balance/top-ups", top_up, 201)
        booked = self.book_api()
        path = f"/bookings/{booked['ref']}"
        self.assertIn("balance", self.call("GET", path)["payment_methods"])

        self.store.use_prepaid = False
        self.assertNotIn("balance", self.call("GET", path)["payment_methods"])
        refused = self.pay(booked["ref"], "balance", status=None)
        self.assertEqual(refused["code"], "payment_failed")
        self.assertEqual(self.record(booked).state, "hold")
