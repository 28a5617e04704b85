from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import BookingCommon


@tagged("post_install", "-at_install", "browser")
class TestCleanerTour(BookingCommon, HttpCase):
    """A cleaner's day in the browser of a phone."""

    browser_size = "375x667"

    def test_cleaner_day(self):
        self.user_cleaner.lang = "en_US"
        now = fields.Datetime.now()
        due = now - timedelta(minutes=10)
        calm, urgent = self.env["teahouse.cleaning.task"].create(
            [{"room_id": room.id, "due_at": due} for room in (self.room, self.room_2)]
        )
        self.make_confirmed(now + timedelta(hours=1), room=self.room_2)
        # The page it starts with, without a word about it in the address.
        self.start_tour("/odoo", "teahouse_cleaner_day", login=self.user_cleaner.login)
        self.assertEqual((calm.state, urgent.state), ("waiting", "finished"))
        self.assertEqual(urgent.user_id, self.user_cleaner)
        self.assertEqual(urgent.photo_ids.mapped("mimetype"), ["image/jpeg"])
        damage = urgent.damage_ids
        self.assertEqual((damage.name, damage.severity), ("Kettle does not heat", "2"))
        self.assertEqual(len(damage.photo_ids), 1)
