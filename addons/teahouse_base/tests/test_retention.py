"""Personal data goes when its time is over. Names point to the security checklist."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..exceptions import TeahouseError
from .common import TeahouseCommon


@tagged("post_install", "-at_install")
class TestRetention(TeahouseCommon):
    def age(self, records, column="create_date", **kwargs):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET {column} = %s WHERE id IN %s",
            (fields.Datetime.now() - timedelta(**kwargs), tuple(records.ids)),
        )
        records.invalidate_recordset()

    def forget(self, months):
        params = self.env["ir.config_parameter"]
        params.set_param("teahouse_base.member_keep_months", months)
        self.env["teahouse.member"]._gc_not_seen()
        self.env.invalidate_all()

    def test_security_31_members_not_seen_for_long_are_forgotten(self):
        away = self.make_member(name="Away")
        phoneless = self.make_member(name="Back")
        for member, days in ((away, 800), (phoneless, 10)):
            session, _token = self.env["teahouse.session"]._open(member)
            self.age(session, "last_seen_at", days=days)
            session.unlink()
        self.age(away + phoneless + self.member, days=900)
        self.make_token(self.member)
        self.forget(0)
        self.assertTrue(away.active, "off by default")
        self.forget(24)
        self.assertFalse(away.active)
        self.assertNotIn("Away", away.name)
        self.assertTrue(phoneless.active, "seen ten days ago, by a session long gone")
        self.assertTrue(self.member.active, "logged in now")
        self.assertTrue(self.member_2.active, "new")

    def test_security_31_who_has_something_open_stays(self):
        away = self.make_member(name="Away")
        self.age(away, days=900)
        refusal = TeahouseError("invalid_state", "A stay is open.")
        with patch.object(type(away), "_check_can_erase", side_effect=refusal):
            self.forget(24)
        self.assertTrue(away.active)

    def test_security_31_messages(self):
        rows = self.env["teahouse.notification"]
        for key in ("old", "new"):
            rows += rows._notify(self.member, "member_approved", {}, key)
        rows.state = "sent"
        old, new = (
            rows.filtered(lambda row, key=key: row.event_key == key)
            for key in ("old", "new")
        )
        self.age(old, days=40)
        self.env["teahouse.notification"]._gc_old()
        self.assertTrue(old.exists())
        params = self.env["ir.config_parameter"]
        params.set_param("teahouse_base.notification_keep_days", 30)
        self.env["teahouse.notification"]._gc_old()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())

    def test_security_31_images_that_nothing_shows(self):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
            "GAWjR9awAAAABJRU5ErkJggg=="
        )
        uploads = self.env["teahouse.upload"].create(
            [{"member_id": self.member.id, "image": pixel} for _number in range(3)]
        )
        old, used, new = uploads
        self.age(old + used, days=8)
        with patch.object(type(uploads), "_in_use", lambda self: used & self):
            uploads._gc_unused()
        self.assertFalse(old.exists())
        self.assertTrue(used.exists() and new.exists())
