from datetime import timedelta

from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestGroupMoney(MoneyCommon):
    def test_a_group_costs_what_its_bookings_cost(self):
        group = self.env["teahouse.booking.group"].create(
            {
                "name": "Mondays",
                "kind": "series",
                "store_id": self.store.id,
                "member_id": self.member.id,
            }
        )
        paid = self.make_paid(76.0, group_id=group.id)
        self.make_booking(57.5, start=self.start + timedelta(days=7), group_id=group.id)
        self.assertEqual(
            (group.amount_total, group.amount_paid, group.amount_due),
            (133.5, 76.0, 57.5),
        )
        paid.action_cancel("store", "flood")
        group.invalidate_recordset()
        self.assertEqual((group.amount_total, group.amount_paid), (57.5, 0))
        seen = group.with_user(self.user_staff)
        self.assertEqual(seen.amount_due, 57.5)
        arch = seen.get_view(view_type="form")["arch"]
        self.assertIn("amount_due", arch)
