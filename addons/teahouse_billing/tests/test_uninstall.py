from odoo.tests import tagged

from ..hooks import uninstall_hook
from .money_common import MoneyCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestUninstall(MoneyCommon):
    def ours(self, model):
        names = self.env["ir.model.data"].search(
            [("module", "=", "teahouse_billing"), ("model", "=", model)]
        )
        return self.env[model].browse(names.mapped("res_id"))

    def test_what_others_refer_to_is_let_go_before_the_rest_is_removed(self):
        self.make_ended()
        self.make_ended(room=self.room_2)
        plans = self.ours("account.analytic.plan")
        templates = self.ours("teahouse.notification.template")
        self.assertTrue(plans.account_ids)
        messages = self.env["teahouse.notification"].sudo()
        domain = [("template_id", "in", templates.ids)]
        self.assertTrue(messages.search_count(domain))

        uninstall_hook(self.env)

        self.assertFalse(self.ours("account.analytic.plan").account_ids)
        self.assertEqual(plans.exists(), plans)
        self.assertFalse(messages.search_count(domain))
        templates.unlink()
