from odoo.tests import tagged

from .common import StayCommon


@tagged("post_install", "-at_install")
class TestAppApi(StayCommon):
    """What the app's screens stand on beyond the rules themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._teahouse_setup_balance()
        cls.product = cls.env["teahouse.card.product"].create(
            {"name": "Ten hours", "units": 600, "price": 320}
        )

    def ask(self, status=201, **body):
        return self.call("POST", "/me/balance/payout-requests", body, status)

    def test_the_lists_say_how_they_can_be_paid(self):
        packages = self.call("GET", "/balance/packages")
        self.assertIn("demo", packages["payment_methods"])
        self.assertNotIn("balance", packages["payment_methods"])
        self.assertFalse(packages["store_needed"])
        self.assertIn("demo", self.call("GET", "/cards")["payment_methods"])
        # Tiers that are not sold ask for no payment.
        self.assertEqual(self.call("GET", "/me/membership")["payment_methods"], [])
        self.tier_oolong.price = 99
        self.assertIn("demo", self.call("GET", "/me/membership")["payment_methods"])

    def test_store_balances_want_a_store(self):
        self.company.teahouse_balance_scope = "store"
        packages = self.call("GET", f"/balance/packages?store_id={self.store.id}")
        self.assertTrue(packages["store_needed"])

    def test_days_are_told_in_the_guests_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        mixin = self.env.ref(
            "teahouse_billing.selection__teahouse_days_mixin__day_type__any"
        )
        mixin.with_context(lang="zh_CN").name = "每天"
        product = self.product.with_context(lang="zh_CN")
        self.assertEqual(product.days_label, "每天")

    def test_a_wish_for_the_balance_reaches_the_office(self):
        self.ask(status=409)
        body = {"method": "demo", "scene": "page", "amount": "200.00"}
        self.call("POST", "/me/balance/top-ups", body, 201)

        self.assertEqual(self.ask(note="I move away"), {"received": True})

        lead = self.env["crm.lead"].search([], order="id desc", limit=1)
        self.assertIn("200", lead.description)
        self.assertIn("I move away", lead.description)
        # The wish itself moves nothing.
        self.assertEqual(self.call("GET", "/me/balance")["real"], "200.00")
