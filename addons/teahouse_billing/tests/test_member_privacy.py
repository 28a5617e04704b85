"""Export and erasure of what money tells about a person (security checklist, 30)."""

import json

from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestMemberPrivacy(MoneyCommon):
    def setUp(self):
        super().setUp()
        self.booking = self.make_ended(amount=125)
        self.wish = self.env["teahouse.invoice.request"].create(
            {
                "booking_id": self.booking.id,
                "title": "Lu Yu",
                "tax_number": "110101",
                "email": "lu@example.com",
            }
        )

    def test_security_30_export_tells_of_money(self):
        export = self.member._export()
        json.dumps(export)
        (stay,) = export["bookings"]
        self.assertEqual(stay["amount_total"], "125.00")
        self.assertEqual(stay["lines"][0]["amount"], "125.00")
        self.assertEqual(export["payments"][0]["amount"], "125.00")
        self.assertEqual(export["payments"][0]["state"], "done")
        self.assertEqual(export["invoices"][0]["number"], self.booking.invoice_ids.name)
        self.assertEqual(export["invoice_requests"][0]["email"], "lu@example.com")
        nothing = self.member_2._export()
        self.assertFalse(nothing["payments"] or nothing["invoices"])

    def test_security_30_erasure_keeps_the_books_without_the_person(self):
        invoice = self.booking.invoice_ids
        self.member._erase()
        self.env.invalidate_all()
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", 125))
        self.assertEqual(invoice.partner_id, self.member.partner_id)
        self.assertEqual(self.booking.settlement_state, "settled")
        for text in (invoice.invoice_partner_display_name, invoice.display_name):
            self.assertNotIn("Lu Yu", text)
        self.assertEqual(self.wish.title, "-")
        self.assertFalse(self.wish.email or self.wish.tax_number)

    def test_security_30_an_issued_tax_invoice_keeps_its_title(self):
        self.wish.write({"state": "issued", "number": "1234"})
        self.member._erase()
        self.assertEqual(self.wish.title, "Lu Yu")
        self.assertFalse(self.wish.email)
