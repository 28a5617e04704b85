from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import PASSWORD, TeahouseCommon


@tagged("post_install", "-at_install")
class TestPrivacy(TeahouseCommon):
    def test_checklist_28_masks_and_reveal(self):
        """Screens show a mask; the whole number is a right, and leaves a trace."""
        phone = self.member.sudo().phone
        for role, user in self.users.items():
            if role in ("cleaner", "technician"):
                continue
            member = self.member.with_user(user)
            self.assertEqual(member.phone_masked, f"{phone[3:6]}****{phone[-4:]}")
            with self.assertRaises(AccessError):
                member.read(["phone"])
            if role != "owner":
                with self.assertRaises(AccessError):
                    member._reveal_phone()
        traces = self.env["teahouse.audit"].search_count(
            [("action", "=", "member.reveal")]
        )
        self.assertEqual(self.member.with_user(self.user_owner)._reveal_phone(), phone)
        action = self.member.with_user(self.user_owner).action_reveal_phone()
        self.assertEqual(action["params"]["message"], phone)
        self.assertEqual(
            self.env["teahouse.audit"].search_count([("action", "=", "member.reveal")]),
            traces + 2,
        )

    def test_staff_find_a_number_that_they_know(self):
        phone = self.member.sudo().phone
        members = self.env["teahouse.member"].with_user(self.user_staff)
        for operator, text in (("=", phone), ("ilike", phone.removeprefix("+86"))):
            self.assertEqual(
                members.search([("phone_search", operator, text)]), self.member
            )
        self.assertFalse(members.search([("phone_search", "ilike", phone[-4:])]))
        self.assertFalse(members.search([("phone_search", "=", "13999999999")]))
        with self.assertRaises(AccessError):
            members.search([("phone_index", "!=", False)])

    def test_checklist_24_moved_ciphertext_does_not_open(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE teahouse_member SET phone = (SELECT phone FROM teahouse_member"
            " WHERE id = %s) WHERE id = %s",
            [self.member.id, self.member_2.id],
        )
        self.env.invalidate_all()
        with self.assertRaises(Exception) as damaged:
            _phone = self.member_2.sudo().phone
        self.assertNotIsInstance(damaged.exception, AssertionError)

    def test_protected_fields(self):
        member = self.member.with_user(self.user_owner)
        for name, value in (
            ("user_id", self.user_portal.id),
            ("state", "approved"),
            ("active", False),
            ("consent_version", "9"),
            ("phone", "13900009999"),
        ):
            with self.assertRaises(AccessError):
                member.write({name: value})
        member.write({"name": "Lu", "gender": "male"})
        self.assertEqual(self.member.partner_id.name, "Lu")

    def test_never_deleted(self):
        with self.assertRaises(ValidationError):
            self.member.unlink()

    def test_checklist_30_export(self):
        self.make_token(self.member)
        export = self.member._export()
        self.assertEqual(export["member"]["phone"], self.member.sudo().phone)
        self.assertEqual(len(export["sessions"]), 1)
        for part in ("preferences", "identities", "notifications"):
            self.assertIn(part, export)

    def test_checklist_30_erasure_keeps_the_books(self):
        member = self.make_member("13955550000", name="Cai Xiang", password=PASSWORD)
        token = self.make_token(member)
        partner, user = member.partner_id, member.user_id
        partner.write({"email": "cai@example.com", "street": "Fujian"})
        member.write({"birthday": "1990-01-01", "gender": "male"})
        self.env["teahouse.identity"].create(
            {
                "member_id": member.id,
                "provider": "wechat",
                "app_id": "wx1",
                "subject": "openid-1",
            }
        )
        member.message_post(body="Mr Cai likes Dahongpao")
        member.with_user(user)._erase()
        self.env.invalidate_all()
        self.assertFalse(member.active or user.active)
        self.assertFalse(member.phone or member.birthday or member.identity_ids)
        self.assertFalse(member.message_ids)
        self.assertTrue(partner.exists(), "invoices keep their customer")
        self.assertNotIn("Cai", str(partner.read()))
        self.assertNotIn("Cai", member.name)
        self.assertFalse(self.env["teahouse.session"]._resolve(token))
        self.assertFalse(self.env["teahouse.member"]._find_by_phone("13955550000"))
        again = self.make_member("13955550000")
        self.assertNotEqual(again, member, "the phone is free again")

    def test_checklist_30_histories_of_other_records_lose_the_name(self):
        partner = self.member.partner_id
        field = self.env["ir.model.fields"]._get("res.partner", "parent_id")
        message = self.store.message_post(body="x")
        value = self.env["mail.tracking.value"].create(
            {
                "mail_message_id": message.id,
                "field_id": field.id,
                "new_value_integer": partner.id,
                "new_value_char": "Lu Yu",
                "old_value_integer": 0,
                "old_value_char": "Nobody",
            }
        )
        self.member._erase()
        self.assertNotIn("Lu Yu", value.new_value_char)
        self.assertEqual(value.old_value_char, "Nobody")

    def test_blacklist(self):
        entry = self.env["teahouse.blacklist"].create(
            {"member_id": self.member.id, "store_id": self.store.id, "reason": "Noise"}
        )
        with self.assert_code("forbidden") as refused:
            self.member._check_can_book(self.store)
        self.assertNotIn("Noise", str(refused.error), "the reason is for staff")
        self.member._check_can_book(self.other_store)
        self.member_2._check_can_book(self.store)
        entry.store_id = False
        with self.assert_code("forbidden"):
            self.member._check_can_book(self.other_store)
        entry.expires_at = "2020-01-01 00:00:00"
        self.member._check_can_book(self.store)

    def test_blacklist_of_another_company(self):
        company = self.env["res.company"].create({"name": "Franchise"})
        self.env["teahouse.blacklist"].create(
            {"member_id": self.member.id, "company_id": company.id, "reason": "Noise"}
        )
        self.member._check_can_book(self.store)
        with self.assertRaises(ValidationError):
            self.env["teahouse.blacklist"].create(
                {
                    "member_id": self.member.id,
                    "company_id": company.id,
                    "store_id": self.store.id,
                    "reason": "Noise",
                }
            )

    def test_reasons_are_required(self):
        member = self.member.with_user(self.user_manager)
        with self.assertRaises(ValidationError):
            member.action_block()
        self.assertEqual(member.state, "approved")

    def test_profile_and_preferences(self):
        self.member._api_update({"name": "Lu", "gender": "male", "state": "blocked"})
        self.assertEqual((self.member.name, self.member.gender), ("Lu", "male"))
        self.assertEqual(self.member.state, "approved")
        answer = self.member._api_update_preferences(
            {"sms": False, "quiet_from": "23:30", "quiet_to": "07:15", "lang": "en"}
        )
        self.assertEqual(
            answer,
            {
                "sms": False,
                "mail": True,
                "wechat": True,
                "quiet_from": "23:30",
                "quiet_to": "07:15",
                "lang": "en_US",
            },
        )
        with self.assert_code("invalid_request"):
            self.member._api_update({"lang": "tlh"})
