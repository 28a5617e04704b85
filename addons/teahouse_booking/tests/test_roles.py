from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestRoles(BookingCommon):
    """Who sees and does what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.booking = cls.make_confirmed()
        cls.other_booking = cls.make_confirmed(room=cls.other_room, member=cls.member_2)
        cls.both = cls.booking | cls.other_booking
        cls.in_use = cls.make_in_use(room=cls.room_2)
        cls.in_use._checkout("guest")
        cls.task = cls.in_use.cleaning_task_ids

    def seen(self, user, model="teahouse.booking", records=None):
        records = self.both if records is None else records
        return self.env[model].with_user(user).search([("id", "in", records.ids)])

    def test_bookings_seen(self):
        for role, expected in (
            ("owner", self.both),
            ("accountant", self.both),
            ("manager", self.booking),
            ("staff", self.booking),
        ):
            self.assertEqual(self.seen(self.users[role]), expected, role)

    def test_no_customer_data(self):
        for role in ("cleaner", "technician"):
            for model in (
                "teahouse.booking",
                "teahouse.participant",
                "teahouse.review",
                "teahouse.booking.change",
            ):
                with self.assertRaises(AccessError, msg=f"{role} {model}"):
                    self.env[model].with_user(self.users[role]).search([])

    def test_cleaner_sees_free_and_own_tasks(self):
        task = self.seen(self.user_cleaner, "teahouse.cleaning.task", self.task)
        self.assertEqual(task, self.task)
        self.assertEqual(task.room_id.name, "Pine")
        with self.assertRaises(AccessError):
            task.read(["booking_id"])
        self.task.sudo().user_id = self.user_staff
        self.assertFalse(
            self.seen(self.user_cleaner, "teahouse.cleaning.task", self.task)
        )
        elsewhere = self.make_user("cleaner", self.other_store, login="cleaner-2")
        self.task.sudo().user_id = False
        self.assertFalse(self.seen(elsewhere, "teahouse.cleaning.task", self.task))

    def test_member_sees_own(self):
        self.assertEqual(self.seen(self.member.user_id), self.booking)
        self.assertEqual(self.seen(self.member_2.user_id), self.other_booking)
        own = self.booking.with_user(self.member.user_id)
        for vals in ({"note": "x"}, {"state": "completed"}):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            own.participant_ids.read(["pin"])
        for model in ("teahouse.cleaning.task", "teahouse.closing"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.member.user_id).search([])
        for step in (own.action_confirm, own.action_checkout, own.action_check_in):
            with self.assertRaises(AccessError):
                step()

    def test_nobody_writes_states(self):
        for role in ("owner", "manager", "staff"):
            booking = self.booking.with_user(self.users[role])
            booking.note = "Birthday"
            for vals in (
                {"state": "completed"},
                {"start": self.at(9)},
                {"member_id": self.member_2.id},
                {"blocked_until": self.at(9)},
            ):
                with self.assert_code("forbidden"):
                    booking.write(vals)
            with self.assertRaises(AccessError):
                booking.copy({"start": self.at(2), "end": self.at(4)})
        with self.assertRaises(AccessError):
            self.booking.with_user(self.user_accountant).note = "x"

    def test_pins_are_for_nobody(self):
        people = self.booking.participant_ids
        for role in ("owner", "manager", "staff", "accountant"):
            with self.assertRaises(AccessError):
                people.with_user(self.users[role]).read(["pin"])

    def test_staff_steps(self):
        booking = self.booking.with_user(self.user_staff)
        with self.assert_code("outside_window"):
            booking.action_check_in()
        with self.assert_code("outside_window"):
            booking.action_mark_no_show()
        booking.action_extend(60)
        self.assertEqual(booking.end, self.at(17))
        booking.action_move(self.room_2.id)
        self.assertEqual(booking.room_id, self.room_2)
        with self.assertRaises(AccessError):
            booking.action_move(self.other_room.id)
        with self.assertRaises(AccessError):
            self.other_booking.with_user(self.user_staff).action_cancel("store", "x")
        wizard = (
            self.env["teahouse.booking.cancel"]
            .with_user(self.user_staff)
            .create({"booking_id": booking.id, "by": "store", "reason": "No power"})
        )
        wizard.action_cancel()
        self.assertEqual(booking.state, "cancelled")
        self.assertEqual(booking.cancel_reason, "No power")
        trace = self.env["teahouse.audit"].search([("action", "=", "booking.cancel")])
        self.assertIn(self.user_staff, trace.mapped("user_id"))

    def test_book_for_a_customer(self):
        counter = self.env["teahouse.booking.counter"].with_user(self.user_staff)
        with Form(counter) as form:
            form.room_id = self.room_2.with_user(self.user_staff)
            form.start = self.at(10)
            form.hours = 1.5
            form.phone = "13912345678"
            form.name = "Lin Yutang"
        action = form.record.action_apply()
        booking = self.env["teahouse.booking"].browse(action["res_id"])
        self.assertEqual(booking.member_id.name, "Lin Yutang")
        self.assertEqual(booking.end, self.at(11, 30))
        self.assertEqual(booking.source, "staff")
        self.assertEqual(self.seen(self.user_staff, records=booking), booking)
        with self.assert_code("slot_taken"):
            form.record.action_apply()

    def test_walk_in_without_a_phone(self):
        counter = self.env["teahouse.booking.counter"].with_user(self.user_staff)
        wizard = counter.create(
            {"room_id": self.room_2.id, "start": self.at(10), "name": "Guest"}
        )
        booking = self.env["teahouse.booking"].browse(wizard.action_apply()["res_id"])
        self.assertFalse(booking.member_id)
        self.assertEqual(booking.partner_id.name, "Guest")

    def test_closings(self):
        closings = self.env["teahouse.closing"].with_user(self.user_staff)
        times = {"start": self.at(1), "end": self.at(2)}
        closing = closings.create(
            {"name": "Repair", "store_id": self.store.id, **times}
        )
        self.assertTrue(closing)
        with self.assertRaises(AccessError):
            closings.create(
                {"name": "Repair", "store_id": self.other_store.id, **times}
            )

    def test_views_load(self):
        """Each role opens the screens that its menu has."""
        for role, models in (
            ("owner", ("teahouse.booking", "teahouse.review", "teahouse.closing")),
            ("staff", ("teahouse.booking", "teahouse.cleaning.task")),
            ("accountant", ("teahouse.booking",)),
            ("cleaner", ("teahouse.cleaning.task",)),
        ):
            for model in models:
                views = self.env[model].with_user(self.users[role])
                loaded = views.get_views([(False, "list"), (False, "form")])
                names = loaded["models"][model]["fields"]
                views.search([], limit=5).read(list(names))
