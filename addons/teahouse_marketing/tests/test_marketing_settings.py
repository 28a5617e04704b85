"""Owners set membership and marketing without being administrators."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MarketingCommon


@tagged("post_install", "-at_install")
class TestMarketingSettings(MarketingCommon):
    def test_owner_saves_with_a_trace(self):
        self.company.write({"teahouse_topup_min": 10, "teahouse_topup_max": 5000})
        settings = self.env["teahouse.marketing.settings"].with_user(self.user_owner)
        form = settings.create({})
        self.assertEqual(form.teahouse_topup_max, 5000)
        form.write({"teahouse_topup_min": 20, "teahouse_marketing_cap": 1})
        form.action_save()
        self.assertEqual(self.company.teahouse_topup_min, 20)
        self.assertEqual(self.company.teahouse_marketing_cap, 1)
        trace = self.env["teahouse.audit"].search(
            [("action", "=", "marketing.settings")], limit=1
        )
        self.assertEqual(trace.user_id, self.user_owner)

    def test_nobody_else(self):
        for role in ("manager", "accountant", "staff", "technician", "portal"):
            user = getattr(self, f"user_{role}")
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.env["teahouse.marketing.settings"].with_user(user).create({})
