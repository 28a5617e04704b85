"""Items of the security checklist that no other test is named after."""

import json
import re
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import config, file_path

from ..tools import alipay, sms_aliyun, sms_tencent, wechat
from ..tools.passwords import common_passwords, password_problem
from .platform_common import PHONE, PlatformCommon


@tagged("post_install", "-at_install")
class TestSecurity(PlatformCommon):
    def test_security_07_the_three_thousand_most_common_passwords(self):
        self.assertGreaterEqual(len(common_passwords()), 3000)
        for password in ("Football", "trustno1", "woaini1314", "samantha1"):
            self.assertEqual(password_problem(password), "common")
        self.assertIsNone(password_problem("camellia sinensis"))

    def test_security_12_identities_are_told_apart_by_application(self):
        identities = self.env["teahouse.identity"]
        first = identities._bind(self.member, self.mini_program, "same")
        second = identities._bind(self.member_2, self.official, "same")
        self.assertEqual(identities._find(self.mini_program, "same"), first)
        self.assertEqual(identities._find(self.official, "same"), second)

    def test_security_12_an_unverified_phone_joins_nobody(self):
        known = self.make_member(phone=PHONE)
        self.wechat.codes["c1"], self.wechat.phones["p1"] = "openid-1", PHONE
        self.wechat.watermark = "wx-of-somebody-else"
        with self.assert_code("unauthenticated"), self.env.cr.savepoint():
            self.log_in("c1", "p1")
        self.assertFalse(known.identity_ids)

    def test_security_13_session_keys_are_kept_nowhere(self):
        self.wechat.codes["c1"] = "openid-1"
        member, _new = self.log_in("c1")
        self.env.flush_all()
        for table in ("teahouse_identity", "teahouse_member", "teahouse_audit"):
            self.env.cr.execute(f"SELECT coalesce(jsonb_agg(t), '[]') FROM {table} t")
            kept = json.dumps(self.env.cr.fetchone()[0])
            self.assertNotIn("SK-secret", kept)
            self.assertNotIn("openid-1", kept)
        self.assertNotIn("SK-secret", json.dumps(member._export(), default=str))

    def test_security_25_blind_indexes_are_unique_and_keyed(self):
        index = self.member.sudo().phone_index
        self.assertRegex(index, r"^[0-9a-f]{64}$")
        mixin = self.env["field.encrypted.mixin"]
        for model, field in (("teahouse.member", "x"), ("res.partner", "phone")):
            other = mixin._blind_index("teahouse.member", "phone", f"{model}{field}")
            self.assertNotEqual(other, index)

    def test_security_31_old_data_goes(self):
        session, _token = self.env["teahouse.session"]._open(self.member)
        session.expires_at = fields.Datetime.subtract(fields.Datetime.now(), days=31)
        self.env["teahouse.session"]._gc_ended()
        self.assertFalse(session.exists())

    def test_security_45_secrets_are_for_administrators(self):
        names = {
            "teahouse.platform.app": ("secret", "private_key"),
            "teahouse.sms.account": ("key_secret",),
        }
        for model, secrets in names.items():
            for user in self.users.values():
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).check_access("read")
            for name in secrets:
                field = self.env[model]._fields[name]
                self.assertEqual(field.groups, "base.group_system")
                self.assertEqual(field.type, "char")
                self.assertFalse(field.copy)

    def test_security_45_a_copied_database_reaches_nobody(self):
        text = Path(file_path("teahouse_base/data/neutralize.sql")).read_text()
        for table in ("teahouse_platform_app", "teahouse_sms_account"):
            self.assertRegex(text, rf"UPDATE {table} SET active = false")
        self.env.cr.execute(text)
        self.env.invalidate_all()
        self.assertFalse(self.env["teahouse.platform.app"].search([]))
        self.assertFalse(self.company._teahouse_sms_account())

    def test_security_46_hosts_are_fixed(self):
        """Nothing in the database moves where secrets are sent."""
        found = {
            module: (module.URL_OPTION, url)
            for module, url in (
                (wechat, wechat.API_URL),
                (alipay, alipay.GATEWAY_URL),
                (sms_aliyun, sms_aliyun.API_URL),
                (sms_tencent, sms_tencent.API_URL),
            )
        }
        for option, url in found.values():
            self.assertTrue(url.startswith("https://"))
            self.env["ir.config_parameter"].set_param(option, "https://evil.test")
        with patch.dict(config.options, dict.fromkeys(o for o, _u in found.values())):
            self.assertEqual(
                self.mini_program._client().base_url, "https://api.weixin.qq.com"
            )
            self.assertTrue(re.match(alipay.GATEWAY_URL, self.alipay_app._client().url))
