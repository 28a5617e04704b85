"""Login by WeChat and Alipay against stand-ins that check everything."""

from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import teahouse_platform_app
from ..tools.alipay import load_private_key, signed_part
from ..tools.platform import PlatformError
from .common import TeahouseHttpCommon
from .fakes import FakeAlipay, FakeWechat, pem
from .platform_common import PHONE, PlatformCommon

QUIET = mute_logger("odoo.addons.teahouse_base.tools.platform")


@tagged("post_install", "-at_install")
class TestWechatLogin(PlatformCommon):
    def test_a_newcomer_with_a_phone(self):
        self.wechat.codes["c1"], self.wechat.phones["p1"] = "openid-1", PHONE

        member, is_new = self.log_in("c1", "p1")

        self.assertTrue(is_new)
        self.assertEqual(member, self.env["teahouse.member"]._find_by_phone(PHONE))
        identity = member.identity_ids
        self.assertEqual(
            (identity.provider, identity.app_id, identity.subject),
            ("wechat", "wx-mini", "openid-1"),
        )
        paths = [path for path, _params in self.wechat.seen]
        self.assertEqual(
            paths,
            [
                "/sns/jscode2session",
                "/cgi-bin/stable_token",
                "/wxa/business/getuserphonenumber",
            ],
        )

    def test_the_same_person_again_asks_for_no_phone(self):
        self.wechat.codes.update(c1="openid-1", c2="openid-1")
        self.wechat.phones.update(p1=PHONE, p2=PHONE)
        member, _new = self.log_in("c1", "p1")
        self.wechat.seen.clear()

        again, is_new = self.log_in("c2", "p2")

        self.assertEqual((again, is_new), (member, False))
        self.assertEqual(len(self.wechat.seen), 1)

    def test_a_known_phone_gets_the_identity(self):
        known = self.make_member(phone=PHONE)
        self.wechat.codes["c1"], self.wechat.phones["p1"] = "openid-1", PHONE

        member, is_new = self.log_in("c1", "p1")

        self.assertEqual((member, is_new), (known, False))
        self.assertTrue(known.identity_ids)

    def test_without_a_phone_first_and_with_one_later(self):
        self.wechat.codes.update(c1="openid-1", c2="openid-1")
        self.wechat.phones["p2"] = PHONE
        member, is_new = self.log_in("c1")
        self.assertTrue(is_new)
        self.assertFalse(member.phone)

        again, is_new = self.log_in("c2", "p2")

        self.assertEqual((again, is_new), (member, False))
        self.assertEqual(member.phone, f"+86{PHONE}")

    def test_a_verified_phone_of_another_member_joins_both(self):
        known = self.make_member(phone=PHONE)
        self.wechat.codes.update(c1="openid-1", c2="openid-1", c3="openid-1")
        self.wechat.phones["p2"] = PHONE
        stray, _new = self.log_in("c1")
        token = self.make_token(stray)

        member, is_new = self.log_in("c2", "p2")

        self.assertEqual((member, is_new), (known, False))
        self.assertEqual(stray.merged_into_id, known)
        self.assertFalse(self.env["teahouse.session"]._resolve(token))
        self.assertEqual(self.log_in("c3")[0], known)

    def test_one_openid_at_two_applications_is_two_identities(self):
        self.wechat.codes["c1"] = "openid-1"
        member, _new = self.log_in("c1")
        account = FakeWechat("wx-oa", "oa-secret")
        self.addCleanup(account.close)
        account.codes["c1"] = "openid-1"
        self.point_at(account)

        other, is_new = self.log_in("c1", app="official_account")

        self.assertTrue(is_new)
        self.assertNotEqual(other, member)
        self.assertEqual(account.seen[0][0], "/sns/oauth2/access_token")

    def test_codes_are_good_once(self):
        self.wechat.codes["c1"] = "openid-1"
        self.log_in("c1")
        for code in ("c1", "never-given"):
            with self.assert_code("unauthenticated"):
                self.log_in(code)

    def test_a_bad_phone_code_registers_nobody(self):
        self.wechat.codes["c1"] = "openid-1"
        with self.assert_code("unauthenticated"), self.env.cr.savepoint():
            self.log_in("c1", "no-such-code")
        self.assertFalse(
            self.env["teahouse.identity"].search([("subject", "=", "openid-1")])
        )

    def test_a_phone_of_another_application_or_country_is_refused(self):
        for change in ({"watermark": "wx-other"}, {"country": "852"}):
            fake = FakeWechat("wx-mini", "mini-secret")
            self.addCleanup(fake.close)
            self.point_at(fake)
            vars(fake).update(change)
            fake.codes["c1"], fake.phones["p1"] = "openid-1", PHONE
            with self.assert_code("unauthenticated"):
                self.log_in("c1", "p1")

    def test_a_refused_access_token_is_renewed_once(self):
        self.wechat.codes.update(c1="o1", c2="o2", c3="o3")
        self.wechat.phones.update(p1="13911110001", p2="13911110002", p3="13911110003")
        self.log_in("c1", "p1")
        # Another process renewed it: asking without force is enough.
        self.wechat.expire_token(renewed=True)
        self.log_in("c2", "p2")
        self.assertEqual(self.wechat.tokens_made, 2)
        # WeChat still hands out the refused one: it is renewed by force.
        self.wechat.expire_token()
        self.log_in("c3", "p3")
        self.assertEqual(self.wechat.tokens_made, 3)

        forced = [
            params["force_refresh"]
            for path, params in self.wechat.seen
            if path == "/cgi-bin/stable_token"
        ]
        self.assertEqual(forced, [False, False, False, True])

    @QUIET
    def test_no_answer_and_junk(self):
        for fault in ("drop", "500", "junk", lambda answer: "[]", lambda answer: "{}"):
            self.wechat.codes["c1"] = "openid-1"
            self.wechat.spent.clear()
            self.wechat.faults = [fault]
            with self.assert_code("internal"):
                self.log_in("c1")

    def test_limits_and_risky_users_of_the_platform(self):
        for errcode, code in ((45011, "rate_limited"), (40226, "forbidden")):
            self.wechat.faults = [lambda answer, n=errcode: f'{{"errcode": {n}}}']
            with self.assert_code(code):
                self.log_in("c1")

    def test_a_replayed_request_does_not_spend_the_code_twice(self):
        self.wechat.codes["c1"] = "openid-1"
        replayed = SimpleNamespace()
        with patch.object(teahouse_platform_app, "request", replayed):
            with self.env.cr.savepoint() as savepoint:
                self.log_in("c1")
                savepoint.rollback()
            self.env.invalidate_all()
            member, is_new = self.log_in("c1")
        self.assertTrue(member and is_new)
        self.assertEqual(len(self.wechat.seen), 1)

    @QUIET
    def test_secrets_are_not_in_logs(self):
        self.wechat.faults = ["drop", "500"]
        with self.assertLogs("odoo.addons.teahouse_base.tools.platform") as logs:
            for _fault in range(2):
                with self.assert_code("internal"):
                    self.log_in("c1")
        self.assertNotIn("mini-secret", str(logs.output))
        self.assertNotIn("js_code", str(logs.output))

    def test_secrets_are_for_administrators_and_encrypted(self):
        with self.assertRaises(AccessError):
            self.mini_program.with_user(self.user_owner).read(["app_id"])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT secret, private_key FROM teahouse_platform_app WHERE active"
        )
        self.assertNotIn("secret'", str(self.env.cr.fetchall()).replace("-", ""))
        self.env.cr.execute(
            "SELECT count(*) FROM teahouse_platform_app"
            " WHERE secret LIKE '%mini-secret%' OR private_key LIKE '%PRIVATE%'"
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        with self.assertRaises(ValidationError):
            self.env["teahouse.platform.app"].create(
                {"kind": "mini_program", "app_id": "x", "active": False}
            )

    def test_not_set_up(self):
        self.mini_program.active = False
        with self.assert_code("invalid_request"):
            self.log_in("c1")


@tagged("post_install", "-at_install")
class TestAlipayLogin(PlatformCommon):
    def enter(self, code="a1"):
        sessions = self.env["teahouse.session"].with_user(self.user_public)
        return sessions._grant_alipay(self.body(auth_code=code), None)

    def test_login(self):
        self.alipay.codes.update(a1="alipay-open-1", a2="alipay-open-1")
        member, is_new = self.enter("a1")
        self.assertTrue(is_new)
        self.assertEqual(member.identity_ids.provider, "alipay")
        self.assertEqual(self.enter("a2"), (member, False))

    def test_used_and_unknown_codes(self):
        self.alipay.codes["a1"] = "alipay-open-1"
        self.enter("a1")
        for code in ("a1", "never-given"):
            with self.assert_code("unauthenticated"):
                self.enter(code)

    def test_an_answer_that_alipay_did_not_sign(self):
        self.alipay.codes.update(a1="open-1", a2="open-2")
        self.alipay.signing_key = FakeAlipay.app_key
        with self.assert_code("internal"):
            self.enter("a1")
        self.alipay.signing_key = FakeAlipay.alipay_key
        self.alipay.faults = [lambda answer: answer.replace("open-2", "open-3")]
        with self.assert_code("internal"):
            self.enter("a2")

    @QUIET
    def test_no_answer(self):
        for fault in ("drop", "500", "junk"):
            self.alipay.faults = [fault]
            with self.assert_code("internal"):
                self.enter("a1")

    def test_a_request_signed_with_another_key_is_refused(self):
        self.alipay.codes["a1"] = "open-1"
        self.alipay_app.private_key = pem(FakeAlipay.alipay_key, private=True)
        with self.assert_code("internal"):
            self.enter("a1")

    def test_keys_as_bare_base64(self):
        bare = "".join(pem(FakeAlipay.app_key, private=True).splitlines()[1:-1])
        self.assertEqual(
            load_private_key(bare).private_numbers(),
            FakeAlipay.app_key.private_numbers(),
        )
        with self.assertRaises(ValidationError):
            self.alipay_app.public_key = "nonsense"

    def test_the_signed_part_is_found_exactly(self):
        text = '{"a_response": {"x":"}\\"{", "y": [1 , 2]} , "sign":"s"}'
        self.assertEqual(signed_part(text, "a_response"), '{"x":"}\\"{", "y": [1 , 2]}')
        with self.assertRaises(ValueError):
            signed_part(text, "b_response")
        self.assertEqual(PlatformError(40029).code, "40029")


@tagged("post_install", "-at_install")
class TestPlatformApi(PlatformCommon, TeahouseHttpCommon):
    def test_login_over_http_shows_no_secret(self):
        self.wechat.codes["c1"], self.wechat.phones["p1"] = "openid-1", PHONE
        response = self.api(
            "POST",
            "/auth/sessions",
            {
                "grant": "wechat",
                "app": "mini_program",
                "code": "c1",
                "phone_code": "p1",
                "consent_version": "1",
            },
        )
        self.assertEqual(response.status_code, 200, response.text)
        for secret in ("SK-secret", "mini-secret", "openid-1", "token-1", PHONE):
            self.assertNotIn(secret, response.text)
        token = response.json()["token"]
        listed = self.api("GET", "/me/identities", token=token)
        self.assertEqual(listed.json()["items"][0]["app_id"], "wx-mini")
        self.assertNotIn("openid-1", listed.text)

    def test_binding_over_http(self):
        self.alipay.codes.update(a1="open-1", a2="open-1", a3="open-1")
        body = {"provider": "alipay", "auth_code": "a1"}
        path = "/me/identities"
        bound = self.api("POST", path, body, member=self.member)
        self.assertEqual(bound.status_code, 201, bound.text)
        again = self.api("POST", path, {**body, "auth_code": "a2"}, member=self.member)
        self.assertEqual(again.json()["id"], bound.json()["id"])
        taken = self.api(
            "POST", path, {**body, "auth_code": "a3"}, member=self.member_2
        )
        self.assertEqual(taken.json()["code"], "invalid_request")
        used = self.api("POST", path, body, member=self.member)
        self.assertEqual(used.json()["errors"][0]["field"], "auth_code")

    def test_a_web_page_asks_wechat_who_its_user_is(self):
        path = "/auth/authorization?app=official_account&path=/teahouse/app%23/me"
        found = self.api("GET", path).json()
        url = urlsplit(found["url"])
        self.assertEqual(url.netloc, "open.weixin.qq.com")
        self.assertEqual(url.fragment, "wechat_redirect")
        words = dict(parse_qsl(url.query))
        back = f"{self.env['teahouse.platform.app'].get_base_url()}/teahouse/app#/me"
        self.assertEqual(words["redirect_uri"], back)
        self.assertEqual((words["appid"], words["scope"]), ("wx-oa", "snsapi_base"))
        self.assertEqual(words["state"], found["state"])
        self.assertGreaterEqual(len(found["state"]), 20)
        again = self.api("GET", path).json()
        self.assertNotEqual(again["state"], found["state"])
        # The code that comes back opens a session.
        self.wechat.close()
        fake = FakeWechat("wx-oa", "oa-secret")
        self.addCleanup(fake.close)
        self.point_at(fake)
        fake.codes["c1"] = "openid-oa"
        body = {"grant": "wechat", "app": "official_account", "code": "c1"}
        opened = self.api("POST", "/auth/sessions", {**body, "consent_version": "1"})
        self.assertEqual(opened.status_code, 200, opened.text)

    def test_a_web_page_asks_alipay_who_its_user_is(self):
        found = self.api("GET", "/auth/authorization?app=alipay").json()
        words = dict(parse_qsl(urlsplit(found["url"]).query))
        self.assertEqual(words["app_id"], self.alipay_app.app_id)
        self.assertEqual(words["scope"], "auth_base")
        self.assertTrue(words["redirect_uri"].endswith("/teahouse/app"))

    def test_security_43_no_way_back_but_to_the_app(self):
        for path in ("https://evil.test", "//evil.test", "/web", "/teahouse/apps"):
            query = f"/auth/authorization?app=alipay&path={path}"
            refused = self.api("GET", query)
            self.assertEqual(refused.status_code, 422, path)
            self.assertEqual(refused.json()["errors"][0]["field"], "path")
        self.official.active = False
        refused = self.api("GET", "/auth/authorization?app=official_account")
        self.assertEqual(refused.json()["errors"][0]["field"], "app")
