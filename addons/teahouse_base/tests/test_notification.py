import json
import logging
import os
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from odoo.addons.sms.tools.sms_api import SmsApiBase

from ..tools.sms_file import SmsApiFile
from .common import TeahouseCommon

SENDER = "odoo.addons.teahouse_base.models.teahouse_notification_sender"


class FakeSms(SmsApiBase):
    """Stands in for a service; ``answer`` is its next state, or an exception."""

    takes_template = True
    answer = "success"
    sent: list = []

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.sent.extend(messages)
        return [
            {"uuid": number["uuid"], "state": self.answer}
            for message in messages
            for number in message["numbers"]
        ]


@tagged("post_install", "-at_install")
class TestNotification(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.template = cls.env["teahouse.notification.template"].create(
            {
                "name": "Test",
                "code": "test_event",
                "title": "Room {room}",
                "body": "{room} is ready at {time}.",
                "channel_sms": True,
                "lifetime_minutes": 60,
                "sample": {"room": "Bamboo", "time": "14:00"},
            }
        )
        # Noon in Shanghai, far from quiet hours; and nothing else is queued.
        cls.noon = datetime(2031, 5, 20, 4)
        cls.env["teahouse.notification"].search([("state", "=", "queued")]).unlink()

    def setUp(self):
        super().setUp()
        self.rows = self.env["teahouse.notification"]
        FakeSms.answer, FakeSms.sent = "success", []
        company = self.env.registry["res.company"]
        self.startPatcher(
            patch.object(company, "_get_sms_api_class", lambda _self: FakeSms)
        )
        freezer = freeze_time(self.noon)
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)

    def notify(self, recipients=None, key="event-1", **kwargs):
        return self.rows.with_user(self.user_public)._notify(
            recipients or self.member,
            "test_event",
            {"room": "Bamboo", "time": "14:00"},
            key,
            **kwargs,
        )

    # Queueing

    def test_a_row_per_channel(self):
        rows = self.notify()
        self.assertEqual(set(rows.mapped("channel")), {"inbox", "sms"})
        inbox = rows.filtered(lambda row: row.channel == "inbox")
        self.assertEqual((inbox.state, inbox.title), ("sent", "Room Bamboo"))
        self.assertEqual(inbox.body, "Bamboo is ready at 14:00.")
        self.assertEqual((rows - inbox).state, "queued")

    def test_never_twice_for_one_event(self):
        self.assertEqual(len(self.notify()), 2)
        self.assertFalse(self.notify())
        self.assertEqual(len(self.notify(self.member + self.member_2)), 2)
        self.assertEqual(len(self.notify(key="event-2")), 2)

    def test_the_database_refuses_a_second_one(self):
        rows = self.notify()
        values = {
            "member_id": self.member.id,
            "channel": "inbox",
            "event_key": "event-1",
            "recipient_key": rows[0].recipient_key,
        }
        self.assertFalse(self.rows._queue([]))
        with patch.object(type(self.rows), "search", lambda *a, **k: self.rows):
            # As if another transaction had queued it unseen.
            with mute_logger("odoo.sql_db"):
                self.assertFalse(self.rows._queue([values]))

    def test_choices_of_the_member(self):
        self.member.channel_sms = False
        self.assertEqual(self.notify().mapped("channel"), ["inbox"])
        self.template.urgent = True
        self.assertEqual(len(self.notify(key="urgent")), 2)

    def test_mail_only_with_an_address(self):
        self.template.channel_mail = True
        self.assertNotIn("mail", self.notify().mapped("channel"))
        self.member.partner_id.email = "lu@example.com"
        rows = self.notify(key="event-2")
        self.assertIn("mail", rows.mapped("channel"))
        self.send_notifications()
        mail = self.env["mail.mail"].search([("email_to", "like", "lu@example.com")])
        self.assertEqual(mail.subject, "Room Bamboo")

    def test_texts_are_escaped_in_mails(self):
        self.template.write({"channel_mail": True, "body": "<b>{room}</b>"})
        self.member.partner_id.email = "lu@example.com"
        self.notify()
        self.send_notifications()
        mail = self.env["mail.mail"].search([("email_to", "like", "lu@example.com")])
        self.assertIn("&lt;b&gt;", mail.body_html)

    def test_language_of_the_recipient(self):
        self.template.with_context(lang="zh_CN").title = "{room}包间"
        self.member.user_id.lang = "zh_CN"
        self.member_2.user_id.lang = "en_US"
        rows = self.notify(self.member + self.member_2)
        titles = {row.member_id: row.title for row in rows}
        self.assertEqual(titles[self.member], "Bamboo包间")
        self.assertEqual(titles[self.member_2], "Room Bamboo")

    def test_placeholders_reach_no_objects(self):
        self.template.body = "{room.__class__} {room} {unknown}|{0}|{{room}}"
        body = self.notify()[0].body
        self.assertNotIn("class 'str'", body)
        self.assertIn("{room.__class__} Bamboo", body)

    def test_unknown_and_archived_templates(self):
        with self.assertRaises(ValueError):
            self.rows._notify(self.member, "no_such", {}, "event-1")
        self.template.active = False
        self.assertFalse(self.notify())

    def test_preview(self):
        self.assertEqual(
            self.template.preview, "Room Bamboo\n\nBamboo is ready at 14:00."
        )

    def test_preview_names_what_the_event_does_not_give(self):
        template = self.env["teahouse.notification.template"].create(
            {
                "name": "T",
                "code": "preview-names",
                "title": "{store}",
                "body": "Come at {tiem}.",
                "sample": {"store": "Riverside", "time": "12:00"},
                "channel_wechat": True,
                "wechat_fields": "thing1: {store}\nthing2: {rom}",
            }
        )
        self.assertEqual(template.offered, "{store}, {time}")
        self.assertEqual(template.not_offered, "{tiem}, {rom}")
        self.assertIn("thing1: Riverside", template.preview_wechat)
        template.write({"body": "At {time}.", "wechat_fields": "thing1: {store}"})
        self.assertFalse(template.not_offered)
        self.assertIn("At 12:00.", template.preview)

    def test_templates_name_only_what_is_offered(self):
        for template in self.env["teahouse.notification.template"].search([]):
            for lang in ("en_US", "zh_CN"):
                shown = template.with_context(lang=lang)
                self.assertFalse(shown.not_offered, f"{template.code} {lang}")

    def test_users_are_notified_too(self):
        rows = self.notify(self.user_staff)
        self.assertEqual(rows.mapped("channel"), ["inbox"])
        self.assertEqual(rows.user_id, self.user_staff)
        self.send_notifications()
        self.assertEqual(rows.state, "sent")

    # Time

    def test_quiet_hours(self):
        self.clock.move_to(datetime(2031, 5, 20, 15))  # 23:00 in Shanghai
        rows = self.notify()
        by_channel = {row.channel: row for row in rows}
        self.assertEqual(by_channel["inbox"].state, "sent")
        self.assertEqual(by_channel["sms"].due_at, datetime(2031, 5, 21, 0))
        self.template.urgent = True
        rows = self.notify(key="urgent").filtered(lambda row: row.channel == "sms")
        self.assertEqual(rows.due_at, datetime(2031, 5, 20, 15))

    def test_due_later(self):
        due = self.noon + timedelta(hours=2)
        rows = self.notify(due_at=due)
        self.assertEqual(set(rows.mapped("state")), {"queued"})
        self.assertFalse(
            self.rows._inbox_page(self.member, 10).filtered("event_key") & rows
        )
        self.send_notifications()
        self.assertEqual(set(rows.mapped("state")), {"queued"})
        self.clock.move_to(due)
        self.send_notifications()
        self.assertEqual(set(rows.mapped("state")), {"sent"})

    def test_expiry(self):
        rows = self.notify().filtered(lambda row: row.channel == "sms")
        self.clock.tick(timedelta(minutes=61))
        self.send_notifications()
        self.assertEqual(rows.state, "expired")
        self.assertFalse(FakeSms.sent)

    # Sending

    def test_sms_by_the_company_service_and_not_in_clear(self):
        rows = self.notify().filtered(lambda row: row.channel == "sms")
        self.send_notifications()
        (message,) = FakeSms.sent
        self.assertEqual(message["content"], "Bamboo is ready at 14:00.")
        self.assertEqual(message["template"], "test_event")
        self.assertEqual(message["params"], {"room": "Bamboo", "time": "14:00"})
        number = self.member.sudo().phone
        self.assertEqual(message["numbers"][0]["number"], number)
        self.assertEqual(rows.state, "sent")
        self.assertFalse(rows.sudo().params)
        self.assertFalse(self.env["sms.sms"].search([("number", "=", number)]))
        self.send_notifications()
        self.assertEqual(len(FakeSms.sent), 1)

    def test_back_off_then_failed(self):
        FakeSms.answer = "server_error"
        row = self.notify().filtered(lambda row: row.channel == "sms")
        row.expires_at = self.noon + timedelta(days=1)
        for tries, minutes in enumerate((1, 5, 15, 60), 1):
            self.send_notifications()
            self.assertEqual((row.state, row.tries), ("queued", tries))
            self.assertEqual(
                row.due_at, fields.Datetime.now() + timedelta(minutes=minutes)
            )
            self.send_notifications()
            self.assertEqual(row.tries, tries, "not before it is due")
            self.clock.move_to(row.due_at)
        self.send_notifications()
        self.assertEqual((row.state, row.failure), ("failed", "server_error"))
        self.assertIn("cannot be reached", row.failure_shown)
        FakeSms.answer = "success"
        row.with_user(self.user_manager).action_retry()
        self.send_notifications()
        self.assertEqual(row.state, "sent")

    @mute_logger(SENDER)
    def test_one_bad_message_does_not_stop_the_others(self):
        FakeSms.answer = ConnectionError("connection to 13900000001 refused")
        rows = self.notify(self.member + self.member_2)
        sms = rows.filtered(lambda row: row.channel == "sms")
        self.send_notifications()
        self.assertEqual(sms.mapped("failure"), ["ConnectionError"] * 2)

    def test_checklist_29_no_number_in_the_log(self):
        FakeSms.answer = ConnectionError("connection to 13900000001 refused")
        self.notify()
        with self.assertLogs(SENDER, logging.WARNING) as logs:
            self.send_notifications()
        self.assertNotIn("13900000001", str(logs.output))

    def test_a_dead_sender_leaves_unknown(self):
        row = self.notify().filtered(lambda row: row.channel == "sms")
        self.assertEqual(self.rows._claim(), row)
        self.assertFalse(self.rows._claim(), "claimed once")
        self.clock.tick(timedelta(minutes=11))
        self.send_notifications()
        self.assertEqual(row.state, "failed")
        self.assertIn("Unknown", row.failure)
        self.assertFalse(FakeSms.sent)

    def test_job(self):
        self.notify()
        self.env.ref("teahouse_base.ir_cron_notification").method_direct_trigger()
        self.assertEqual(len(FakeSms.sent), 1)

    def test_sms_into_a_file(self):
        row = self.notify().filtered(lambda row: row.channel == "sms")
        path = os.path.join(tempfile.mkdtemp(), "sms.jsonl")
        with patch.dict(config.options, {"teahouse_sms_file": path}):
            company = self.env.registry["res.company"]
            with patch.object(company, "_get_sms_api_class", lambda _self: SmsApiFile):
                self.env["teahouse.otp"]._issue("13911112222", "login")
                self.send_notifications()
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(row.state, "sent")
        code = next(line for line in lines if line["phone"] == "13911112222")
        self.assertRegex(code["code"], r"^\d{6}$")
        self.assertIn(code["code"], code["text"])
        self.assertEqual(code["template"], "otp_login")
        datetime.fromisoformat(code["at"]).astimezone(UTC)

    # Inbox

    def test_inbox(self):
        first, second = (self.notify(key=key) for key in ("event-1", "event-2"))
        inbox = self.rows._inbox_page(self.member, 10)
        self.assertTrue(
            (first + second).filtered(lambda r: r.channel == "inbox") <= inbox
        )
        newest = inbox[0]
        self.assertEqual(self.rows._inbox_page(self.member, 1), newest)
        self.assertNotIn(newest, self.rows._inbox_page(self.member, 9, newest.id))
        before = self.rows._unread_count(self.member)
        values = self.rows._api_mark_read(self.member, newest.id)
        self.assertTrue(values["read"])
        self.assertTrue(newest.read_at)
        self.rows._api_mark_read(self.member, newest.id)
        self.assertEqual(self.rows._unread_count(self.member), before - 1)
        self.assertNotIn(newest, self.rows._inbox_page(self.member, 9, unread=True))

    def test_inbox_of_somebody_else(self):
        row = self.notify().filtered(lambda row: row.channel == "inbox")
        for foreign in (row.id, 0, 2**31 - 1):
            with self.assert_code("not_found"):
                self.rows._api_mark_read(self.member_2, foreign)

    def test_old_ones_go(self):
        rows = self.notify()
        self.send_notifications()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE teahouse_notification SET create_date = %s WHERE id = ANY(%s)",
            [self.noon - timedelta(days=181), rows.ids],
        )
        self.rows._gc_old()
        self.assertFalse(rows.exists())
