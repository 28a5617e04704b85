"""Subscribe messages of WeChat: one acceptance, one message."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TeahouseHttpCommon
from .platform_common import PHONE, PlatformCommon

QUIET = mute_logger("odoo.addons.teahouse_base.tools.platform")


class MessageCommon(PlatformCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["teahouse.notification.template"].create(
            {
                "name": "Test",
                "code": "test_wechat",
                "title": "Title",
                "body": "In {store} at {time}",
                "channel_inbox": False,
                "channel_wechat": True,
                "urgent": True,
                "wechat_template": "TMPL-1",
                "wechat_page": "pages/booking",
                "wechat_fields": "thing1: {store}\ntime2: {time}\n",
            }
        )
        cls.subscriptions = cls.env["teahouse.wechat.subscription"]

    def setUp(self):
        super().setUp()
        self.wechat.codes["c1"], self.wechat.phones["p1"] = "openid-1", PHONE
        self.guest, _new = self.log_in("c1", "p1")
        self.wechat.accepted["openid-1", "TMPL-1"] = 1

    def notify(self, key, **values):
        return self.env["teahouse.notification"]._notify(
            self.guest,
            "test_wechat",
            {"store": "River", "time": "2026-11-23 10:00", **values},
            event_key=f"test-{key}",
        )

    def left(self):
        return self.subscriptions._left(self.guest, self.template)


@tagged("post_install", "-at_install")
class TestWechatMessages(MessageCommon):
    def test_one_acceptance_is_one_message(self):
        self.assertFalse(self.notify("before"))
        self.subscriptions._add(self.guest, self.template)
        row = self.notify("first")
        self.send_notifications()

        self.assertEqual(row.state, "sent")
        self.assertEqual(
            self.wechat.sent,
            [
                {
                    "touser": "openid-1",
                    "template_id": "TMPL-1",
                    "page": "pages/booking",
                    "data": {
                        "thing1": {"value": "River"},
                        "time2": {"value": "2026-11-23 10:00"},
                    },
                }
            ],
        )
        self.assertEqual(self.left(), 0)
        self.assertFalse(self.notify("after"))

    def test_two_events_and_one_acceptance(self):
        self.subscriptions._add(self.guest, self.template)
        first, second = self.notify("one"), self.notify("two")
        self.send_notifications()
        self.assertEqual((first | second).mapped("state"), ["sent", "failed"])
        self.assertEqual(len(self.wechat.sent), 1)

    def test_wechat_says_that_nothing_is_accepted(self):
        self.wechat.accepted.clear()
        for _time in range(3):
            self.subscriptions._add(self.guest, self.template)
        row = self.notify("refused")
        self.send_notifications()
        self.assertEqual(row.state, "failed")
        self.assertEqual(self.left(), 0)

    def test_long_values_are_cut_and_empty_ones_filled(self):
        self.subscriptions._add(self.guest, self.template)
        self.notify("long", store="清和茶室" * 10, time="")
        self.send_notifications()
        data = self.wechat.sent[0]["data"]
        self.assertEqual(len(data["thing1"]["value"]), 20)
        self.assertEqual(data["time2"]["value"], "-")

    def test_values_that_wechat_refuses_cost_no_acceptance(self):
        self.subscriptions._add(self.guest, self.template)
        # The fault stands for a template that was changed at WeChat.
        self.wechat.faults = [lambda answer: '{"errcode": 47003}']
        row = self.notify("values")
        self.send_notifications()
        self.assertEqual((row.state, self.left()), ("failed", 1))
        self.assertIn("47003", row.failure)

    @QUIET
    def test_a_lost_answer_is_not_sent_again(self):
        self.subscriptions._add(self.guest, self.template)
        self.wechat.faults = ["process_then_drop"]
        row = self.notify("lost")
        self.send_notifications()
        self.assertEqual((row.state, self.left()), ("failed", 0))
        self.assertEqual(len(self.wechat.sent), 1)

    def test_who_does_not_want_it_is_left_alone(self):
        self.subscriptions._add(self.guest, self.template)
        self.guest.channel_wechat = False
        self.assertFalse(self.notify("unwanted"))

    def test_acceptances_move_with_a_merge(self):
        other = self.make_member(name="Other")
        self.subscriptions._add(self.guest, self.template)
        self.subscriptions._add(other, self.template)
        self.guest._merge(other)
        self.assertEqual(self.subscriptions._left(other, self.template), 2)

    def test_unknown_fields_of_wechat(self):
        with self.assertRaises(ValidationError):
            self.template.wechat_fields = "whatever: {store}"


@tagged("post_install", "-at_install")
class TestSubscriptionApi(MessageCommon, TeahouseHttpCommon):
    def test_accepting(self):
        path = "/me/wechat-subscriptions"
        token = self.make_token(self.guest)
        body = {"template_ids": ["TMPL-1"]}
        accepted = self.api("POST", path, body, token=token)
        self.assertEqual(accepted.status_code, 200, accepted.text)
        listed = self.api("GET", path, token=token).json()["items"]
        ours = [item for item in listed if item["template"] == "test_wechat"]
        self.assertEqual(ours[0]["remaining"], 1)
        unknown = self.api("POST", path, {"template_ids": ["nope"]}, token=token)
        self.assertEqual(unknown.json()["code"], "invalid_request")
        self.assertEqual(self.left(), 1)
