import hashlib
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TeahouseCommon


@tagged("post_install", "-at_install")
class TestSession(TeahouseCommon):
    def setUp(self):
        super().setUp()
        self.sessions = self.env["teahouse.session"].with_user(self.user_public)
        self.session, self.token = self.sessions._open(
            self.member, user_agent="Phone", ip="192.0.2.1"
        )

    def later(self, **kwargs):
        return freeze_time(fields.Datetime.now() + timedelta(**kwargs))

    def test_checklist_1_only_a_hash_is_stored(self):
        self.assertGreaterEqual(len(self.token), 43)
        self.assertEqual(
            self.session.token_hash, hashlib.sha256(self.token.encode()).hexdigest()
        )
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(s)::text FROM teahouse_session s")
        self.assertNotIn(self.token, str(self.env.cr.fetchall()))
        _other, token = self.sessions._open(self.member)
        self.assertNotEqual(token, self.token)

    def test_resolve(self):
        self.assertEqual(self.sessions._resolve(self.token), self.session)
        for token in (None, "", self.token[:-1], self.token + "x", "%"):
            self.assertFalse(self.sessions._resolve(token))
        self.assertFalse(self.sessions._resolve(self.token, scope="other"))

    def test_checklist_2_idle_thirty_days(self):
        with self.later(days=29, hours=23):
            self.assertTrue(self.sessions._resolve(self.token))
        with self.later(days=30, seconds=1):
            self.assertFalse(self.sessions._resolve(self.token))

    def test_checklist_2_sliding_and_absolute_end(self):
        start = fields.Datetime.now()
        for day in range(20, 180, 20):
            with freeze_time(start + timedelta(days=day)):
                self.session._renew()
                self.assertTrue(self.sessions._resolve(self.token), day)
        with freeze_time(start + timedelta(days=179)):
            end = self.session._renew(force=True)
            self.assertEqual(end, self.session.absolute_expires_at)
        with freeze_time(start + timedelta(days=180, seconds=1)):
            self.assertFalse(self.sessions._resolve(self.token))

    def test_renewal_spares_writes(self):
        end = self.session.expires_at
        with self.later(minutes=30):
            self.assertEqual(self.session._renew(), end)
            self.assertGreater(self.session._renew(force=True), end)

    def test_checklist_3_logout(self):
        self.session._revoke()
        self.assertFalse(self.sessions._resolve(self.token))
        self.assertIsNone(self.sessions._identify(self.token))

    def test_checklist_3_everywhere_but_here(self):
        other, other_token = self.sessions._open(self.member)
        self.member._revoke_sessions(keep=self.session)
        self.assertTrue(self.sessions._resolve(self.token))
        self.assertFalse(self.sessions._resolve(other_token))
        self.assertTrue(other.revoked_at)

    def test_checklist_3_password_change(self):
        _other, other_token = self.sessions._open(self.member_2)
        self.member.user_id.password = "Camellia-9-other"
        self.assertFalse(self.sessions._resolve(self.token))
        self.assertTrue(self.sessions._resolve(other_token))

    def test_checklist_3_disabling(self):
        self.member.user_id.active = False
        self.assertFalse(self.sessions._resolve(self.token))
        self.assertTrue(self.session.revoked_at)
        self.member.user_id.active = True
        self.assertFalse(self.sessions._resolve(self.token), "stays revoked")

    def test_checklist_5_the_token_is_no_key_of_odoo(self):
        keys = self.env["res.users.apikeys"]
        self.assertFalse(keys._check_credentials(scope="rpc", key=self.token))

    def test_blocked_members_are_known_and_told(self):
        self.member.with_user(self.user_manager).state_reason = "Noise"
        self.member.with_user(self.user_manager).action_block()
        self.assertTrue(self.sessions._resolve(self.token))
        with self.assert_code("forbidden") as refused:
            self.member._check_can_book(self.store)
        self.assertIn("Noise", str(refused.error))

    def test_owner_logs_devices_out(self):
        with self.assertRaises(AccessError):
            self.session.with_user(self.user_manager).action_revoke()
        self.session.with_user(self.user_owner).action_revoke()
        self.assertFalse(self.sessions._resolve(self.token))

    def test_current(self):
        members = self.env["teahouse.member"]
        self.assertEqual(members.with_user(self.member.user_id)._current(), self.member)
        self.assertFalse(members.with_user(self.user_public)._current())
        self.assertFalse(members.with_user(self.user_staff)._current())
        self.assertFalse(members.with_user(self.user_portal)._current())

    def test_list_shows_no_token(self):
        values = self.session._api_values(current=self.session)
        self.assertTrue(values["current"])
        self.assertNotIn(self.token, str(values))
        self.assertNotIn(self.session.token_hash, str(values))

    def test_ended_ones_go(self):
        self.session._revoke()
        with self.later(days=31):
            self.env["teahouse.session"]._gc_ended()
        self.assertFalse(self.session.exists())
