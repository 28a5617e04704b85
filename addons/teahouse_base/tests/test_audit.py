import re
from datetime import timedelta
from pathlib import Path

from psycopg2.errors import InsufficientPrivilege

from odoo import fields
from odoo.exceptions import AccessError
from odoo.modules.module import Manifest
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TeahouseCommon


@tagged("post_install", "-at_install")
class TestAudit(TeahouseCommon):
    def log(self, user=None, record=None, **detail):
        audit = self.env["teahouse.audit"].with_user(user or self.user_staff)
        return audit._log("store.team", record, detail or None)

    def test_who_what_when_which(self):
        entry = self.log(record=self.room, amount="12.00")
        self.assertEqual(entry.user_id, self.user_staff)
        self.assertEqual((entry.model, entry.res_id), ("teahouse.room", self.room.id))
        self.assertEqual(entry.record_name, "Bamboo")
        self.assertEqual(entry.store_id, self.store)
        self.assertEqual(entry.company_id, self.company)
        self.assertEqual(entry.detail, {"amount": "12.00"})
        self.assertIn("amount: 12.00", entry.detail_text)

    def test_what_is_noted_has_words(self):
        """Every code in the source of the installed addons has words for people."""
        said = set()
        for name in self.env.registry._init_modules:
            folder = Path(Manifest.for_addon(name).path)
            if not folder.name.startswith("teahouse_"):
                continue
            for file in folder.glob("*/*.py"):
                if file.parent.name == "tests":
                    continue
                text = file.read_text("utf-8")
                said |= set(re.findall(r'_log\(\s*"([a-z]+\.[a-z_]+)"', text))
                steps = re.findall(r'_log_step\("([a-z_]+)"', text)
                said |= {f"booking.{step}" for step in steps}
        self.assertGreater(len(said), 10)
        self.assertFalse(said - set(self.env["teahouse.audit"]._action_words()))

    def test_checklist_44_phones_are_masked(self):
        entry = self.log(note="call 13800000001", more=["+8613800000002", {"a": 1}])
        self.assertEqual(
            entry.detail,
            {"note": "call 138****0001", "more": ["138****0002", {"a": 1}]},
        )

    def test_a_member_goes_by_number(self):
        entry = self.log(record=self.member)
        self.assertNotIn("Lu Yu", entry.record_name)
        self.assertIn(str(self.member.id), entry.record_name)

    @mute_logger("odoo.sql_db")
    def test_checklist_44_append_only(self):
        entry = self.log()
        for user in (self.user_owner, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                entry.with_user(user).write({"action": "x"})
            with self.assertRaises(AccessError):
                entry.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["teahouse.audit"].with_user(user).create({"action": "x"})
        with self.assertRaises(AccessError):
            entry.sudo().write({"action": "x"})
        self.env.flush_all()
        for statement in (
            "UPDATE teahouse_audit SET action = 'x' WHERE id = %s",
            "DELETE FROM teahouse_audit WHERE id = %s",
        ):
            with self.assertRaises(InsufficientPrivilege), self.env.cr.savepoint():
                self.env.cr.execute(statement, [entry.id])

    def test_retention(self):
        old = self.env["teahouse.audit"].create(
            {
                "action": "old",
                "user_id": self.env.uid,
                "at": fields.Datetime.now() - timedelta(days=100),
            }
        )
        params = self.env["ir.config_parameter"]
        params.set_param("teahouse_base.audit_keep_days", "0")
        self.env["teahouse.audit"]._gc_expired()
        self.assertTrue(old.exists())
        params.set_param("teahouse_base.audit_keep_days", "99")
        recent = self.log()
        self.env["teahouse.audit"]._gc_expired()
        self.assertFalse(old.exists())
        self.assertTrue(recent.exists())
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(InsufficientPrivilege),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("DELETE FROM teahouse_audit WHERE id = %s", [recent.id])

    def test_sensitive_actions_leave_a_trace(self):
        def last():
            return self.env["teahouse.audit"].search([], limit=1, order="id desc")

        self.make_token(self.member)
        self.assertEqual(last().action, "member.login")
        self.member.with_user(self.user_owner)._reveal_phone()
        self.assertEqual(
            (last().action, last().user_id), ("member.reveal", self.user_owner)
        )
        self.member.with_user(self.user_manager).state_reason = "Noise"
        self.member.with_user(self.user_manager).action_block()
        self.assertEqual(last().action, "member.block")
        self.env["teahouse.blacklist"].with_user(self.user_manager).create(
            {
                "member_id": self.member_2.id,
                "store_id": self.store.id,
                "reason": "Noise",
            }
        )
        self.assertEqual(last().action, "member.blacklist")
        group = self.env.ref("teahouse_base.teahouse_base_group_manager")
        self.user_staff.group_ids += group
        self.assertEqual(last().action, "user.rights")
        self.assertIn("Manager", str(last().detail["added"]))
        self.user_staff.with_user(self.user_staff)._update_last_login()
        self.assertEqual(last().action, "user.login")
