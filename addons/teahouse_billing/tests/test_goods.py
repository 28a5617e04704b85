from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestGoods(MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea = cls.env["product.product"].create(
            {
                "name": "Longjing",
                "list_price": 88,
                "type": "consu",
                "teahouse_goods": True,
            }
        )

    def order(self, quantity=1):
        self.booking = self.make_paid(76.0)
        return self.booking._order_goods({self.tea.id: quantity})

    def test_staff_of_the_store_hear_of_an_order_and_bring_it(self):
        line = self.order(2)
        self.assertEqual((line.delivery_state, line.amount), ("waiting", 176))
        told = self.env["teahouse.notification"].search(
            [("event_key", "=", f"goods-{line.id}")]
        )
        self.assertIn(self.user_staff, told.user_id)
        self.assertNotIn(self.user_cleaner, told.user_id)

        line.with_user(self.user_staff).action_delivered()
        line.with_user(self.user_manager).action_delivered()
        self.assertEqual(line.delivery_state, "done")
        self.assertEqual(line.delivered_by_id, self.user_staff)

    def test_what_was_not_brought_comes_off_the_bill_and_is_paid_back(self):
        line = self.order()
        self.booking._pay("demo", "page")
        line.with_user(self.user_staff).action_take_back()
        self.assertEqual((line.state, line.delivery_state), ("void", "cancelled"))
        self.assertEqual(self.booking.amount_total, 76)
        self.assertEqual(self.booking.amount_paid, 76)
        with self.assertRaises(UserError):
            line.with_user(self.user_staff).action_take_back()

    def test_what_was_brought_or_invoiced_stays_on_the_bill(self):
        line = self.order()
        line.with_user(self.user_staff).action_delivered()
        with self.assertRaises(UserError):
            line.with_user(self.user_staff).action_take_back()
        self.end_use(self.booking)
        self.assertEqual(self.booking.amount_due, 88)

    def test_a_store_may_do_without_goods(self):
        with Form(self.store) as form:
            form.use_goods = False
        with self.assert_code("invalid_request"):
            self.order()
        goods = self.env["product.product"]._api_goods(self.store.id)
        self.assertEqual(goods["items"], [])

    def test_goods_are_brought_by_staff_of_the_store(self):
        line = self.order()
        for role in ("cleaner", "technician", "accountant"):
            for verb in ("action_delivered", "action_take_back"):
                with self.subTest(role=role, verb=verb):
                    with self.assertRaises(AccessError):
                        getattr(line.with_user(self.users[role]), verb)()
        stranger = self.make_user("staff", self.other_store, login="elsewhere")
        with self.assertRaises(AccessError):
            line.with_user(stranger).action_delivered()

    def test_owners_keep_the_goods(self):
        goods = self.env["product.template"].with_user(self.user_owner)
        made = goods.create(
            {
                "name": "Pu'er",
                "list_price": 98,
                "teahouse_goods": True,
                "teahouse_store_ids": [Command.set(self.store.ids)],
            }
        )
        made.list_price = 99
        for role in ("manager", "staff"):
            with self.subTest(role), self.assertRaises(AccessError):
                made.with_user(self.users[role]).list_price = 1
