from datetime import timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.exceptions import AccessError
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
        lead = self.env["crm.lead"].search([("contact_name", "=", "B***")])
        self.assertEqual(lead.type, "lead")
        self.assertEqual(lead.company_id, self.store.company_id)
        self.assertEqual(
            lead.source_id, self.env.ref("teahouse_marketing.utm_source_app")
        )
        self.assertFalse(lead.phone)
        self.assertEqual(lead.teahouse_inquiry_ids.phone, "+8613800009999")
        self.assertNotIn("0009", lead.teahouse_phone_masked)

    def test_neither_name_nor_number_lies_in_clear(self):
        self.inquire()
        self.env.flush_all()
        for table in ("crm_lead", "teahouse_inquiry", "mail_message"):
            query = f"SELECT row_to_json(t)::text FROM {table} t"  # noqa: S608
            self.env.cr.execute(query)
            text = str(self.env.cr.fetchall())
            self.assertNotIn("13800009999", text)
            self.assertNotIn("Bai Juyi", text)

    def test_number_is_shown_with_a_right_and_leaves_a_trace(self):
        self.inquire()
        lead = self.env["crm.lead"].search([("contact_name", "=", "B***")])
        reveal = self.env.ref("teahouse_base.teahouse_base_group_reveal")
        self.user_manager.group_ids -= reveal
        with self.assertRaises(AccessError):
            lead.with_user(self.user_manager).action_teahouse_reveal()
        self.user_manager.group_ids += reveal
        shown = lead.with_user(self.user_manager).action_teahouse_reveal()
        self.assertIn("+8613800009999", shown["params"]["message"])
        trace = self.env["teahouse.audit"].search([("action", "=", "inquiry.reveal")])
        self.assertEqual(trace[:1].user_id, self.user_manager)

    def test_a_number_asks_a_few_times_only(self):
        body = SimpleNamespace(
            phone="13800008888", name="Du Fu", kind="other", message="", store_id=None
        )
        leads = self.env["crm.lead"]
        for _i in range(3):
            leads._teahouse_inquire(body)
        with self.assert_code("rate_limited"):
            leads._teahouse_inquire(body)

    def test_older_leads_are_sealed(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Event · Li Bai",
                "contact_name": "Li Bai",
                "phone": "+8613800007777",
                "source_id": self.env.ref("teahouse_marketing.utm_source_app").id,
            }
        )
        for _i in range(2):
            self.env["crm.lead"]._teahouse_seal_phones()
        self.assertFalse(lead.phone)
        self.assertEqual(lead.name, "Event · L***")
        self.assertEqual(lead.teahouse_inquiry_ids.phone, "+8613800007777")

    def test_won_leads_become_stores_and_bookings(self):
        self.inquire(kind="franchise")
        lead = self.env["crm.lead"].search([("contact_name", "=", "B***")])
        opened = lead.with_user(self.user_owner).action_teahouse_make_store()
        lead.with_user(self.user_owner).action_teahouse_make_store()
        self.assertEqual(opened["res_id"], lead.teahouse_store_id.id)
        self.assertEqual(lead.teahouse_store_id.state, "paused")
        self.assertTrue(lead.stage_id.is_won)

        start = fields.Datetime.now() + timedelta(days=2)
        booking = self.env["teahouse.booking"].create(
            {
                "room_id": self.room.id,
                "start": start,
                "end": start + timedelta(hours=2),
            }
        )
        lead.action_teahouse_link_booking(booking.id)
        self.assertEqual(lead.teahouse_booking_ids, booking)

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
        self.assertFalse(self.env["crm.lead"].search([("contact_name", "=", "B***")]))
