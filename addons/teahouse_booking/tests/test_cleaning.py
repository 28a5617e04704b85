from freezegun import freeze_time

from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestCleaning(BookingCommon):
    def end_stay(self, room=None):
        booking = self.make_confirmed(
            utc("2026-12-01 04:00"), minutes=60, room=room or self.room
        )
        booking._check_in("door")
        with freeze_time("2026-12-01 04:40:00"):
            booking._checkout("guest")
        return booking

    def test_task_is_made(self):
        task = self.end_stay().cleaning_task_ids
        self.assertEqual(task.state, "waiting")
        self.assertEqual(task.room_id, self.room)
        self.assertEqual(task.due_at, utc("2026-12-01 04:40"))
        self.assertEqual(task.finish_by, utc("2026-12-01 04:55"))

    def test_not_where_the_store_does_without(self):
        self.store.use_cleaning = False
        self.assertFalse(self.end_stay().cleaning_task_ids)

    def test_steps(self):
        task = self.end_stay().cleaning_task_ids.with_user(self.user_cleaner)
        finished = []
        self.patch(type(task), "_on_finished", lambda tasks: finished.append(tasks))
        task.action_accept()
        self.assertEqual(task.user_id, self.user_cleaner)
        with self.assert_code("invalid_state"):
            task.action_accept()
        with freeze_time("2026-12-01 04:50:00"):
            task.action_start()
            self.assertEqual(task.waiting_minutes, 10)
        with freeze_time("2026-12-01 05:00:00"):
            task.action_finish()
        self.assertEqual(task.state, "finished")
        self.assertEqual(task.finished_at, utc("2026-12-01 05:00"))
        self.assertEqual(len(finished), 1)
        with self.assert_code("invalid_state"):
            task.action_start()

    def test_given_back(self):
        booking = self.end_stay()
        task = booking.cleaning_task_ids.with_user(self.user_cleaner)
        task.action_accept()
        task.action_reject()
        again = booking.cleaning_task_ids - task.sudo()
        self.assertEqual((again.state, again.user_id.id), ("waiting", False))
        self.assertEqual(task.sudo().state, "rejected")

    def test_cleaner_changes_only_words(self):
        task = self.end_stay().cleaning_task_ids.with_user(self.user_cleaner)
        task.note = "A cup is broken"
        for vals in (
            {"state": "finished"},
            {"user_id": self.user_cleaner.id},
            {"due_at": utc("2026-12-02 04:00")},
        ):
            with self.assert_code("forbidden"):
                task.write(vals)
        task.with_user(self.user_staff).user_id = self.user_cleaner
