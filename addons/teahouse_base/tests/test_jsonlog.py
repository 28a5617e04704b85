"""The server's log as JSON: who reads it finds the request that an answer names."""

import io
import json
import logging
import sys
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from ..tools import jsonlog
from .common import TeahouseHttpCommon


@tagged("post_install", "-at_install")
class TestJsonLog(TeahouseHttpCommon):
    def setUp(self):
        super().setUp()
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(jsonlog.JsonFormatter())

    def listen(self, *names):
        for name in names:
            logger = logging.getLogger(name)
            level = logger.level
            logger.addHandler(self.handler)
            logger.setLevel(logging.INFO)
            self.addCleanup(logger.removeHandler, self.handler)
            self.addCleanup(logger.setLevel, level)

    def events(self):
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def test_an_error_answer_names_its_lines(self):
        self.listen("odoo.http", "werkzeug")
        answer = self.api("GET", "/me", token="no-such-token")
        self.assertEqual(answer.status_code, 401)
        number = answer.json()["request_id"]
        self.assertEqual(answer.headers["X-Request-Id"], number)
        mine = [event for event in self.events() if event.get("request") == number]
        loggers = {event["logger"] for event in mine}
        self.assertEqual(loggers, {"odoo.http", "werkzeug"}, self.events())
        line = next(event for event in mine if event["logger"] == "odoo.http")
        self.assertEqual(line["path"], "/teahouse/api/v1/me")
        self.assertEqual(line["db"], self.env.cr.dbname)
        self.assertNotIn("no-such-token", self.stream.getvalue())

    def test_pages_of_the_back_office_have_ids_of_their_own(self):
        self.listen("werkzeug")
        self.url_open("/web/login")
        self.url_open("/web/login")
        numbers = [e.get("request") for e in self.events() if "/web/login" in str(e)]
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_secrets_in_paths_are_left_out(self):
        self.listen("odoo.http", "werkzeug")
        self.api("GET", f"/stores/{'7' * 40}")
        line = next(e for e in self.events() if e["logger"] == "odoo.http")
        self.assertTrue(line["path"].endswith("/stores/…"), line)
        said = [e["message"] for e in self.events() if e["logger"] == "werkzeug"]
        self.assertTrue(any("/stores/… HTTP" in line for line in said), said)
        self.assertNotIn("7" * 25, self.stream.getvalue())

    def test_a_line_is_one_line_with_its_traceback(self):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            record = logging.LogRecord(
                "odoo.x", logging.ERROR, __file__, 1, "a %s", ("b",), sys.exc_info()
            )
        text = self.handler.format(record)
        self.assertNotIn("\n", text)
        event = json.loads(text)
        self.assertEqual((event["level"], event["message"]), ("ERROR", "a b"))
        self.assertIn("ValueError: two\nlines", event["traceback"])
        self.assertNotIn("request", event)

    def test_it_is_switched_on_by_the_configuration(self):
        root = logging.Logger("root")
        root.addHandler(logging.NullHandler())
        with patch.object(logging, "getLogger", return_value=root):
            with patch.dict(config.options, {jsonlog.OPTION: "json"}):
                jsonlog.install()
        self.assertIsInstance(root.handlers[0].formatter, jsonlog.JsonFormatter)
