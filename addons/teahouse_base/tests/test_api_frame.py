import json
import logging
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from . import api_probe
from .common import API_PREFIX, TeahouseHttpCommon

PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "errors", "request_id"}


class Records(logging.Handler):
    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        self.seen.append(record)


class ApiFrameCommon(TeahouseHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The probe's routes were declared after the routes had been gathered.
        cls.env.registry.clear_cache("routing")

    def raw(self, data, path="/probe/echo", content_type="application/json", **headers):
        return self.url_open(
            API_PREFIX + path,
            data=data,
            headers={"Content-Type": content_type, **headers},
            method="POST",
        )

    def assert_problem(self, response, status, code, field=None):
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        body = response.json()
        self.assertEqual(set(body), PROBLEM_FIELDS)
        self.assertEqual(body["code"], code)
        self.assertEqual(body["status"], status)
        self.assertEqual(body["request_id"], response.headers["X-Request-Id"])
        self.assertNotIn("Traceback", response.text)
        if field:
            self.assertIn(field, [error["field"] for error in body["errors"]])
        return body

    @contextmanager
    def logged(self):
        records = Records()
        root = logging.getLogger()
        root.addHandler(records)
        try:
            yield records.seen
        finally:
            root.removeHandler(records)


@tagged("post_install", "-at_install")
class TestRequests(ApiFrameCommon):
    """What comes in: bodies, queries, paths and headers."""

    def test_body_reaches_the_method_as_an_instance(self):
        body = {
            "number": 3,
            "at": "2026-12-05T15:00:00+08:00",
            "price": "12.50",
            "parts": [{"name": "茶"}],
        }

        response = self.api("POST", "/probe/echo", body)

        self.assertEqual(response.status_code, 201, response.text)
        values = response.json()
        self.assertEqual(values["price"], "12.50")
        self.assertEqual(values["at"], "2026-12-05T15:00:00+08:00")

    def test_wrong_fields_are_each_named(self):
        for body, field in (
            ({"number": "3"}, "number"),
            ({"number": True}, "number"),
            ({"number": 3.5}, "number"),
            ({"number": 2**31}, "number"),
            ({}, "number"),
            ({"number": 1, "colour": "red"}, "colour"),
            ({"number": 1, "parts": [{"name": "a", "x": 1}]}, "parts.0.x"),
            ({"number": 1, "at": "2026-12-05T15:00:00"}, "at"),
            ({"number": 1, "at": "tomorrow"}, "at"),
            ({"number": 1, "at": 1764918000}, "at"),
            ({"number": 1, "at": "1764918000"}, "at"),
            ({"number": 1, "at": "0001-01-01T00:00:00+14:00"}, "at"),
            ({"number": 1, "at": "9999-12-31T23:59:59-12:00"}, "at"),
            ({"number": 1, "price": 12.5}, "price"),
            ({"number": 1, "price": "1e3"}, "price"),
            ({"number": 1, "price": "12.345"}, "price"),
            ({"number": 1, "price": "NaN"}, "price"),
            ({"number": 1, "text": "x" * 21}, "text"),
            ({"number": 1, "text": "a\x00b"}, "text"),
            ({"number": 1, "text": "\ud800"}, "text"),
        ):
            with self.subTest(body=body):
                response = self.api("POST", "/probe/echo", body)
                problem = self.assert_problem(response, 422, "invalid_request", field)
                self.assertTrue(all(e["message"] for e in problem["errors"]))

    def test_text_that_is_no_honest_json_is_refused(self):
        deep = "[" * 100 + "]" * 100
        for data in (
            b"{",
            b"nonsense",
            b"[]",
            b"null",
            b'"text"',
            b'{"number": NaN}',
            b'{"number": Infinity}',
            b'{"number": 1e999}',
            b'{"number": 1, "number": 2}',
            b'{"number": ' + b"9" * 5000 + b"}",
            b"\xff\xfe{}",
            b'{"number": 1, "text": "\\ud800"}',
            b'{"number": 1, "\\u0000": 1}',
            ('{"number": ' + deep + "}").encode(),
            b"[" * 100000,
        ):
            with self.subTest(data=data[:40]):
                response = self.raw(data)
                self.assert_problem(response, 422, "invalid_request")

    def test_other_content_type_is_refused(self):
        for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            response = self.raw(b'{"number": 1}', content_type=content_type)
            self.assert_problem(response, 422, "invalid_request", "Content-Type")
        response = self.raw(
            b'{"number": 1}', content_type="application/json; charset=utf-8"
        )
        self.assertEqual(response.status_code, 201)

    def test_empty_body_counts_as_no_fields(self):
        self.assertEqual(self.api("POST", "/probe/bare").status_code, 200)
        self.assertEqual(self.api("POST", "/probe/bare", {}).status_code, 200)
        response = self.api("POST", "/probe/bare", {"x": 1})
        self.assert_problem(response, 422, "invalid_request", "x")

    def test_large_body_is_refused(self):
        response = self.raw(b'{"text": "' + b"a" * 300_000 + b'"}')
        self.assert_problem(response, 413, "too_large")

    def test_large_body_without_length_is_refused(self):
        def chunks():
            for _index in range(40):
                yield b"a" * 10_000

        response = self.raw(chunks())
        self.assertIn(response.json()["code"], ("too_large", "invalid_request"))

    def test_query_is_checked(self):
        good = self.api("GET", "/probe/list?limit=5&flag=true")
        self.assertEqual(good.status_code, 200, good.text)
        for query, field in (
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("limit=1&limit=2", "limit"),
            ("nope=1", "nope"),
            ("cursor=%00", "cursor"),
            ("at=2026-12-05T15:00:00", "at"),
            ("limit=99999999999999999999", "limit"),
        ):
            with self.subTest(query=query):
                response = self.api("GET", f"/probe/list?{query}")
                self.assert_problem(response, 422, "invalid_request", field)
        response = self.api("GET", "/probe/who?x=1")
        self.assert_problem(response, 422, "invalid_request", "x")

    def test_plus_of_an_offset_may_be_lost_in_a_query(self):
        response = self.api("GET", "/probe/list?at=2026-12-05T15:00:00+08:00")
        self.assertEqual(response.status_code, 200)
        self.assertIn("+08:00", response.json()["items"][0]["name"])

    def test_path_number_out_of_range_is_not_found(self):
        self.assertEqual(self.api("GET", "/probe/things/7").json(), {"id": 7})
        for number in ("0", "-1", "99999999999999999999", "2147483648", "x", "1.5"):
            with self.subTest(number=number):
                response = self.api("GET", f"/probe/things/{number}")
                self.assert_problem(response, 404, "not_found")

    def test_upload_takes_one_file_of_its_name(self):
        url = f"{API_PREFIX}/probe/file"
        self.assertEqual(self.url_open(url, files={"file": b"abc"}).json(), {"size": 3})
        self.assert_problem(
            self.url_open(url, files={"other": b"abc"}), 422, "invalid_request", "file"
        )
        self.assert_problem(
            self.url_open(url, files={"file": b"a"}, data={"x": "1"}),
            422,
            "invalid_request",
            "x",
        )
        self.assert_problem(self.raw(b"{}", "/probe/file"), 422, "invalid_request")
        big = self.url_open(url, files={"file": b"a" * (6 * 1024 * 1024)})
        self.assert_problem(big, 413, "too_large")


@tagged("post_install", "-at_install")
class TestAnswers(ApiFrameCommon):
    """What goes out: refusals, headers, languages."""

    def test_unknown_path_below_the_prefix_is_json(self):
        for method in ("GET", "POST", "DELETE"):
            for path in ("/nope", "/", "", "/probe"):
                with self.subTest(method=method, path=path):
                    response = self.api(method, path)
                    self.assert_problem(response, 404, "not_found")

    def test_wrong_method_names_the_right_ones(self):
        response = self.api("PUT", "/probe/who")

        self.assert_problem(response, 405, "invalid_request")
        self.assertIn("GET", response.headers["Allow"])

    def test_paths_besides_the_prefix_are_left_alone(self):
        response = self.url_open("/teahouse/api/v10/probe/who")
        self.assertEqual(response.status_code, 404)
        self.assertIn("text/html", response.headers["Content-Type"])

    def test_exceptions_become_codes(self):
        for kind, status, code, detail in (
            ("user", 422, "invalid_request", "You cannot do that."),
            ("access", 404, "not_found", None),
            ("missing", 404, "not_found", None),
            ("lock", 409, "invalid_state", None),
            ("data", 422, "invalid_request", None),
            ("integrity", 409, "invalid_state", None),
            ("exclusion", 409, "invalid_state", None),
        ):
            with self.subTest(kind=kind), self.logged() as records:
                response = self.api("POST", f"/probe/fail?kind={kind}")
                problem = self.assert_problem(response, status, code)
                if detail:
                    self.assertEqual(problem["detail"], detail)
                for secret in ("res.partner", "constraint", "secret", "_key", "probe"):
                    self.assertNotIn(secret, json.dumps(problem))
            # A client's mistake leaves a line and no traceback.
            self.assertFalse([r for r in records if r.exc_info])
            self.assertFalse([r for r in records if r.levelno > logging.INFO])

    def test_wait_is_told(self):
        response = self.api("POST", "/probe/fail?kind=limited")
        self.assert_problem(response, 429, "rate_limited")
        self.assertEqual(response.headers["Retry-After"], "17")

    @mute_logger("odoo.addons.teahouse_base.api.dispatcher", "odoo.http")
    def test_crash_tells_nothing_and_is_logged_with_its_request(self):
        with self.logged() as records:
            response = self.api("POST", "/probe/fail?kind=crash")

        problem = self.assert_problem(response, 500, "internal")
        self.assertNotIn("secret", response.text)
        self.assertEqual(problem["errors"], [])
        del records

    def test_crash_is_logged_with_traceback_and_request_id(self):
        with (
            self.assertLogs("odoo.http", "ERROR") as trace,
            self.assertLogs("odoo.addons.teahouse_base.api.dispatcher", "ERROR") as own,
        ):
            response = self.api("POST", "/probe/fail?kind=crash")

        self.assertIn("secret detail", "".join(trace.output))
        self.assertIn(response.json()["request_id"], "".join(own.output))

    @mute_logger("odoo.addons.teahouse_base.api.dispatcher", "odoo.http")
    def test_unknown_code_of_a_model_is_internal(self):
        response = self.api("POST", "/probe/fail?kind=code")
        self.assert_problem(response, 500, "internal")

    @mute_logger("odoo.addons.teahouse_base.api.dispatcher", "odoo.http")
    def test_undeclared_answer_fails_in_tests(self):
        response = self.api("GET", "/probe/wrong")
        self.assert_problem(response, 500, "internal")

    def test_serialization_failure_is_replayed(self):
        api_probe.failed_before.clear()
        with (
            patch("odoo.service.model.random.uniform", return_value=0),
            mute_logger("odoo.service.model"),
        ):
            response = self.api("POST", "/probe/fail?kind=once")
        self.assertEqual(response.json(), {"done": True})

    def test_detail_is_in_the_language_asked_for(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for header, lang in (
            ("zh-CN", "zh_CN"),
            ("zh", "zh_CN"),
            ("en", "en_US"),
            ("en-GB,en;q=0.8", "en_US"),
            ("fr, zh-CN;q=0.5", "zh_CN"),
            ("nonsense;;q=", None),
        ):
            with self.subTest(header=header):
                response = self.api(
                    "GET", "/probe/who", headers={"Accept-Language": header}
                )
                self.assertEqual(response.status_code, 200)
                if lang:
                    self.assertEqual(response.json()["lang"], lang)

    def test_member_language_counts_without_a_header(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.opener.headers.pop("Accept-Language", None)
        for lang in ("en_US", "zh_CN"):
            self.member.user_id.lang = lang
            response = self.api("GET", "/probe/who", member=self.member)
            self.assertEqual(response.json()["lang"], lang)

    def test_no_browser_session_is_made_or_used(self):
        response = self.api("GET", "/probe/who")
        self.assertNotIn("Set-Cookie", response.headers)

        self.authenticate("admin", "admin")
        response = self.api("GET", "/probe/who")
        self.assertEqual(response.json()["user"], self.user_public.id)

    def test_answers_are_not_cached(self):
        response = self.api("GET", "/probe/who")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertTrue(response.headers["X-Request-Id"])


@tagged("post_install", "-at_install")
class TestCors(ApiFrameCommon):
    ORIGIN = "https://m.example.com"

    def ask(self, method="OPTIONS", origin=ORIGIN):
        return self.api(method, "/probe/who", headers={"Origin": origin})

    def test_security_43_off_by_default(self):
        for method in ("OPTIONS", "GET"):
            response = self.ask(method)
            self.assertLess(response.status_code, 300)
            self.assertNotIn("Access-Control-Allow-Origin", response.headers)

    def test_security_43_listed_origin_is_let_in_and_no_other(self):
        self.env["ir.config_parameter"].set_param(
            "teahouse_base.api_cors_origins", f"https://a.example, {self.ORIGIN}/"
        )

        preflight = self.ask()
        self.assertEqual(preflight.status_code, 204)
        self.assertEqual(preflight.headers["Access-Control-Allow-Origin"], self.ORIGIN)
        self.assertIn(
            "Authorization", preflight.headers["Access-Control-Allow-Headers"]
        )
        self.assertNotIn("Access-Control-Allow-Credentials", preflight.headers)
        self.assertIn("Origin", preflight.headers["Vary"])

        refused = self.api("PUT", "/probe/who", headers={"Origin": self.ORIGIN})
        self.assertEqual(refused.headers["Access-Control-Allow-Origin"], self.ORIGIN)

        other = self.ask(origin="https://evil.example")
        self.assertNotIn("Access-Control-Allow-Origin", other.headers)

    def test_preflight_of_nothing_is_not_found(self):
        response = self.api("OPTIONS", "/nope", headers={"Origin": self.ORIGIN})
        self.assert_problem(response, 404, "not_found")
