import base64
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestDocuments(MoneyCommon):
    def rendered(self):
        """Replace the renderer by one that counts."""
        calls = []

        def render(_report, *_args, **_kwargs):
            calls.append(1)
            return f"%PDF {len(calls)}".encode(), "pdf"

        model = self.registry["ir.actions.report"]
        self.startPatcher(patch.object(model, "_render_qweb_pdf", render))
        return calls

    def test_settled_bill_is_rendered_once_until_its_money_changes(self):
        calls = self.rendered()
        booking = self.make_paid()
        self.assertNotEqual(booking._bill_pdf(), booking._bill_pdf())
        self.end_use(booking)
        calls.clear()

        first = booking._bill_pdf()
        self.assertEqual(booking._bill_pdf(), first)
        self.assertEqual(len(calls), 1)
        self.env["res.lang"]._activate_lang("zh_CN")
        booking.with_context(lang="zh_CN")._bill_pdf()
        self.assertEqual(len(calls), 2)

        booking._adjust(-6, "spilt tea")
        self.assertNotEqual(booking._bill_pdf(), first)
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", "teahouse.booking"), ("res_id", "=", booking.id)]
        )
        self.assertEqual(len(kept), 2)

    def wish(self, booking):
        return self.env["teahouse.invoice.request"].create(
            {
                "booking_id": booking.id,
                "title": "杭州清茶有限公司",
                "tax_number": "91330100MA27X0000X",
                "email": "books@example.com",
            }
        )

    def mails(self):
        return self.env["mail.mail"].search([("email_to", "=", "books@example.com")])

    def test_tax_invoice_goes_out_by_mail_as_pdf(self):
        self.rendered()
        wish = self.wish(self.make_ended())
        self.assertFalse(self.mails())
        wish.document = base64.b64encode(b"%PDF fapiao")
        wish.document_name = "fapiao.pdf"
        wish.number = "25332000000012345678"
        wish.action_issued()

        mail = self.mails()
        self.assertEqual(mail.attachment_ids.mapped("name"), ["fapiao.pdf"])
        self.assertEqual(mail.attachment_ids.raw, b"%PDF fapiao")
        self.assertTrue(mail.auto_delete)
        self.assertTrue(wish.delivered_at)
        wish.action_issued()
        self.assertEqual(len(self.mails()), 1)
        wish.action_deliver()
        self.assertEqual(len(self.mails()), 2)

    def test_without_a_document_the_bill_goes_out(self):
        self.rendered()
        wish = self.wish(self.make_ended())
        wish.action_issued()

        self.assertTrue(self.mails().attachment_ids.raw.startswith(b"%PDF"))

    def test_service_issues_what_is_settled(self):
        settled, open_ = self.make_ended(), self.make_paid(room=self.room_2)
        wishes = self.wish(settled) | self.wish(open_)
        answers = [ValueError("busy"), None, ("2533", b"%PDF of the service")]

        def issue(_request):
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        model = self.registry["teahouse.invoice.request"]
        self.env.cr.execute(
            "UPDATE res_company SET teahouse_einvoice_service = 'test' WHERE id = %s",
            (settled.company_id.id,),
        )
        self.env.invalidate_all()
        logger = "odoo.addons.teahouse_billing.models.teahouse_invoice_issue"
        with (
            patch.object(model, "_issue_test", issue, create=True),
            patch.object(self.env.cr, "commit"),
            mute_logger(logger),
        ):
            for problem in ("busy", "busy", False):
                self.env["teahouse.invoice.request"]._cron_issue()
                self.assertEqual(wishes[0].problem, problem)

        self.assertEqual(wishes.mapped("state"), ["issued", "requested"])
        self.assertEqual(wishes[0].number, "2533")
        self.assertEqual(self.mails().attachment_ids.raw, b"%PDF of the service")
