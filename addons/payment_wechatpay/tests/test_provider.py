from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import WechatpayCommon
from .fake_wechatpay import API_V3_KEY, key_pair

SECRETS = ("wechatpay_private_key", "wechatpay_api_v3_key", "wechatpay_platform_key")


@tagged("post_install", "-at_install")
class TestProvider(WechatpayCommon):
    def test_secrets_lie_encrypted_and_are_for_administrators(self):
        self.provider.flush_recordset()
        self.env.cr.execute(
            "SELECT wechatpay_private_key, wechatpay_api_v3_key FROM payment_provider "
            "WHERE id = %s",
            [self.provider.id],
        )
        stored = "".join(self.env.cr.fetchone())

        self.assertNotIn(API_V3_KEY, stored)
        self.assertNotIn("PRIVATE KEY", stored)
        self.assertEqual(self.provider.wechatpay_api_v3_key, API_V3_KEY)
        shown = self.provider.with_user(self.internal_user).fields_get()
        self.assertFalse(set(SECRETS) & set(shown))

    def test_copy_for_another_company_takes_no_secrets(self):
        copy = self.provider.copy()

        self.assertFalse(any(copy[name] for name in SECRETS))
        self.assertNotEqual(copy.encryption_uid, self.provider.encryption_uid)

    def test_unusable_keys_are_refused(self):
        for vals in (
            {"wechatpay_private_key": "no key"},
            {"wechatpay_private_key": key_pair("merchant")[2]},
            {"wechatpay_platform_key": "no key"},
            {"wechatpay_api_v3_key": "short"},
        ):
            with self.assertRaises(ValidationError, msg=vals):
                self.provider.write(vals)

    def test_provider_takes_yuan_and_refunds_parts(self):
        self.assertEqual(
            self.provider._get_supported_currencies().mapped("name"), ["CNY"]
        )
        self.assertEqual(self.provider.support_refund, "partial")
        self.assertEqual(
            self.provider._get_default_payment_method_codes(), {"wechat_pay"}
        )

    def test_notification_address_carries_no_query(self):
        url = self.provider.wechatpay_notify_url

        self.assertTrue(url.endswith(f"/payment/wechatpay/notify/{self.provider.id}"))
        self.assertFalse(self.dummy_provider.wechatpay_notify_url)

    def test_neutralized_database_takes_no_money(self):
        self.env.flush_all()
        with open(self._neutralize_path()) as script:
            self.env.cr.execute(script.read())
        self.provider.invalidate_recordset()

        self.assertFalse(any(self.provider[name] for name in SECRETS))
        self.assertEqual(self._receive(({}, b"{}"))[0], 404)

    @staticmethod
    def _neutralize_path():
        from odoo.tools.misc import file_path

        return file_path("payment_wechatpay/data/neutralize.sql")
