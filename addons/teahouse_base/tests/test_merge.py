"""Two members that are one person, and ways to log in that stay."""

import json

from odoo.tests import tagged

from .common import TeahouseHttpCommon
from .platform_common import PHONE, PlatformCommon


@tagged("post_install", "-at_install")
class TestMerge(PlatformCommon):
    def setUp(self):
        super().setUp()
        self.wechat.codes["c1"] = "openid-1"
        self.stray, _new = self.log_in("c1")
        self.known = self.make_member(phone=PHONE)

    def test_what_moves(self):
        self.env["teahouse.notification"]._notify(
            self.stray, "member_approved", {}, event_key="test-merge"
        )
        self.stray.write({"gender": "female"})
        upload = self.env["teahouse.upload"].create(
            {"member_id": self.stray.id, "image": PIXEL}
        )

        self.stray._merge(self.known)

        self.assertEqual(self.known.identity_ids.subject, "openid-1")
        self.assertEqual(upload.member_id, self.known)
        self.assertEqual(self.known.gender, "female")
        inbox = self.env["teahouse.notification"]._inbox_page(self.known, 10)
        codes = set(inbox.mapped("template_code"))
        self.assertEqual(codes, {"member_approved", "member_merged"})

    def test_the_merged_member_is_closed(self):
        token = self.make_token(self.stray)
        self.stray._merge(self.known)
        self.assertFalse(self.stray.active or self.stray.user_id.active)
        self.assertFalse(self.env["teahouse.session"]._identify(token))
        with self.assert_code("forbidden"):
            self.stray._check_can_book(self.store)

    def test_twice_is_once(self):
        self.stray._merge(self.known)
        self.stray._merge(self.known)
        trail = self.env["teahouse.audit"].search([("action", "=", "member.merge")])
        ours = trail.filtered(lambda row: row.res_id in (self.stray | self.known).ids)
        self.assertEqual(len(ours), 2)

    def test_not_into_somebody_who_is_gone(self):
        self.stray._merge(self.known)
        for member, target in (
            (self.known, self.stray),
            (self.stray, self.member),
        ):
            with self.assert_code("invalid_state"):
                member._merge(target)

    def test_no_way_out_of_a_blacklist(self):
        self.env["teahouse.blacklist"].create(
            {
                "member_id": self.stray.id,
                "store_id": self.store.id,
                "company_id": self.company.id,
                "reason": "Smoked",
            }
        )
        self.stray.write({"state": "blocked", "state_reason": "Twice"})
        self.stray._merge(self.known)
        self.assertEqual(self.known.state, "blocked")
        self.assertEqual(self.known.state_reason, "Twice")
        self.assertTrue(self.known.blacklist_ids)

    def test_erasure_forgets_the_merged_part_too(self):
        self.stray.name = "Wanderer Somebody"
        self.stray._merge(self.known)
        self.known._erase()
        self.assertNotIn("Wanderer", self.stray.partner_id.name)

    def test_a_code_to_the_phone_joins_both(self):
        otp = self.env["teahouse.otp"].with_user(self.user_public)
        otp._issue(PHONE, "bind")
        code = self.code()
        stray = self.stray.with_user(self.stray.user_id)
        with self.assert_code("invalid_request"), self.env.cr.savepoint():
            stray._change_phone(
                PHONE, "000000" if code != "000000" else "1", merge=True
            )
        with self.assert_code("invalid_request"), self.env.cr.savepoint():
            stray._change_phone(PHONE, code)

        stays = stray._change_phone(PHONE, code, merge=True)

        self.assertEqual(stays, self.known)
        self.assertEqual(self.stray.merged_into_id, self.known)

    def test_the_first_phone_needs_its_code_only(self):
        phone = "13911114444"
        self.env["teahouse.otp"].with_user(self.user_public)._issue(phone, "bind")
        stray = self.stray.with_user(self.stray.user_id)
        self.assertEqual(stray._change_phone(phone, self.code()), self.stray)
        self.assertEqual(self.stray.phone, f"+86{phone}")
        with self.assert_code("invalid_request"):
            stray._change_phone("13911115555", "123456")

    def code(self):
        """Return the code of the last SMS."""
        row = self.env["teahouse.notification"].search([], limit=1, order="id desc")
        return json.loads(row.params)["code"]


@tagged("post_install", "-at_install")
class TestUnbind(PlatformCommon, TeahouseHttpCommon):
    def test_the_last_way_in_stays(self):
        self.wechat.codes.update(c1="openid-1", c2="openid-2")
        member, _new = self.log_in("c1")
        token = self.make_token(member)
        path = f"/me/identities/{member.identity_ids.id}"

        refused = self.api("DELETE", path, token=token)
        self.assertEqual(refused.status_code, 409, refused.text)
        self.assertEqual(refused.json()["code"], "invalid_state")

        self.bind(member, "c2")
        self.assertEqual(self.api("DELETE", path, token=token).status_code, 204)
        self.assertEqual(member.identity_ids.subject, "openid-2")

    def test_an_identity_nobody_can_use_does_not_count(self):
        self.wechat.codes["c1"] = "openid-1"
        member, _new = self.log_in("c1")
        self.env["teahouse.identity"].create(
            {
                "member_id": member.id,
                "provider": "wechat",
                "app_id": "wx-of-old",
                "subject": "openid-9",
            }
        )
        usable = member.identity_ids.filtered(lambda row: row.app_id == "wx-mini")
        with self.assert_code("invalid_state"):
            self.env["teahouse.identity"]._api_unbind(member, usable.id)

    def test_with_a_phone_all_may_go(self):
        self.wechat.codes["c1"], self.wechat.phones["p1"] = "openid-1", PHONE
        member, _new = self.log_in("c1", "p1")
        self.env["teahouse.identity"]._api_unbind(member, member.identity_ids.id)
        self.assertFalse(member.identity_ids)


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
