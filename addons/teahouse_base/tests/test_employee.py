"""Owners hand out rights: below their own, and nothing else."""

from odoo import Command
from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import TeahouseCommon

GROUP = "teahouse_base.teahouse_base_group_"


@tagged("post_install", "-at_install")
class TestEmployee(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employees = cls.env["teahouse.employee"].with_user(cls.user_owner)
        cls.env.flush_all()

    def employee(self, user):
        return self.employees.browse(user.id)

    def trail(self, action, user):
        return self.env["teahouse.audit"].search(
            [("action", "=", action), ("res_id", "=", user.id)], limit=1
        )

    def test_an_owner_invites(self):
        with Form(self.employees) as form:
            form.name = "Lin Yue"
            form.login = "linyue"
            form.is_cleaner = True
            form.is_staff = True
            form.store_ids.add(self.store)
        user = form.record.sudo().user_id
        self.assertTrue(user.has_group(GROUP + "cleaner"))
        self.assertTrue(user.has_group(GROUP + "staff"))
        self.assertFalse(user.has_group(GROUP + "manager"))
        self.assertFalse(user.has_group("base.group_erp_manager"))
        self.assertEqual(user.teahouse_store_ids, self.store)
        self.assertEqual(user.company_ids, self.company)
        self.assertEqual(user.tz, "Asia/Shanghai")
        self.assertIn("Cleaner", form.record.roles)
        added = self.trail("user.rights", user).detail["added"]
        self.assertTrue(any("Cleaner" in name for name in added))

    def test_roles_and_stores_change_with_a_trace(self):
        employee = self.employee(self.user_staff)
        employee.write(
            {
                "is_staff": False,
                "is_manager": True,
                "store_ids": [Command.set(self.other_store.ids)],
            }
        )
        self.assertTrue(self.user_staff.has_group(GROUP + "manager"))
        self.assertEqual(self.user_staff.teahouse_store_ids, self.other_store)
        self.assertTrue(employee.is_manager)
        self.assertFalse(employee.is_staff)
        entry = self.trail("user.rights", self.user_staff)
        self.assertEqual(entry.user_id, self.user_owner)
        entry = self.trail("user.stores", self.user_staff)
        self.assertEqual(entry.detail["added"], ["Hillside"])
        self.assertEqual(entry.detail["removed"], ["Riverside"])

    def test_assignment_on_the_store_leaves_a_trace(self):
        self.other_store.with_user(self.user_owner).user_ids += self.user_staff
        entry = self.trail("store.team", self.other_store)
        self.assertEqual(entry.detail["added"], ["test-staff"])
        self.assertEqual(entry.store_id, self.other_store)

    def test_leaving_ends_the_login_with_a_trace(self):
        employee = self.employee(self.user_cleaner)
        employee.action_archive()
        self.assertFalse(self.user_cleaner.active)
        self.assertTrue(self.trail("user.deactivate", self.user_cleaner))
        self.assertNotIn(employee, self.employees.search([]))
        employee.action_unarchive()
        self.assertTrue(self.user_cleaner.active)
        self.assertTrue(self.trail("user.activate", self.user_cleaner))

    def test_nobody_else_is_changed(self):
        admin = self.env.ref("base.user_admin")
        second = new_test_user(self.env, "test-owner-2", groups=GROUP + "owner")
        helper = new_test_user(
            self.env, "test-it", groups=f"base.group_erp_manager,{GROUP}staff"
        )
        company = self.env["res.company"].create({"name": "Elsewhere"})
        shared = self.make_user("staff", login="test-shared")
        shared.company_ids += company
        for user in (admin, second, helper, self.user_owner, shared):
            employee = self.employee(user)
            self.assertFalse(employee.can_change, user.login)
            for vals in ({"is_cleaner": True}, {"active": False}, {"login": "x"}):
                with self.assertRaises(AccessError):
                    employee.write(vals)
            with self.assertRaises(AccessError):
                employee.action_invitation()
        # Customers are no employees at all.
        with self.assertRaises(MissingError):
            self.employee(self.member.user_id).write({"is_staff": True})

    def test_only_what_the_page_shows_is_changed(self):
        employee = self.employee(self.user_staff)
        groups = [Command.link(self.env.ref("base.group_system").id)]
        for vals in (
            {"group_ids": groups},
            {"password": "Camellia-9"},
            {"is_owner": True},
            {"user_id": self.user_cleaner.id},
            {"company_id": 1},
        ):
            with self.assertRaises(AccessError):
                employee.write(vals)
            with self.assertRaises(AccessError):
                self.employees.create(
                    {"name": "X", "login": "x", "is_staff": True, **vals}
                )

    def test_at_least_one_role(self):
        with self.assertRaises(ValidationError):
            self.employees.create({"name": "X", "login": "x", "may_reveal": True})
        with self.assertRaises(ValidationError):
            self.employee(self.user_staff).is_staff = False

    def test_only_owners(self):
        for role in ("manager", "staff", "accountant"):
            page = self.env["teahouse.employee"].with_user(self.users[role])
            with self.assertRaises(AccessError):
                page.search([])
            with self.assertRaises(AccessError):
                page.create({"name": "X", "login": "x", "is_manager": True})

    def test_other_companies_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.make_user(
            "staff",
            login="test-elsewhere",
            stores=self.env["teahouse.store"],
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.env.flush_all()
        self.assertNotIn(other.id, self.employees.search([]).ids)
        with self.assertRaises(AccessError):
            self.employee(other).write({"is_cleaner": True})

    def test_invitation_link_sets_a_password(self):
        employee = self.employee(self.user_staff)
        url = employee.action_invitation()["params"]["message"]
        self.assertIn("/web/reset_password?", url)
        token = url.partition("token=")[2].partition("&")[0]
        self.env["res.users"].sudo().signup({"password": "Camellia-2"}, token)
        self.assertTrue(self.trail("user.invite", self.user_staff))

    def test_search(self):
        found = self.employees.search([("store_ids", "in", self.store.ids)])
        self.assertIn(self.user_cleaner.id, found.ids)
        found = self.employees.search([("is_technician", "=", True)])
        self.assertIn(self.user_technician.id, found.ids)
        self.assertNotIn(self.user_cleaner.id, found.ids)
