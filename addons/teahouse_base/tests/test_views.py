from odoo.tests import Form, tagged

from .common import TeahouseCommon
from .lists import Lists


@tagged("post_install", "-at_install")
class TestViews(Lists, TeahouseCommon):
    """What the menus open, opens: for every role that sees the menu."""

    def actions(self, user):
        menus = self.env["ir.ui.menu"].with_user(user)
        root = self.env.ref("teahouse_base.teahouse_base_menu_root")
        visible = menus.browse(menus._visible_menu_ids())
        mine = visible.sudo().filtered(
            lambda menu: menu.parent_path.startswith(root.parent_path)
        )
        return [
            menu.action
            for menu in mine
            if menu.action and menu.action._name == "ir.actions.act_window"
        ]

    def test_menus_of_every_role(self):
        for role, user in self.users.items():
            actions = self.actions(user)
            self.assertTrue(actions, role)
            for action in actions:
                with self.subTest(role=role, action=action.name):
                    model = self.env[action.res_model].with_user(user)
                    modes = [(False, mode) for mode in action.view_mode.split(",")]
                    model.get_views([*modes, (False, "search")])
                    names = model.fields_get()
                    if not model._transient:
                        model.search([], limit=3).read(list(names))

    def test_what_a_role_does_not_see(self):
        def models(role):
            return {action.res_model for action in self.actions(self.users[role])}

        for role in ("cleaner", "technician"):
            self.assertNotIn("teahouse.member", models(role))
            self.assertNotIn("teahouse.audit", models(role))
        self.assertNotIn("teahouse.audit", models("staff"))
        self.assertIn("teahouse.audit", models("owner"))

    def test_forms(self):
        with Form(self.store.with_user(self.user_manager)) as form:
            form.notice = "Back soon"
        with Form(self.env["teahouse.room"].with_user(self.user_manager)) as form:
            form.name = "Plum"
            form.store_id = self.store
        self.assertEqual(form.record.store_id, self.store)
        with Form(self.member.with_user(self.user_staff)) as form:
            form.name = "Lu Yu of Jingling"
        self.assertEqual(self.member.partner_id.name, "Lu Yu of Jingling")
        with Form(self.member.with_user(self.user_manager)) as form:
            with form.blacklist_ids.new() as line:
                line.store_id = self.store
                line.reason = "Noise"
        self.assertEqual(self.member.blacklist_ids.company_id, self.company)

    def test_settings(self):
        settings = self.env["res.config.settings"].create(
            {"teahouse_member_review": "manual", "teahouse_audit_keep_days": 30}
        )
        settings.execute()
        params = self.env["ir.config_parameter"]
        self.assertEqual(params.get_param("teahouse_base.member_review"), "manual")
        self.assertEqual(params.get_param("teahouse_base.audit_keep_days"), "30")

    def test_rooms_button(self):
        action = self.store.with_user(self.user_manager).action_open_rooms()
        rooms = self.env["teahouse.room"].search(action["domain"])
        self.assertEqual(rooms, self.room + self.room_2)
        self.assertIn("amap", self.store.action_open_map()["url"])
