from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.misc import file_path

from .common import AlipayCommon
from .fake_alipay import key_pair

SECRETS = ("alipay_private_key", "alipay_public_key")


@tagged("post_install", "-at_install")
class TestProvider(AlipayCommon):
    def test_secrets_lie_encrypted_and_are_for_administrators(self):
        self.provider.flush_recordset()
        self.env.cr.execute(
            "SELECT alipay_private_key FROM payment_provider WHERE id = %s",
            [self.provider.id],
        )

        self.assertNotIn("PRIVATE KEY", self.env.cr.fetchone()[0])
        self.assertIn("PRIVATE KEY", self.provider.alipay_private_key)
        shown = self.provider.with_user(self.internal_user).fields_get()
        self.assertFalse(set(SECRETS) & set(shown))

    def test_copy_for_another_company_takes_no_secrets(self):
        copy = self.provider.copy()

        self.assertFalse(any(copy[name] for name in SECRETS))
        self.assertNotEqual(copy.encryption_uid, self.provider.encryption_uid)

    def test_unusable_keys_are_refused(self):
        for vals in (
            {"alipay_private_key": "no key"},
            {"alipay_private_key": key_pair("application")[2]},
            {"alipay_public_key": "no key"},
        ):
            with self.assertRaises(ValidationError, msg=vals):
                self.provider.write(vals)

    def test_provider_takes_yuan_and_refunds_parts(self):
        currencies = self.provider._get_supported_currencies()
        self.assertEqual(currencies.mapped("name"), ["CNY"])
        self.assertEqual(self.provider.support_refund, "partial")
        self.assertEqual(self.provider._get_default_payment_method_codes(), {"alipay"})
        url = self.provider.alipay_notify_url
        self.assertTrue(url.endswith(f"/payment/alipay/notify/{self.provider.id}"))

    def test_neutralized_database_takes_no_money(self):
        self.env.flush_all()
        with open(file_path("payment_alipay/data/neutralize.sql")) as script:
            self.env.cr.execute(script.read())
        self.provider.invalidate_recordset()

        self.assertFalse(any(self.provider[name] for name in SECRETS))
        self.assertEqual(self._receive(b""), 404)
