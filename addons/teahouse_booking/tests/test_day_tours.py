from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import BookingCommon


@tagged("post_install", "-at_install", "browser")
class TestDayTours(BookingCommon, HttpCase):
    """The days of a cleaner and of a manager, in the browser of a phone."""

    browser_size = "375x667"

    def test_days(self):
        """One after the other in one test: the assets are made once."""
        (self.user_cleaner | self.user_manager).lang = "en_US"
        self.cleaner_day()
        self.manager_day()

    def cleaner_day(self):
        now = fields.Datetime.now()
        due = now - timedelta(minutes=10)
        calm, urgent = self.env["teahouse.cleaning.task"].create(
            [
                {"room_id": room.id, "due_at": due}
                for room in (self.make_room(self.store, name="Plum"), self.room_2)
            ]
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

    def manager_day(self):
        start = fields.Datetime.now() - timedelta(minutes=5)
        stay = self.make_confirmed(start)
        end = stay.end
        self.start_tour(
            "/odoo/teahouse-today",
            "teahouse_manager_day",
            login=self.user_manager.login,
        )
        stay.invalidate_recordset()
        self.assertEqual(stay.state, "completed")
        self.assertEqual(stay.end, end + timedelta(minutes=30))
        self.assertTrue(stay.checked_in_at <= stay.ended_at < end)
        self.assertEqual(stay.cleaning_task_ids.user_id, self.user_cleaner)
