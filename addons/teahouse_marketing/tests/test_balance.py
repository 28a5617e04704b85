from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StayCommon


@tagged("post_install", "-at_install")
class TestBalance(StayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._teahouse_setup_balance()
        cls.package = cls.env["teahouse.balance.package"].create(
            {"name": "500", "amount": 500, "bonus": 50}
        )

    def top_up(self, status=201, **body):
        body = {"method": "demo", "scene": "page", **body}
        return self.call("POST", "/me/balance/top-ups", body, status)

    def wallet(self, member=None):
        return self.env["teahouse.wallet"].search(
            [("member_id", "=", (member or self.member).id)]
        )

    def owed(self, company=None):
        """Return what the books say is owed to members."""
        company = company or self.company
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", company.teahouse_balance_account_id.id),
                ("parent_state", "=", "posted"),
            ]
        )
        return -self.currency.round(sum(lines.mapped("balance")))

    def setUp(self):
        super().setUp()
        # Whatever the database held before is not what is tested.
        self.old_wallets = self.env["teahouse.wallet"].search([])
        self.old_cards = self.env["teahouse.card"].search([])
        self.owed_before = self.owed()

    def assert_books(self):
        """The debt in the books is what was paid in and is left; all is matched."""
        wallets = self.env["teahouse.wallet"].search([]) - self.old_wallets
        cards = self.env["teahouse.card"].search([]) - self.old_cards
        left = sum(wallets.mapped("real")) + sum(cards.mapped("value_left"))
        owed = self.owed() - self.owed_before
        self.assertEqual(self.currency.round(owed), self.currency.round(left))
        for wallet in wallets:
            for part in ("real", "bonus"):
                total = sum(wallet.entry_ids.mapped(part))
                self.assertEqual(self.currency.round(total), wallet[part])
        partner = self.member.partner_id
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return self.currency.round(sum(lines.mapped("balance")))

    def test_top_up_with_bonus_and_the_statement(self):
        packages = self.call("GET", "/balance/packages")
        self.assertIn(self.package.id, [item["id"] for item in packages["items"]])

        answer = self.top_up(package_id=self.package.id)

        self.assertEqual(answer["state"], "paid")
        self.assertEqual((answer["amount"], answer["bonus"]), ("500.00", "50.00"))
        balance = self.call("GET", "/me/balance")
        self.assertEqual(
            (balance["real"], balance["bonus"], balance["total"]),
            ("500.00", "50.00", "550.00"),
        )
        (entry,) = self.call("GET", "/me/balance/entries")["items"]
        self.assertEqual((entry["kind"], entry["total_after"]), ("top_up", "550.00"))
        reference = answer["payment"]["reference"]
        payment = self.call("GET", f"/payments/{reference}")
        self.assertEqual(payment["purchase"], answer["ref"])
        self.call("GET", f"/payments/{reference}", status=404, member=self.member_2)
        self.assertEqual(self.assert_books(), 0)

    def test_report_that_comes_twice_tops_up_once(self):
        answer = self.top_up(amount="100.00")
        purchase = self.env["teahouse.purchase"].search([("ref", "=", answer["ref"])])
        tx = purchase.transaction_ids
        self.report(tx)
        tx._post_process()
        self.assertEqual(self.wallet().real, 100)
        self.assertEqual(self.assert_books(), 0)

    def test_what_cannot_be_topped_up(self):
        for body, status in (
            ({"amount": "9.99"}, 422),
            ({"amount": "5000.01"}, 422),
            ({}, 422),
            ({"amount": "100.00", "package_id": self.package.id}, 422),
            ({"package_id": 2**31 - 1}, 404),
            ({"amount": "100.00", "method": "balance"}, 422),
            ({"amount": "100.00", "method": "wechat"}, 422),
        ):
            with self.subTest(body):
                self.top_up(status, **body)
        self.assertFalse(self.wallet())
        self.package.first_only = True
        self.top_up(package_id=self.package.id)
        self.top_up(409, package_id=self.package.id)

    def test_stay_paid_by_balance_real_part_first(self):
        self.top_up(amount="50.00")
        self.wallet()._move("top_up", 0, 60)
        booking = self.record(self.book_api())
        self.assertIn("balance", booking._open_methods())

        answer = self.pay(booking.ref, "balance")

        self.assertEqual((answer["state"], answer["amount"]), ("done", "76.00"))
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual((self.wallet().real, self.wallet().bonus), (0, 34))
        self.assertEqual(self.owed(), 0)
        self.finish(booking)
        self.assertEqual(self.receivable(booking), 0)
        self.assertEqual(self.assert_books(), 0)

    def test_not_enough_is_told_and_nothing_moves(self):
        self.top_up(amount="50.00")
        booking = self.record(self.book_api())
        self.assertNotIn("balance", booking._open_methods())
        answer = self.pay(booking.ref, "balance", 402)
        self.assertEqual(answer["code"], "payment_failed")
        self.assertEqual(self.wallet().real, 50)
        self.assertEqual(booking.state, "hold")

    def test_refund_gives_the_part_spent_last_first(self):
        self.top_up(amount="50.00")
        self.wallet()._move("top_up", 0, 60)
        booking = self.record(self.book_api())
        self.pay(booking.ref, "balance")
        booking.policy_snapshot = [[0, 50]]

        booking._cancel("customer")

        # 38.00 back: 26 of bonus, spent last, and 12 of what was paid in.
        wallet = self.wallet()
        self.assertEqual((wallet.real, wallet.bonus), (12, 60))
        self.assertEqual(booking.amount_paid, 38)
        self.assertEqual(self.assert_books(), 0)

    def test_order_of_parts_is_a_setting(self):
        self.company.teahouse_balance_order = "proportional"
        self.top_up(package_id=self.package.id)
        booking = self.record(self.book_api())
        self.pay(booking.ref, "balance")
        wallet = self.wallet()
        self.assertEqual((wallet.real, wallet.bonus), (430.91, 43.09))
        booking._cancel("store", "Repair")
        self.assertEqual((wallet.real, wallet.bonus), (500, 50))
        self.assertEqual(self.assert_books(), 0)

    def test_balance_of_a_store_is_good_there_only(self):
        self.company.teahouse_balance_scope = "store"
        self.top_up(422, amount="100.00")
        self.top_up(amount="100.00", store_id=self.other_store.id)
        booking = self.record(self.book_api())
        self.pay(booking.ref, "balance", 402)
        there = self.record(self.book_api("18:00", "19:00", room=self.other_room))
        self.pay(there.ref, "balance")
        self.assertEqual(self.wallet().real, 42)

    def test_balance_is_spent_in_another_company_of_the_chain(self):
        other = self.env["res.company"].create(
            {"name": "Sister", "currency_id": self.currency.id}
        )
        self.env["account.chart.template"].try_loading("cn", other)
        other._teahouse_setup_balance()
        wallet = self.env["teahouse.wallet"]._open(self.member, other)
        wallet._move("top_up", 60, 40)
        booking = self.record(self.book_api())
        self.pay(booking.ref, "balance", 402)
        (self.company | other).teahouse_balance_scope = "chain"

        self.pay(booking.ref, "balance")

        self.assertEqual((wallet.real, wallet.bonus), (0, 24))
        self.assertEqual(self.owed(), 0)
        self.assertEqual(self.owed(other), -60)
        chain = [
            sum(
                self.env["account.move.line"]
                .search([("account_id", "=", company.teahouse_chain_account_id.id)])
                .mapped("balance")
            )
            for company in (self.company, other)
        ]
        self.assertEqual(chain, [76, -76])

    def test_overtime_is_taken_from_the_balance(self):
        self.top_up(amount="200.00")
        booking = self.record(self.book_api())
        self.pay(booking.ref)
        self.charge(booking, 30, "overtime")
        self.finish(booking)
        self.assertEqual(booking.amount_due, 0)
        self.assertEqual(self.wallet().real, 170)
        self.assertEqual(self.assert_books(), 0)

    def test_payout_of_the_real_part_lets_the_bonus_lapse(self):
        answer = self.top_up(package_id=self.package.id)
        purchase = self.env["teahouse.purchase"].search([("ref", "=", answer["ref"])])
        booking = self.record(self.book_api())
        self.pay(booking.ref, "balance")
        with self.assertRaises(UserError):
            purchase._pay_out(500)

        purchase.with_user(self.user_accountant).action_pay_out()

        wallet = self.wallet()
        self.assertEqual((wallet.real, wallet.bonus), (0, 0))
        self.assertEqual(purchase.amount_refunded, 424)
        self.assertEqual(self.owed(), 0)
        self.finish(booking)
        self.assertEqual(self.assert_books(), 0)
        with self.assertRaises(UserError):
            purchase._pay_out()

    def test_ledger_is_never_changed(self):
        self.top_up(amount="100.00")
        entry = self.wallet().entry_ids
        with self.assertRaises(UserError):
            entry.real = 1000
        with self.assertRaises(UserError):
            entry.unlink()
        with self.assertRaises(UserError):
            self.wallet().unlink()

    def test_who_sees_balances(self):
        self.top_up(amount="100.00")
        wallet = self.wallet()
        for user in (self.user_owner, self.user_manager, self.user_accountant):
            wallet.with_user(user).read(["real"])
            with self.assertRaises(AccessError):
                wallet.with_user(user).write({"real": 9})
        for user in (
            self.user_staff,
            self.user_cleaner,
            self.user_technician,
            self.member.user_id,
            self.user_portal,
        ):
            with self.subTest(user.login), self.assertRaises(AccessError):
                wallet.with_user(user).read(["real"])
        self.assertEqual(
            self.call("GET", "/me/balance", member=self.member_2)["total"], "0.00"
        )

    # === CARDS AND TIERS === #

    def buy(self, status=201, **body):
        body = {"method": "demo", "scene": "page", **body}
        return self.call("POST", "/me/purchases", body, status)

    def make_card(self, **values):
        product = self.env["teahouse.card.product"].create(
            {"name": "Card", "units": 300, "price": 150, **values}
        )
        self.buy(product_id=product.id)
        return self.env["teahouse.card"].search([("product_id", "=", product.id)])

    def pay_with(self, card, booking, status=200, member=None):
        path = f"/bookings/{booking.ref}/card-payments"
        return self.call("POST", path, {"card_id": card.id}, status, member)

    def test_hour_card_pays_what_it_holds(self):
        card = self.make_card(units=180, price=90)
        shown = self.call("GET", "/me/cards")["items"]
        self.assertEqual([item["left"] for item in shown], [180])
        first = self.record(self.book_api())
        answer = self.pay_with(card, first)
        self.assertEqual((answer["state"], answer["amount_due"]), ("confirmed", "0.00"))
        self.assertEqual((card.left, card.value_left), (60, 30))
        self.assertEqual(self.assert_books(), -76)

        second = self.record(self.book_api("18:00", "20:00"))
        answer = self.pay_with(card, second)
        self.assertEqual((answer["state"], answer["amount_due"]), ("hold", "58.00"))
        self.assertEqual((card.left, card.value_left, card.state), (0, 0, "empty"))
        self.pay(second.ref)
        self.finish(first)
        self.finish(second)
        self.assertEqual(self.assert_books(), 0)

    def test_cancelled_stay_gives_the_hours_back(self):
        card = self.make_card()
        booking = self.record(self.book_api())
        self.pay_with(card, booking)
        booking._cancel("store", "Repair")
        self.assertEqual((card.left, card.value_left), (300, 150))
        self.assertEqual(self.assert_books(), 0)

    def test_count_card_covers_its_minutes(self):
        card = self.make_card(kind="count", units=2, stay_minutes=60)
        booking = self.record(self.book_api())
        self.assertEqual(self.pay_with(card, booking)["amount_due"], "38.00")
        self.assertEqual((card.left, card.value_left), (1, 75))

    def test_card_that_does_not_fit(self):
        booking = self.record(self.book_api())
        for values in (
            {"hour_from": 8, "hour_to": 14},
            {"day_type": "weekend"},
            {"store_ids": self.other_store.ids},
        ):
            with self.subTest(values):
                card = self.make_card(**values)
                self.pay_with(card, booking, 409)
        good = self.make_card()
        self.pay_with(good, booking, 404, self.member_2)
        good.valid_until = "2020-01-01"
        self.pay_with(good, booking, 409)

    def test_tier_is_bought(self):
        self.tier_oolong.price = 99
        self.buy(tier_id=self.tier_oolong.id)
        self.assertEqual(self.member.tier_id, self.tier_oolong)
        self.assertTrue(self.call("GET", "/me/membership")["tier_until"])
        self.assertEqual(self.assert_books(), 0)
        self.buy(404, tier_id=self.tier_green.id)
        self.buy(422)
