"""Export and erasure of what programs know of a person (security checklist, 30)."""

import json

from odoo.tests import tagged

from odoo.addons.teahouse_base.tests.common import TeahouseCommon


@tagged("post_install", "-at_install")
class TestMemberPrivacy(TeahouseCommon):
    def setUp(self):
        super().setUp()
        card = self.member._points_card(create=True)
        card._teahouse_move(30, "Welcome")
        self.lead = self.env["crm.lead"].create(
            {
                "name": "Event · Lu Yu",
                "contact_name": "Lu Yu",
                "phone": self.member.sudo().phone,
                "description": "A wedding of twenty",
            }
        )

    def test_security_30_export_tells_of_points_and_inquiries(self):
        export = self.member._export()
        text = json.dumps(export)
        self.assertEqual(export["membership"]["points"], 30)
        self.assertEqual(export["points_history"][0]["issued"], 30)
        self.assertIn("A wedding of twenty", text)
        self.assertFalse(self.member_2._export()["inquiries"])

    def test_security_30_erasure_takes_the_person_from_inquiries(self):
        self.member._erase()
        self.env.invalidate_all()
        values = str(self.lead.read(["name", "contact_name", "phone", "description"]))
        for word in ("Lu Yu", "wedding", "139"):
            self.assertNotIn(word, values)
        self.assertFalse(self.member._all_cards().filtered("active"))
        self.assertTrue(self.member._all_cards(), "the history of points stays")
