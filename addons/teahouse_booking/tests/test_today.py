from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestToday(BookingCommon):
    """What bookings bring to the screen of the day."""

    def tiles(self, user=None):
        today = self.env["teahouse.today"].with_user(user or self.user_staff)
        return {tile["key"]: tile for tile in today.load(self.store.id)["tiles"]}

    def test_rooms_and_arrivals(self):
        now = fields.Datetime.now()
        coming = self.make_booking(start=now + timedelta(hours=1))
        coming.action_confirm()
        self.make_booking(start=now + timedelta(hours=9))
        tiles = self.tiles()
        self.assertEqual(tiles["rooms"]["value"], "0 / 2")
        (item,) = tiles["arrivals"]["items"]
        self.assertIn(self.room.name, item["title"])
        self.assertEqual(item["action"]["res_id"], coming.id)
        self.assertNotIn("overdue", tiles)

        coming._check_in("staff")
        self.assertEqual(self.tiles()["rooms"]["value"], "1 / 2")

    def test_overdue(self):
        now = fields.Datetime.now()
        staying = self.make_booking(start=now + timedelta(minutes=5))
        staying.action_confirm()
        staying._check_in("staff")
        staying.sudo().write(
            {"start": now - timedelta(hours=3), "end": now - timedelta(hours=1)}
        )
        away = self.make_booking(room=self.room_2, start=now + timedelta(minutes=5))
        away.action_confirm()
        away.sudo().start = now - timedelta(minutes=30)
        tile = self.tiles()["overdue"]
        self.assertEqual(tile["value"], "2")
        levels = {item["action"]["res_id"]: item["level"] for item in tile["items"]}
        self.assertEqual(levels, {staying.id: "danger", away.id: "warning"})

    def test_cleaning_and_damages(self):
        self.env["teahouse.cleaning.task"].create(
            {"room_id": self.room.id, "due_at": fields.Datetime.now()}
        )
        self.env["teahouse.damage"].create(
            {"name": "Lamp", "room_id": self.room.id, "severity": "2"}
        )
        tiles = self.tiles(self.user_cleaner)
        self.assertEqual(tiles["cleaning"]["value"], "1")
        self.assertEqual(tiles["damages"]["level"], "danger")
        # Who cleans sees no stays.
        self.assertFalse({"rooms", "arrivals", "overdue"} & tiles.keys())

    def test_reviews_to_answer(self):
        booking = self.make_booking()
        review = self.env["teahouse.review"].create(
            {"booking_id": booking.id, "environment": 2, "service": 2, "facilities": 2}
        )
        tile = self.tiles()["reviews"]
        self.assertEqual((tile["value"], tile["level"]), ("1", "danger"))
        found = self.env["teahouse.review"].search(tile["action"]["domain"])
        self.assertEqual(found, review)
        self.assertNotIn("reviews", self.tiles(self.user_cleaner))
        review.with_user(self.user_staff).reply = "We are sorry."
        self.assertNotIn("reviews", self.tiles())
