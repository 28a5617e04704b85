from odoo.tests import tagged

from odoo.addons.payment.tests.common import PaymentCommon

from ..const import GATEWAYS


@tagged("post_install", "-at_install")
class TestCommon(PaymentCommon):
    """Other providers are left alone; the gateways' own tests cover the rest."""

    def test_other_providers_stay_as_they_are(self):
        self.assertNotIn(self.provider.code, GATEWAYS)
        self.assertFalse(self.provider._is_chinese())
        self.assertIn(self.currency_usd, self.provider._get_supported_currencies())

        tx = self._create_transaction("direct", partner_name="Norbert")
        self.assertFalse(tx._is_chinese())
        self.assertTrue(tx.partner_name)
        values = {"reference": tx.reference}
        self.assertEqual(tx._get_specific_processing_values(values), {})

    def test_every_provider_is_encrypted_under_its_own_name(self):
        providers = self.env["payment.provider"].with_context(active_test=False)
        names = providers.search([]).mapped("encryption_uid")
        self.assertTrue(all(names))
        self.assertEqual(len(names), len(set(names)))

    def test_the_vacuum_passes_over_what_has_no_table(self):
        self.assertIsNone(self.env["payment.gateway.notification"]._gc_notifications())
