from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DeviceCommon

MODELS = (
    "teahouse.device",
    "teahouse.command",
    "teahouse.alarm",
    "teahouse.grant",
    "teahouse.grant.key",
    "teahouse.access.log",
    "teahouse.device.event",
    "teahouse.telemetry",
)
TECHNICAL = {
    "teahouse.device",
    "teahouse.command",
    "teahouse.alarm",
    "teahouse.device.event",
    "teahouse.telemetry",
}


@tagged("post_install", "-at_install")
class TestRoles(DeviceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.booking = cls.make_booking()
        cls.lock._unlock(source="staff", booking_id=cls.booking.id)
        cls.other_lock._unlock(source="staff")
        for device in (cls.lock, cls.other_lock):
            cls.event(device, "tamper")

    def readable(self, user):
        models = set()
        for name in MODELS:
            if self.env[name].with_user(user).has_access("read"):
                models.add(name)
        return models

    def test_who_reads_what(self):
        for user, models in (
            (self.user_owner, set(MODELS)),
            (self.user_manager, set(MODELS)),
            (self.user_staff, set(MODELS)),
            (self.user_technician, TECHNICAL),
            (self.user_cleaner, set()),
            (self.user_accountant, set()),
            (self.user_portal, set()),
            (self.user_public, set()),
            (self.member.user_id, set()),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.readable(user), models)

    def test_store_bound_roles_see_their_stores(self):
        for user in (self.user_manager, self.user_staff, self.user_technician):
            for name in ("teahouse.device", "teahouse.command", "teahouse.alarm"):
                stores = self.env[name].with_user(user).search([]).sudo().store_id
                self.assertEqual(stores, self.store, (user.login, name))
        events = self.env["teahouse.device.event"].with_user(self.user_staff).search([])
        self.assertEqual(events.sudo().device_id, self.lock)
        stores = (
            self.env["teahouse.device"].with_user(self.user_owner).search([]).store_id
        )
        self.assertLessEqual(self.store | self.other_store, stores)

    def test_other_companies_are_out_of_reach(self):
        company = self.env["res.company"].create({"name": "Other house"})
        store = self.make_store(name="Far away", company_id=company.id)
        device = self.make_device("gate", room=None, store=store)
        found = self.env["teahouse.device"].with_user(self.user_owner).search([])
        self.assertNotIn(device, found)

    def test_technician_sees_no_customer(self):
        command = self.commands(booking=self.booking, act="unlock").with_user(
            self.user_technician
        )
        self.assertTrue(command.device_id.name)
        fields = (
            self.env["teahouse.command"].with_user(self.user_technician).fields_get()
        )
        for name in ("booking_id", "member_id", "grant_id"):
            self.assertNotIn(name, fields)
            with self.assertRaises(AccessError):
                command.read([name])

    def test_who_changes_devices(self):
        for user, allowed in (
            (self.user_owner, True),
            (self.user_manager, True),
            (self.user_technician, True),
            (self.user_staff, False),
            (self.user_cleaner, False),
        ):
            device = self.lock.with_user(user)
            self.assertEqual(device.has_access("write"), allowed, user.login)

    def test_secrets_stay_inside(self):
        for user in (self.user_owner, self.user_technician, self.user_staff):
            fields = self.env["teahouse.device"].with_user(user).fields_get()
            self.assertNotIn("mqtt_password", fields, user.login)

    def test_nobody_edits_history(self):
        log = self.env["teahouse.access.log"]._log(self.lock, "app", "refused", "test")
        command = self.commands(self.lock, act="unlock")
        for record in (log, command):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(
                    record.with_user(self.user_owner).has_access(operation),
                    (record._name, operation),
                )

    def open_remotely(self, user, device, reason="Guest called"):
        wizard = (
            self.env["teahouse.remote.open"]
            .with_user(user)
            .create({"device_id": device.id, "reason": reason})
        )
        wizard.action_open()
        return wizard

    def test_staff_open_with_a_reason(self):
        self.open_remotely(self.user_staff, self.gate)
        command = self.commands(self.gate, act="unlock")
        self.assertEqual(
            (command.source, command.user_id, command.note),
            ("staff", self.user_staff, "Guest called"),
        )
        [log] = self.logs(method="staff")
        self.assertEqual((log.user_id, log.result), (self.user_staff, "pending"))
        self.answer(command)
        self.assertEqual((log.result, log.reason), ("opened", "Guest called"))
        [entry] = self.env["teahouse.audit"].search(
            [("action", "=", "door.remote_open")]
        )
        self.assertEqual(entry.detail["reason"], "Guest called")

    def test_remote_opening_without_reason_or_reach(self):
        with self.assert_code("invalid_request"):
            self.open_remotely(self.user_staff, self.gate, "   ")
        with self.assert_code("invalid_request"):
            self.open_remotely(self.user_staff, self.light)
        self.report(self.gate, online=False)
        with self.assert_code("device_offline"):
            self.open_remotely(self.user_staff, self.gate)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_others_do_not_open_doors(self):
        for user, device in (
            (self.user_staff, self.other_lock),
            (self.user_technician, self.gate),
            (self.user_cleaner, self.gate),
            (self.user_accountant, self.gate),
            (self.member.user_id, self.gate),
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.open_remotely(user, device)
        self.assertFalse(self.commands(self.gate, act="unlock"))
