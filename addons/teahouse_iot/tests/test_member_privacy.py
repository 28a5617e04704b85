"""Export and erasure of what doors tell about a person (security checklist, 30, 31)."""

import json
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestMemberPrivacy(DeviceCommon, TransactionCase):
    def setUp(self):
        super().setUp()
        self.booking = self.make_booking()
        self.line = self.env["teahouse.access.log"].create(
            {
                "at": fields.Datetime.now(),
                "store_id": self.store.id,
                "room_id": self.room.id,
                "member_id": self.member.id,
                "booking_id": self.booking.id,
                "method": "app",
                "result": "opened",
            }
        )

    def test_security_30_export_tells_of_doors(self):
        export = self.member._export()
        text = json.dumps(export)
        self.assertEqual(export["access_log"][0]["method"], "app")
        self.assertTrue(export["access_rights"])
        for grant in self.booking.grant_ids.sudo():
            self.assertNotIn(grant.pin, text)

    def test_security_30_erasure_takes_rights_and_names(self):
        grants = self.env["teahouse.grant"].search([("member_id", "=", self.member.id)])
        self.assertIn("active", grants.mapped("state"))
        self.member._forget(self.member.sudo())
        self.env.invalidate_all()
        self.assertNotIn("active", grants.mapped("state"))
        self.assertFalse(any(grants.sudo().mapped("pin")) or grants.member_id)
        self.assertTrue(self.line.exists())
        self.assertFalse(self.line.member_id)

    def test_security_30_erasure_takes_the_greeting(self):
        speaker = self.make_device("speaker")
        store = self.store.with_context(lang=self.store.voice_lang)
        store.voice_welcome = "Welcome {guest}"
        self.booking._check_in("staff")
        said = self.commands(speaker, plan_key="welcome")
        self.assertIn(self.member.name, said.args["text"])
        self.answer(said)
        self.booking._checkout("guest")
        self.member._forget(self.member.sudo())
        self.assertEqual(said.args["text"], "")

    def test_security_31_old_lines_of_the_access_log_go(self):
        logs, params = self.env["teahouse.access.log"], self.env["ir.config_parameter"]
        old = self.line.copy({"at": fields.Datetime.now() - timedelta(days=400)})
        params.set_param("teahouse_iot.access_log_keep_days", 0)
        logs._gc_old()
        self.assertTrue(old.exists())
        params.set_param("teahouse_iot.access_log_keep_days", 365)
        logs._gc_old()
        self.assertFalse(old.exists())
        self.assertTrue(self.line.exists())
