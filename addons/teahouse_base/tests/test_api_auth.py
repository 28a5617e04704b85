import json
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import PASSWORD
from .test_api_frame import ApiFrameCommon

PHONE = "13812340001"
OTHER_PHONE = "13812340002"


class AuthCommon(ApiFrameCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member_1 = cls.make_member(PHONE, name="Cha Sheng", password=PASSWORD)

    def last_code(self, purpose):
        """Return the code of the newest SMS, as the person's phone shows it."""
        row = (
            self.env["teahouse.notification"]
            .sudo()
            .search([("template_id.code", "=", f"otp_{purpose}")], limit=1)
        )
        return json.loads(row.params)["code"]

    def ask_code(self, phone=PHONE, purpose="login"):
        response = self.api(
            "POST", "/auth/sms-codes", {"phone": phone, "purpose": purpose}
        )
        self.assertEqual(response.status_code, 202, response.text)
        return self.last_code(purpose)

    def login(self, **values):
        body = {"grant": "password", "phone": PHONE, "password": PASSWORD, **values}
        return self.api("POST", "/auth/sessions", body)


@tagged("post_install", "-at_install")
class TestAuth(AuthCommon):
    def test_password_opens_a_session(self):
        response = self.login()

        self.assertEqual(response.status_code, 200, response.text)
        values = response.json()
        self.assertFalse(values["is_new"])
        self.assertEqual(values["member"]["name"], "Cha Sheng")
        self.assertEqual(values["member"]["phone"], "138****0001")
        me = self.api("GET", "/me", token=values["token"])
        self.assertEqual(me.json()["id"], self.member_1.id)

    def test_code_opens_a_session_once(self):
        code = self.ask_code()
        body = {"grant": "sms", "phone": PHONE, "code": code}

        first = self.api("POST", "/auth/sessions", body)
        again = self.api("POST", "/auth/sessions", body)

        self.assertEqual(first.status_code, 200, first.text)
        self.assertFalse(first.json()["is_new"])
        self.assert_problem(again, 401, "unauthenticated")

    def test_code_registers_an_unknown_phone(self):
        code = self.ask_code(OTHER_PHONE)
        response = self.api(
            "POST",
            "/auth/sessions",
            {
                "grant": "sms",
                "phone": OTHER_PHONE,
                "code": code,
                "consent_version": "2026-11",
            },
        )

        self.assertTrue(response.json()["is_new"])
        self.assertEqual(response.json()["member"]["consent_version"], "2026-11")
        self.assertTrue(self.env["teahouse.member"]._find_by_phone(OTHER_PHONE))

    def test_fields_must_fit_the_grant(self):
        for values, field in (
            ({"grant": "sms"}, "code"),
            ({"grant": "password", "phone": PHONE}, "password"),
            ({"grant": "password", "password": "x"}, "phone"),
            ({"grant": "magic"}, "grant"),
            (
                {"grant": "password", "phone": PHONE, "password": "x", "app": "x"},
                "app",
            ),
            (
                {"grant": "password", "phone": PHONE, "password": "x", "code": "1"},
                "code",
            ),
        ):
            with self.subTest(values=values):
                response = self.api(
                    "POST",
                    "/auth/sessions",
                    {"phone": PHONE, **values}
                    if values.get("grant") == "sms"
                    else values,
                )
                self.assert_problem(response, 422, "invalid_request", field)

    def test_grants_that_are_not_set_up_are_refused(self):
        for values in (
            {"grant": "wechat", "app": "mini_program", "code": "abc"},
            {"grant": "alipay", "auth_code": "abc"},
        ):
            response = self.api("POST", "/auth/sessions", values)
            self.assert_problem(response, 422, "invalid_request", "grant")

    def test_renewal_moves_the_end(self):
        token = self.login().json()["token"]
        with freeze_time(fields.Datetime.now() + timedelta(days=10)):
            response = self.api("POST", "/auth/sessions/current/renewal", token=token)
        self.assertEqual(response.status_code, 200, response.text)
        end = fields.Datetime.now() + timedelta(days=40)
        session = self.env["teahouse.session"]._resolve(token)
        self.assertAlmostEqual(session.expires_at, end, delta=timedelta(minutes=5))

    def test_any_change_keeps_the_session_alive_and_no_look_does(self):
        token = self.login().json()["token"]
        session = self.env["teahouse.session"]._resolve(token)
        before = session.expires_at
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.api("GET", "/me", token=token)
            session.invalidate_recordset()
            self.assertEqual(session.expires_at, before)
            self.api("PATCH", "/me", {"name": "Cha"}, token=token)
        session.invalidate_recordset()
        self.assertGreater(session.expires_at, before + timedelta(days=1))

    def test_devices_are_listed_and_ended(self):
        tokens = [self.login().json()["token"] for _index in range(3)]
        listed = self.api("GET", "/auth/sessions", token=tokens[0]).json()["items"]
        self.assertEqual(len(listed), 3)
        self.assertEqual([item["current"] for item in listed].count(True), 1)

        other = next(item for item in listed if not item["current"])
        path = f"/auth/sessions/{other['id']}"
        self.assertEqual(self.api("DELETE", path, token=tokens[0]).status_code, 204)
        again = self.api("DELETE", path, token=tokens[0])
        self.assert_problem(again, 404, "not_found")
        foreign = self.api("DELETE", path, member=self.member_2)
        self.assert_problem(foreign, 404, "not_found")

        logout = self.api("DELETE", "/auth/sessions/current", token=tokens[0])
        self.assertEqual(logout.status_code, 204)
        self.assertEqual(logout.content, b"")
        self.assert_problem(
            self.api("GET", "/me", token=tokens[0]), 401, "unauthenticated"
        )

    def test_logout_everywhere(self):
        tokens = [self.make_token(self.member_1) for _device in range(3)]
        other = self.make_token(self.member_2)
        answer = self.api("DELETE", "/auth/sessions", token=tokens[0])
        self.assertEqual(answer.status_code, 204)
        for token in tokens:
            self.assertEqual(self.api("GET", "/me", token=token).status_code, 401)
        self.assertEqual(self.api("GET", "/me", token=other).status_code, 200)

    def test_password_is_set_by_code_and_ends_sessions(self):
        token = self.login().json()["token"]
        code = self.ask_code(purpose="password")
        response = self.api(
            "PUT",
            "/auth/password",
            {"phone": PHONE, "code": code, "password": "Da-Hong-Pao-42"},
        )

        self.assertEqual(response.status_code, 204, response.text)
        self.assert_problem(self.api("GET", "/me", token=token), 401, "unauthenticated")
        self.assert_problem(self.login(), 401, "unauthenticated")
        self.assertEqual(self.login(password="Da-Hong-Pao-42").status_code, 200)

    def test_bad_phone_is_named(self):
        for phone in ("12345", "+1 202 555 0100", "abcdefgh"):
            response = self.api(
                "POST", "/auth/sms-codes", {"phone": phone, "purpose": "login"}
            )
            self.assert_problem(response, 422, "invalid_request", "phone")


@tagged("post_install", "-at_install")
class TestSecurityChecklist(AuthCommon):
    """Items of the security checklist, by their numbers."""

    def test_security_01_only_the_hash_of_a_long_token_is_kept(self):
        token = self.login().json()["token"]
        self.env.flush_all()

        # 32 random bytes in base64: far above 128 bits.
        self.assertGreaterEqual(len(token), 43)
        self.env.cr.execute("SELECT row_to_json(s)::text FROM teahouse_session s")
        for (row,) in self.env.cr.fetchall():
            self.assertNotIn(token, row)

    def test_security_02_sessions_end_idle_or_old(self):
        token = self.login().json()["token"]
        session = self.env["teahouse.session"]._resolve(token)
        start = fields.Datetime.now()

        with freeze_time(start + timedelta(days=30, minutes=1)):
            refused = self.api("GET", "/me", token=token)
        self.assert_problem(refused, 401, "unauthenticated")

        session.sudo().expires_at = start + timedelta(days=400)
        with freeze_time(start + timedelta(days=180, minutes=1)):
            refused = self.api("GET", "/me", token=token)
            self.assert_problem(refused, 401, "unauthenticated")
            renewal = self.api("POST", "/auth/sessions/current/renewal", token=token)
            self.assert_problem(renewal, 401, "unauthenticated")
            # On a public route it counts as no token.
            who = self.api("GET", "/probe/who", token=token)
            self.assertEqual(who.json()["user"], self.user_public.id)

    def test_security_03_leaving_takes_effect_at_once(self):
        def refused(token):
            response = self.api("GET", "/me", token=token)
            self.assert_problem(response, 401, "unauthenticated")

        token = self.login().json()["token"]
        self.api("DELETE", "/auth/sessions/current", token=token)
        refused(token)

        token = self.login().json()["token"]
        self.member_1.user_id.password = "Long-Jing-2026"
        self.env.flush_all()
        refused(token)

        token = self.login(password="Long-Jing-2026").json()["token"]
        self.member_1.user_id.active = False
        refused(token)

    def test_security_04_token_counts_in_the_header_only(self):
        token = self.login().json()["token"]

        self.assertEqual(self.api("GET", "/me", token=token).status_code, 200)
        for path in (f"/me?token={token}", f"/me?access_token={token}"):
            self.assert_problem(self.api("GET", path), 401, "unauthenticated")
        for header in ("", "Basic abc", "Bearer", f"Token {token}", f"Bearer {token}x"):
            response = self.api("GET", "/me", headers={"Authorization": header})
            self.assert_problem(response, 401, "unauthenticated")
        cookie = self.url_open(
            "/teahouse/api/v1/me", cookies={"token": token, "session_id": token}
        )
        self.assertEqual(cookie.status_code, 401)

    def test_security_04_token_and_code_are_in_no_log(self):
        with self.logged() as records:
            code = self.ask_code()
            body = {"grant": "sms", "phone": PHONE, "code": code}
            token = self.api("POST", "/auth/sessions", body).json()["token"]
            self.api("GET", "/me", token=token)
            self.api("GET", "/me", token=f"{token}x")
            self.login(password="wrong-Password-1")

        text = "\n".join(
            f"{record.getMessage()} {record.exc_info or ''}"
            for record in records
            if not record.name.startswith(("odoo.sql_db", "urllib3"))
        )
        for secret in (token, PHONE, PASSWORD, "wrong-Password-1"):
            self.assertNotIn(secret, text)
        self.assertNotRegex(text, rf"\b{code}\b")

    def test_security_05_token_opens_no_other_door(self):
        token = self.login().json()["token"]
        headers = {"Authorization": f"Bearer {token}"}

        json2 = self.url_open(
            "/json/2/res.partner/search",
            headers={**headers, "Content-Type": "application/json"},
            data=json.dumps({"domain": []}),
        )
        self.assertIn(json2.status_code, (401, 403))
        web = self.url_open(
            "/web/session/get_session_info",
            headers={**headers, "Content-Type": "application/json"},
            data=json.dumps({"jsonrpc": "2.0", "params": {}}),
        )
        self.assertIn("error", web.json())
        page = self.url_open("/odoo", headers=headers, allow_redirects=False)
        self.assertIn(page.status_code, (302, 303))
        self.assertIn("/web/login", page.headers["Location"])

    def test_security_05_login_name_tells_nothing(self):
        login = self.member_1.user_id.login
        self.assertRegex(login, r"^m-[0-9a-f]{32}$")
        self.assertNotIn(PHONE, login)

    def test_security_06_members_read_own_records_only(self):
        self.make_token(self.member_1)
        self.make_token(self.member_2)
        for model, field in (
            ("teahouse.member", "id"),
            ("teahouse.notification", "member_id"),
            ("teahouse.session", "member_id"),
            ("teahouse.upload", "member_id"),
        ):
            records = self.as_member(model, self.member_1)
            if not records.has_access("read"):
                continue
            with self.subTest(model=model):
                seen = records.search([])
                owners = seen.ids if field == "id" else seen[field].ids
                self.assertLessEqual(set(owners), {self.member_1.id})
        for model in ("teahouse.api.idempotency", "teahouse.api.limit", "teahouse.otp"):
            self.assertFalse(self.as_member(model, self.member_1).has_access("read"))

    def test_security_08_unknown_phone_looks_like_a_wrong_password(self):
        wrong = self.login(password="wrong-Password-1")
        unknown = self.login(phone="13812349999", password="wrong-Password-1")

        self.assert_problem(wrong, 401, "unauthenticated")
        self.assert_problem(unknown, 401, "unauthenticated")
        first, second = wrong.json(), unknown.json()
        for body in (first, second):
            body.pop("request_id")
        self.assertEqual(first, second)

    def test_security_09_codes_answer_the_same_for_every_phone(self):
        answers = [
            self.api("POST", "/auth/sms-codes", {"phone": phone, "purpose": purpose})
            for phone, purpose in (
                (PHONE, "login"),
                ("13812348888", "login"),
                ("13812347777", "password"),
            )
        ]
        self.assertEqual([answer.status_code for answer in answers], [202] * 3)
        self.assertEqual(len({answer.text for answer in answers}), 1)
        wrong = [
            self.api(
                "PUT",
                "/auth/password",
                {"phone": phone, "code": "000000", "password": "Da-Hong-Pao-42"},
            ).json()
            for phone in (PHONE, "13812347777")
        ]
        for body in wrong:
            body.pop("request_id")
        self.assertEqual(wrong[0], wrong[1])

    def test_security_10_logins_are_limited_in_the_database(self):
        self.env["ir.config_parameter"].set_param(
            "teahouse_base.login_limits_phone", "900:3"
        )
        # Failures that other workers counted; the right password comes too late.
        for _index in range(3):
            self.env["teahouse.throttle"]._hit(
                "login phone", f"+86{PHONE}", ((900, 100),)
            )

        response = self.login()
        self.assert_problem(response, 429, "rate_limited")
        self.assertGreater(int(response.headers["Retry-After"]), 0)

    def test_security_13_answers_name_no_secret(self):
        token = self.login().json()["token"]
        for path in ("/me", "/auth/sessions", "/me/export", "/me/preferences"):
            text = self.api("GET", path, token=token).text.lower()
            for secret in ("session_key", "appsecret", "token_hash", "password", token):
                self.assertNotIn(secret.lower(), text)

    def test_security_38_unknown_fields_are_refused_everywhere(self):
        token = self.login().json()["token"]
        for method, path, body in (
            ("POST", "/auth/sms-codes", {"phone": PHONE, "purpose": "login"}),
            ("PATCH", "/me", {}),
            ("PATCH", "/me/preferences", {}),
            ("POST", "/auth/sessions/current/renewal", {}),
        ):
            with self.subTest(path=path):
                response = self.api(
                    method, path, {**body, "state": "approved"}, token=token
                )
                self.assert_problem(response, 422, "invalid_request", "state")
        for path in ("/stores", "/me", "/me/notifications"):
            response = self.api("GET", f"{path}?debug=1", token=token)
            self.assert_problem(response, 422, "invalid_request", "debug")
