from odoo.tests import tagged

from .money_common import MoneyCommon

KEYS = {"refunds", "differences", "invoice_requests"}


@tagged("post_install", "-at_install", "teahouse_money")
class TestMoneyToday(MoneyCommon):
    """What money brings to the screen of the day."""

    def tiles(self, user):
        today = self.env["teahouse.today"].with_user(user).load(self.store.id)
        return {tile["key"]: tile for tile in today["tiles"] if tile["key"] in KEYS}

    def test_what_needs_a_decision(self):
        booking = self.make_ended()
        self.assertFalse(self.tiles(self.user_accountant))
        checks = self.env["teahouse.money.check"].create(
            [
                {"booking_id": booking.id, "kind": kind}
                for kind in ("refund_failed", "surplus", "receivable")
            ]
        )
        request = self.env["teahouse.invoice.request"].create(
            {"booking_id": booking.id, "title": "Lu Yu Ltd"}
        )
        seen = {
            self.user_manager: {"refunds": "1", "differences": "2"},
            self.user_accountant: {
                "refunds": "1",
                "differences": "2",
                "invoice_requests": "1",
            },
            self.user_cleaner: {},
            self.user_technician: {},
        }
        for user, expected in seen.items():
            tiles = self.tiles(user)
            values = {key: tile["value"] for key, tile in tiles.items()}
            self.assertEqual(values, expected, user.login)
            for tile in tiles.values():
                records = self.env[tile["action"]["res_model"]].with_user(user)
                count = records.search_count(tile["action"]["domain"])
                self.assertEqual(str(count), tile["value"], tile["key"])
        checks.with_user(self.user_accountant).action_solved()
        request.with_user(self.user_accountant).action_issued()
        self.assertFalse(self.tiles(self.user_accountant))
