from odoo.tests import tagged

from odoo.addons.teahouse_base.tests.common import TeahouseHttpCommon


@tagged("post_install", "-at_install")
class TestInquiry(TeahouseHttpCommon):
    def inquire(self, **values):
        body = {
            "kind": "event",
            "name": "Bai Juyi",
            "phone": "13800009999",
            "message": "Tea for 30",
            **values,
        }
        return self.api("POST", "/inquiries", body)

    def test_inquiry_becomes_a_lead_of_the_store_with_its_source(self):
        response = self.inquire(store_id=self.store.id)

        self.assertEqual(response.status_code, 201, response.text)
        lead = self.env["crm.lead"].search([("contact_name", "=", "Bai Juyi")])
        self.assertEqual(lead.type, "lead")
        self.assertEqual(lead.company_id, self.store.company_id)
        self.assertEqual(
            lead.source_id, self.env.ref("teahouse_marketing.utm_source_app")
        )
        self.assertEqual(lead.phone, "+8613800009999")

    def test_wrong_phone_and_unknown_store_are_told(self):
        cases = [
            ({"phone": "12345678"}, 422, "invalid_request"),
            ({"kind": "party"}, 422, "invalid_request"),
            ({"store_id": 2**31 - 1}, 404, "not_found"),
        ]
        for values, status, code in cases:
            with self.subTest(values):
                response = self.inquire(**values)
                self.assertEqual(response.status_code, status)
                self.assertEqual(response.json()["code"], code)
        self.assertFalse(
            self.env["crm.lead"].search([("contact_name", "=", "Bai Juyi")])
        )
