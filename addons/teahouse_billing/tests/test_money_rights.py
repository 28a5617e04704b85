from odoo.exceptions import AccessError
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestMoneyRights(MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.booking = cls.make_ended()
        cls.elsewhere = cls.make_ended(room=cls.other_room, member=cls.member_2)

    def seen(self, user, model):
        """Return whose records of the two bookings a user sees: own store, all."""
        name = "booking_id" if model.startswith("teahouse") else "teahouse_booking_id"
        both = (self.booking | self.elsewhere).ids
        records = self.env[model].with_user(user).search([(name, "in", both)])
        return records.sudo().mapped(name)

    def test_staff_see_the_money_of_their_stores(self):
        for user in (self.user_staff, self.user_manager):
            for model in ("teahouse.charge.line", "payment.transaction"):
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(self.seen(user, model), self.booking)

    def test_owner_and_accountant_see_all_of_the_company(self):
        for user in (self.user_owner, self.user_accountant):
            for model in (
                "teahouse.charge.line",
                "payment.transaction",
                "account.move",
            ):
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(
                        self.seen(user, model), self.booking | self.elsewhere
                    )

    def test_others_see_no_money(self):
        for user in (self.user_cleaner, self.user_technician, self.member.user_id):
            for model in (
                "teahouse.charge.line",
                "payment.transaction",
                "teahouse.invoice.request",
                "teahouse.money.check",
            ):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])

    def test_nobody_writes_charges_directly(self):
        for role in ("owner", "manager", "staff", "accountant"):
            user = self.users[role]
            lines = self.booking.charge_line_ids.with_user(user)
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    lines.write({"name": "other"})
                with self.assertRaises(AccessError):
                    lines.create({"booking_id": self.booking.id, "name": "x"})

    def test_staff_see_no_invoices(self):
        for user in (self.user_staff, self.user_technician):
            with self.assertRaises(AccessError):
                self.booking.invoice_ids.with_user(user).read(["name"])

    def test_every_role_opens_the_booking_form_it_may_see(self):
        for role in ("owner", "manager", "staff", "accountant"):
            user = self.users[role]
            with self.subTest(role=role):
                views = self.env["teahouse.booking"].with_user(user)
                arch = views.get_view(view_type="form")["arch"]
                self.assertIn("charge_line_ids", arch)
                self.booking.with_user(user).read(["amount_total", "charge_line_ids"])

    def test_checkout_by_staff_settles(self):
        booking = self.make_paid(room=self.room_2)
        booking.with_user(self.user_staff)._check_in("staff")
        booking.with_user(self.user_staff)._checkout("staff")

        self.assertEqual(booking.settlement_state, "settled")

    def test_staff_change_no_money_field_of_a_booking(self):
        for vals in ({"settlement_state": "settled"}, {"offer_snapshot": {}}):
            with self.subTest(vals), self.assert_code("forbidden"):
                self.booking.with_user(self.user_staff).write(vals)
        self.booking.with_user(self.user_staff).note = "asks for more cups"

    def test_giving_away_needs_a_right_that_has_a_limit(self):
        self.company.teahouse_reduction_limit = 50
        self.store.cancel_policy_ids.unlink()
        paid = self.make_paid(room=self.room_2)
        cases = [(self.user_staff, False), (self.user_manager, False)]
        for user, _allowed in cases:
            with self.subTest(user=user.login), self.assert_code("forbidden"):
                paid.with_user(user).action_cancel("store", "friend")
        self.assertEqual(paid.state, "confirmed")

        self.company.teahouse_reduction_limit = 76
        with self.assert_code("forbidden"):
            paid.with_user(self.user_staff).action_cancel("store", "friend")
        paid.with_user(self.user_manager).action_cancel("store", "flood")
        self.assertEqual(paid.payment_state, "refunded")

    def test_staff_do_not_confirm_what_is_unpaid(self):
        held = self.make_booking(room=self.room_2)
        with self.assert_code("forbidden"):
            held.with_user(self.user_staff).action_confirm()
        held.with_user(self.user_owner).action_confirm()
        self.assertEqual(held.state, "confirmed")

    def test_cancellation_names_who_wants_it(self):
        held = self.make_booking(room=self.room_2)
        with self.assert_code("invalid_request"):
            held.with_user(self.user_owner).action_cancel("bogus", "x")

    def test_cancellation_by_staff_gives_the_money_back(self):
        booking = self.make_paid(room=self.room_2)
        booking.with_user(self.user_staff)._cancel("store")

        self.assertEqual(booking.payment_state, "refunded")
        self.assertEqual(booking.settlement_state, "settled")
