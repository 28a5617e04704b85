"""Fixtures with stand-ins for the platforms in their place."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo.tools import config

from ..tools import wechat
from .common import TeahouseCommon
from .fakes import FakeAlipay, FakeWechat, pem

PHONE = "13911113333"


class PlatformCommon(TeahouseCommon):
    """A mini-program, an official account and an Alipay application, all fake."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        apps = cls.env["teahouse.platform.app"]
        apps.search([]).active = False
        cls.mini_program = apps.create(
            {"kind": "mini_program", "app_id": "wx-mini", "secret": "mini-secret"}
        )
        cls.official = apps.create(
            {"kind": "official_account", "app_id": "wx-oa", "secret": "oa-secret"}
        )
        cls.alipay_app = apps.create(
            {
                "kind": "alipay",
                "app_id": FakeAlipay.app_id,
                "private_key": pem(FakeAlipay.app_key, private=True),
                "public_key": pem(FakeAlipay.alipay_key),
            }
        )

    def setUp(self):
        super().setUp()
        if not type(self)._registry_patched:
            self.registry_enter_test_mode()
        wechat._tokens.clear()
        self.wechat = FakeWechat("wx-mini", "mini-secret")
        self.addCleanup(self.wechat.close)
        self.alipay = FakeAlipay()
        self.addCleanup(self.alipay.close)
        self.point_at(self.wechat)
        options = {"teahouse_alipay_api_url": f"{self.alipay.url}/gateway.do"}
        self.startPatcher(patch.dict(config.options, options))

    def point_at(self, fake):
        options = {"teahouse_wechat_api_url": fake.url}
        self.startPatcher(patch.dict(config.options, options))

    def body(self, **values):
        """Return a body of a login or binding."""
        fields = ("app", "code", "auth_code", "phone_code", "consent_version")
        return SimpleNamespace(**{**dict.fromkeys(fields), **values})

    def log_in(self, code="c1", phone_code=None, app="mini_program"):
        """Log in by WeChat; returns the member (sudo), and whether it is new."""
        sessions = self.env["teahouse.session"].with_user(self.user_public)
        body = self.body(app=app, code=code, phone_code=phone_code)
        return sessions._grant_wechat(body, "192.0.2.1")

    def bind(self, member, code="c1"):
        identities = self.as_member("teahouse.identity", member)
        return identities._bind_wechat(member, self.body(app="mini_program", code=code))
