from odoo.tests import HttpCase, tagged

from odoo.addons.teahouse_base.tests.common import TeahouseCommon


@tagged("post_install", "-at_install", "teahouse_books")
class TestSetupTour(TeahouseCommon, HttpCase):
    def test_an_owner_opens_a_store(self):
        company = self.env["res.company"].create({"name": "Lakeside Tea"})
        self.user_owner.write(
            {
                "lang": "en_US",
                "company_id": company.id,
                "company_ids": [(6, 0, company.ids)],
            }
        )
        self.start_tour(
            "/odoo/action-teahouse_base.teahouse_setup_action",
            "teahouse_open_store",
            login=self.user_owner.login,
        )
        store = self.env["teahouse.store"].search([("company_id", "=", company.id)])
        self.assertEqual(store.room_ids.mapped("name"), ["Pine", "Orchid"])
        tariffs = self.env["teahouse.tariff"].search([("company_id", "=", company.id)])
        self.assertEqual(
            {one.kind: one.price for one in tariffs},
            {"hourly": 0, "package": 140, "session": 180},
        )
