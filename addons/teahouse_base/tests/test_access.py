"""Who may do what: every model of this addon, every role."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ROLES, TeahouseCommon

READ, NONE = "r", ""
# Operations by role; a role that is not named may do nothing.
RIGHTS = {
    "teahouse.store": {
        **dict.fromkeys(("cleaner", "technician", "accountant", "staff"), "r"),
        "manager": "rw",
        "owner": "rwcd",
    },
    "teahouse.room": {
        **dict.fromkeys(("cleaner", "technician", "accountant", "staff"), "r"),
        **dict.fromkeys(("manager", "owner"), "rwcd"),
    },
    "teahouse.photo": {
        **dict.fromkeys(("cleaner", "technician", "accountant", "staff"), "r"),
        **dict.fromkeys(("manager", "owner"), "rwcd"),
    },
    "teahouse.store.opening": {
        **dict.fromkeys(("cleaner", "technician", "accountant", "staff"), "r"),
        **dict.fromkeys(("manager", "owner"), "rwcd"),
    },
    "teahouse.room.type": {**dict.fromkeys(ROLES, "r"), "owner": "rwcd"},
    "teahouse.facility": {**dict.fromkeys(ROLES, "r"), "owner": "rwcd"},
    "teahouse.member": {
        **dict.fromkeys(("staff", "manager", "owner"), "rw"),
        **dict.fromkeys(("accountant", "member"), "r"),
    },
    "teahouse.blacklist": {"staff": "r", "manager": "rwc", "owner": "rwcd"},
    "teahouse.identity": dict.fromkeys(("manager", "owner", "member"), "r"),
    "teahouse.session": dict.fromkeys(("owner", "member"), "r"),
    "teahouse.notification": dict.fromkeys(("manager", "owner", "member"), "r"),
    "teahouse.notification.template": {"manager": "r", "owner": "rwcd"},
    "teahouse.audit": dict.fromkeys(("manager", "owner"), "r"),
    "teahouse.upload": dict.fromkeys(("staff", "manager", "owner", "member"), "r"),
    "teahouse.member.register": dict.fromkeys(("staff", "manager", "owner"), "rwc"),
    "teahouse.employee": {"owner": "rwc"},
    "teahouse.room.batch": dict.fromkeys(("manager", "owner"), "rwc"),
    "teahouse.wechat.subscription": {"owner": "r"},
    "teahouse.platform.app": {},
    "teahouse.sms.account": {},
    "teahouse.otp": {},
    "teahouse.throttle": {},
    "teahouse.api.limit": {},
    "teahouse.api.idempotency": {},
    "field.encrypted.key": {},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


@tagged("post_install", "-at_install")
class TestAccess(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = {
            **cls.users,
            "member": cls.member.user_id,
            "portal": cls.user_portal,
            "public": cls.user_public,
        }

    def test_rights_of_every_role(self):
        for model, rights in RIGHTS.items():
            for role, user in self.everybody.items():
                records = self.env[model].with_user(user)
                allowed = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if records.has_access(operation)
                )
                self.assertEqual(allowed, rights.get(role, NONE), f"{model} {role}")

    def test_no_model_is_forgotten(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "teahouse_base"), ("model", "=", "ir.model")]
        )
        models = self.env["ir.model"].browse(data.mapped("res_id"))
        named = {
            model.model
            for model in models
            if model.model.startswith("teahouse.") and not model.abstract
        }
        self.assertEqual(named - set(RIGHTS), set())

    def visible(self, user, records):
        return records.with_user(user).search([("id", "in", records.ids)])

    def test_assigned_stores(self):
        stores = self.store + self.other_store
        rooms = self.room + self.room_2 + self.other_room
        for role in ("manager", "staff", "cleaner", "technician"):
            user = self.users[role]
            self.assertEqual(self.visible(user, stores), self.store, role)
            self.assertEqual(self.visible(user, rooms), self.room + self.room_2, role)
            with self.assertRaises(AccessError):
                self.other_room.with_user(user).read(["name"])
        for role in ("owner", "accountant"):
            self.assertEqual(self.visible(self.users[role], stores), stores, role)
            self.assertEqual(self.visible(self.users[role], rooms), rooms, role)

    def test_assignment_counts_at_once(self):
        """Record rules are cached: a new assignment must not wait for a restart."""
        stores = self.store + self.other_store
        self.assertEqual(self.visible(self.user_staff, stores), self.store)
        self.other_store.user_ids = [Command.link(self.user_staff.id)]
        self.assertEqual(self.visible(self.user_staff, stores), stores)
        self.user_staff.teahouse_store_ids = [Command.set(self.other_store.ids)]
        self.assertEqual(self.visible(self.user_staff, stores), self.other_store)

    def test_a_manager_changes_no_foreign_store(self):
        self.store.with_user(self.user_manager).notice = "Closed at noon"
        with self.assertRaises(AccessError):
            self.other_store.with_user(self.user_manager).notice = "x"
        with self.assertRaises(AccessError):
            self.env["teahouse.room"].with_user(self.user_manager).create(
                {"name": "Mine", "store_id": self.other_store.id}
            )

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Franchise"})
        store = self.make_store(name="Elsewhere", company_id=company.id)
        room = self.make_room(store)
        stores, rooms = self.store + store, self.room + room
        for role in ("owner", "accountant"):
            self.assertEqual(self.visible(self.users[role], stores), self.store)
            self.assertEqual(self.visible(self.users[role], rooms), self.room)
        # Even an assignment does not lead out of the company.
        self.user_staff.teahouse_store_ids += store
        self.assertEqual(self.visible(self.user_staff, stores), self.store)

    def test_wifi_is_for_staff(self):
        self.store.wifi_password = "oolong-42"
        for role in ("cleaner", "technician", "accountant"):
            with self.assertRaises(AccessError):
                self.store.with_user(self.users[role]).read(["wifi_password"])
        self.assertEqual(
            self.store.with_user(self.user_staff).wifi_password, "oolong-42"
        )

    def test_checklist_6_members_see_their_own_records_only(self):
        both = self.member + self.member_2
        user = self.member.user_id
        self.assertEqual(self.visible(user, both), self.member)
        with self.assertRaises(AccessError):
            self.member_2.with_user(user).read(["name"])
        sessions = self.env["teahouse.session"]
        mine, _token = sessions._open(self.member)
        theirs, _token = sessions._open(self.member_2)
        self.assertEqual(self.visible(user, mine + theirs), mine)
        notices = self.env["teahouse.notification"]._notify(
            both, "member_approved", {}, "test-access"
        )
        self.assertEqual(self.visible(user, notices).member_id, self.member)
        for record in (mine, self.visible(user, notices)[:1], self.member):
            with self.assertRaises(AccessError):
                record.with_user(user).write({"active": False})

    def test_cleaners_and_technicians_see_no_customers(self):
        partner = self.member.partner_id
        staff_partner = self.user_staff.partner_id
        for role in ("cleaner", "technician"):
            user = self.users[role]
            both = partner + staff_partner
            self.assertEqual(self.visible(user, both), staff_partner, role)
            with self.assertRaises(AccessError):
                partner.with_user(user).read(["name"])
            user.with_user(user).partner_id.read(["name"])
        for role in ("staff", "manager", "accountant", "owner"):
            self.assertTrue(partner.with_user(self.users[role]).name, role)
        self.user_cleaner.group_ids += self.env.ref(
            "teahouse_base.teahouse_base_group_staff"
        )
        self.assertTrue(partner.with_user(self.user_cleaner).name)
        # An erased member stays hidden, too.
        self.member._erase()
        self.assertFalse(self.visible(self.user_technician, partner))

    def test_secret_fields_are_for_nobody(self):
        sessions = self.env["teahouse.session"]
        session, _token = sessions._open(self.member)
        for user in (self.member.user_id, self.user_owner):
            with self.assertRaises(AccessError):
                session.with_user(user).read(["token_hash"])
        admin = self.env.ref("base.user_admin")
        for name in ("phone", "phone_index"):
            with self.assertRaises(AccessError):
                self.member.with_user(admin).read([name])

    def test_trail_of_the_own_stores(self):
        audit = self.env["teahouse.audit"]
        mine = audit._log("test", self.room)
        theirs = audit._log("test", self.other_room)
        both = mine + theirs
        self.assertEqual(self.visible(self.user_manager, both), mine)
        self.assertEqual(self.visible(self.user_owner, both), both)

    def test_roles_imply_as_designed(self):
        def has(role, other):
            return self.users[role].has_group(
                f"teahouse_base.teahouse_base_group_{other}"
            )

        self.assertTrue(has("manager", "staff"))
        for other in ("manager", "accountant", "technician", "cleaner", "reveal"):
            self.assertTrue(has("owner", other), other)
        for role in ROLES[1:]:
            self.assertFalse(has(role, "owner"), role)
            self.assertFalse(has(role, "reveal"), role)
        self.assertFalse(has("staff", "manager"))
        admin = self.env.ref("base.user_admin")
        self.assertTrue(admin.has_group("teahouse_base.teahouse_base_group_owner"))
