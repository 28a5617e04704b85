"""SMS by Aliyun and Tencent Cloud against stand-ins that check the signatures."""

from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common import TeahouseCommon
from .fake_sms import FakeAliyun, FakeTencent

PHONE = "13911116666"
SENDER = "odoo.addons.teahouse_base.models.teahouse_notification_sender"
QUIET = mute_logger(
    SENDER,
    "odoo.addons.teahouse_base.tools.platform",
    "odoo.addons.teahouse_base.tools.sms_service",
)


class SmsCommon(TeahouseCommon):
    fake_class = None
    service = None
    option = None
    extra = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.service:
            return
        accounts = cls.env["teahouse.sms.account"]
        accounts.search([]).active = False
        cls.account = accounts.create(
            {
                "service": cls.service,
                "company_id": cls.company.id,
                "key_id": cls.fake_class.key_id,
                "key_secret": cls.fake_class.secret,
                "sign_name": cls.fake_class.sign_name,
                **cls.extra,
            }
        )
        template = cls.env.ref("teahouse_base.notification_template_otp_login")
        template.write({"sms_code": "SMS_1001", "sms_param_names": "minutes, code"})

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()
        self.fake = self.fake_class()
        self.addCleanup(self.fake.close)
        options = {self.option: self.fake.url, "teahouse_sms_file": ""}
        self.startPatcher(patch.dict(config.options, options))

    def send(self):
        """Queue a code and run the job; returns the row (sudo)."""
        self.env["teahouse.otp"]._issue(PHONE, "login")
        row = self.env["teahouse.notification"].search([], limit=1, order="id desc")
        self.send_notifications()
        return row

    def refused_with(self, code):
        self.fake.refusal = code
        self.env["teahouse.throttle"].search([]).unlink()
        return self.send()


class SmsServiceTests:
    """What holds for both services."""

    def test_a_code_arrives(self):
        row = self.send()
        self.assertEqual(row.state, "sent")
        self.assertEqual(len(self.fake.messages), 1)
        self.assertFalse(self.env["sms.sms"].search([("number", "ilike", PHONE)]))

    @QUIET
    def test_a_wrong_secret_is_refused(self):
        self.account.key_secret = "another"
        row = self.send()
        self.assertEqual((row.state, row.failure), ("queued", "unregistered"))
        self.assertFalse(self.fake.messages)

    @QUIET
    def test_a_wrong_signature_name_is_refused(self):
        self.account.sign_name = "别家"
        self.assertEqual(self.send().failure, "unregistered")

    @QUIET
    def test_a_message_that_may_have_gone_is_not_sent_again(self):
        self.fake.faults = ["process_then_drop"]
        row = self.send()
        self.assertEqual((row.state, row.failure), ("failed", "unknown"))
        self.send_notifications()
        self.assertEqual(len(self.fake.messages), 1)

    @QUIET
    def test_a_service_that_is_down_is_tried_again(self):
        self.fake.close()
        row = self.send()
        self.assertEqual((row.state, row.failure), ("queued", "server_error"))

    @QUIET
    def test_a_text_without_approved_template_is_not_sent(self):
        template = self.env.ref("teahouse_base.notification_template_otp_login")
        template.sms_code = False
        row = self.send()
        self.assertEqual((row.state, row.failure), ("failed", "no_template"))
        self.assertFalse(self.fake.seen)

    def test_logs_hold_neither_number_nor_code(self):
        self.fake.refusal = self.limit_code
        with self.assertLogs("odoo.addons.teahouse_base", "INFO") as logs:
            self.assertEqual(self.send().failure, "rate_limited")
        self.assertNotIn(PHONE, str(logs.output))
        self.assertNotIn("sms-secret", str(logs.output))

    def test_the_secret_is_for_administrators(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.user_owner).read(["service"])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT key_secret FROM teahouse_sms_account WHERE id = %s",
            [self.account.id],
        )
        self.assertNotIn("sms-secret", self.env.cr.fetchone()[0])

    def test_a_branch_sends_by_its_parents_account(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.assertEqual(branch._teahouse_sms_account(), self.account)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(other._teahouse_sms_account())


@tagged("post_install", "-at_install")
class TestAliyun(SmsServiceTests, SmsCommon):
    fake_class, service, option = FakeAliyun, "aliyun", "teahouse_aliyun_sms_url"
    limit_code = "isv.BUSINESS_LIMIT_CONTROL"

    def test_the_request(self):
        self.send()
        ((number, template, values),) = self.fake.messages
        self.assertEqual((number, template), (PHONE, "SMS_1001"))
        self.assertEqual(set(values), {"code", "minutes"})
        self.assertRegex(values["code"], r"^\d{6}$")

    @QUIET
    def test_refusals(self):
        for code, state in (
            ("isv.MOBILE_NUMBER_ILLEGAL", ("failed", "wrong_number_format")),
            ("isv.AMOUNT_NOT_ENOUGH", ("queued", "insufficient_credit")),
            ("something new", ("queued", "server_error")),
        ):
            row = self.refused_with(code)
            self.assertEqual((row.state, row.failure), state, code)


@tagged("post_install", "-at_install")
class TestTencent(SmsServiceTests, SmsCommon):
    fake_class, service, option = FakeTencent, "tencent", "teahouse_tencent_sms_url"
    extra = {"sdk_app_id": FakeTencent.sdk_app_id}
    limit_code = "LimitExceeded.PhoneNumberDailyLimit"

    def test_the_request(self):
        self.send()
        ((number, template, values),) = self.fake.messages
        self.assertEqual((number, template), (f"+86{PHONE}", "SMS_1001"))
        self.assertEqual(values[0], "5")
        self.assertRegex(values[1], r"^\d{6}$")

    @QUIET
    def test_refusals(self):
        for code, state in (
            (
                "InvalidParameterValue.IncorrectPhoneNumber",
                ("failed", "wrong_number_format"),
            ),
            (
                "FailedOperation.InsufficientBalanceInSmsPackage",
                ("queued", "insufficient_credit"),
            ),
            ("something new", ("queued", "server_error")),
        ):
            row = self.refused_with(code)
            self.assertEqual((row.state, row.failure), state, code)

    def test_the_application_is_needed(self):
        with self.assertRaises(ValidationError):
            self.account.sdk_app_id = False
