from odoo.tests import tagged
from odoo.tools import convert_file

from ..tools.passwords import password_problem
from .common import ROLES, TeahouseCommon


@tagged("post_install", "-at_install")
class TestDemo(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("teahouse_store_demo", "res_users_demo", "api_limits_demo"):
            convert_file(
                cls.env,
                "teahouse_base",
                f"demo/{name}.xml",
                {},
                mode="init",
                noupdate=True,
            )

    def ref(self, name):
        return self.env.ref(f"teahouse_base.{name}")

    def test_stores_and_rooms(self):
        hefang, wulin = self.ref("demo_store_hefang"), self.ref("demo_store_wulin")
        self.assertEqual((hefang.room_count, wulin.room_count), (4, 3))
        page = hefang._api_values(detail=True)
        self.assertTrue(page["navigation"]["amap"])
        self.assertEqual(len(page["rooms"]), 4)
        self.assertTrue(hefang._guest_values()["wifi"]["password"])

    def test_members_log_in(self):
        self.registry_enter_test_mode()
        members = self.env["teahouse.member"]
        for number in (1, 2, 3):
            member = members._login_password(
                f"1380000000{number}", f"Teahouse-{number}"
            )
            self.assertEqual(member, self.ref(f"demo_member_{number}"))
            self.assertIsNone(password_problem(f"Teahouse-{number}"))

    def test_staff(self):
        for role in ROLES:
            user = self.ref(f"demo_user_{role}")
            self.assertEqual(user.login, role)
            self.assertTrue(user.has_group(f"teahouse_base.teahouse_base_group_{role}"))
            stores = self.env["teahouse.store"].with_user(user).search([])
            self.assertIn(self.ref("demo_store_hefang"), stores)
        self.assertEqual(
            self.env["teahouse.store"]
            .with_user(self.ref("demo_user_staff"))
            .search([]),
            self.ref("demo_store_hefang"),
        )
