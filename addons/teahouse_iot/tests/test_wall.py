import json
from unittest.mock import MagicMock, patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import config, mute_logger

from .common import DeviceCommon, DeviceMixin, TeahouseCommon

# What a technician does on an ordinary day: sees trouble, takes it, switches, tries.
DAY = """
const until = async (find, what) => {
    for (let i = 0; i < 600; i++) {
        const found = find();
        if (found) {
            return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("not found: " + what);
};
const all = (selector) => [...document.querySelectorAll(selector)];
const row = (text) =>
    all("li[data-device]").find((one) => one.textContent.includes(text));
const press = async (root, name) =>
    (await until(() => root()?.querySelector(`.o_wall_${name}`), name)).click();
const wall = () => document.querySelector(".o_teahouse_wall");
(async () => {
    await until(() => row("Hall light"), "light");
    if (row("Front gate").querySelector(".o_wall_open")) {
        throw new Error("a technician opens no doors");
    }
    await press(wall, "take");
    await until(() => wall().querySelector(".o_wall_taken"), "taken");
    await press(() => row("Hall light"), "switch");
    await until(() => row("Hall light").querySelector(".fa-spinner"), "under way");
    await press(wall, "trouble");
    await until(() => !row("Hall light"), "filtered");
    row("Front lock").querySelector("a").click();
    await until(() => document.querySelector(".o_form_view"), "form of the device");
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestWall(DeviceCommon):
    def wall(self, user=None):
        store = self.store.with_user(user or self.user_staff)
        # As it goes over the wire.
        return json.loads(json.dumps(store.device_wall()))

    def devices(self, wall):
        return {one["id"]: one for place in wall["places"] for one in place["devices"]}

    def test_everything_at_a_glance(self):
        booking = self.make_booking()
        booking._check_in("staff")
        self.event(self.lock, "door", open=True)
        self.event(self.lock, "tamper", on=True)
        self.report(self.light, online=False)
        wall = self.wall()
        devices = self.devices(wall)
        mine = self.gate | self.lock | self.power | self.light
        self.assertEqual(set(devices), set(mine.ids))
        self.assertTrue(devices[self.lock.id]["door_open"])
        self.assertEqual(devices[self.lock.id]["alarms"], 1)
        self.assertEqual(devices[self.light.id]["state"], "offline")
        self.assertTrue(devices[self.power.id]["waiting"])
        self.assertEqual([one["severity"] for one in wall["alarms"]], ["critical"])
        place = next(one for one in wall["places"] if one["id"] == self.room.id)
        self.assertTrue(place["until"])
        self.assertTrue(wall["commands"])

    def test_who_sees_it(self):
        self.assertTrue(self.wall(self.user_staff)["may_open"])
        technician = self.wall(self.user_technician)
        self.assertFalse(technician["may_open"])
        self.assertTrue(self.devices(technician))
        stores = self.env["teahouse.store"].with_user(self.user_staff).wall_stores()
        self.assertEqual([one["id"] for one in stores], self.store.ids)
        with mute_logger("odoo.addons.base.models.ir_rule"):
            with self.assertRaises(AccessError):
                self.other_store.with_user(self.user_staff).device_wall()
        for user in (self.user_cleaner, self.user_accountant, self.member.user_id):
            with mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    self.wall(user)

    def sent(self, act):
        with patch.object(type(self.env["bus.bus"]), "_sendone", autospec=True) as bus:
            act()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return [
            store_id
            for call in bus.call_args_list
            for store_id in call.args[3].get("store_ids", ())
        ]

    def test_changes_are_told(self):
        self.env.cr.precommit.run()
        command = self.lock._unlock(source="staff")
        for act in (
            lambda: self.answer(command),
            lambda: self.event(self.lock, "door", open=True),
            lambda: self.event(self.lock, "tamper", on=True),
            lambda: self.power.action_switch_on(),
        ):
            self.assertEqual(set(self.sent(act)), {self.store.id})

    @patch("odoo.addons.bus.models.ir_websocket.wsrequest", new=MagicMock())
    def test_who_listens(self):
        asked = [
            f"teahouse_wall_{self.store.id}",
            f"teahouse_wall_{self.other_store.id}",
        ]
        websocket = self.env["ir.websocket"]
        for user, stores in (
            (self.user_technician, self.store),
            (self.user_staff, self.store),
            (self.user_cleaner, self.store.browse()),
            (self.member.user_id, self.store.browse()),
        ):
            channels = websocket.with_user(user)._build_bus_channel_list(list(asked))
            walls = [
                one[0].id
                for one in channels
                if isinstance(one, tuple) and one[-1] == "wall"
            ]
            self.assertEqual(walls, stores.ids, user.login)
            self.assertFalse(
                set(asked) & {one for one in channels if isinstance(one, str)}
            )

    def test_badges_of_rooms(self):
        self.report(self.lock, online=False)
        self.event(self.power, "tamper", on=True)
        badges = self.env["teahouse.store"]._board_badges(self.room)[self.room.id]
        self.assertEqual({one["level"] for one in badges}, {"warning", "danger"})
        self.assertIn("1", badges[0]["title"])
        nothing = self.env["teahouse.store"].with_user(self.user_cleaner)
        icons = [
            one["icon"]
            for one in nothing._board_badges(self.room).get(self.room.id, [])
        ]
        self.assertNotIn("fa-plug", icons)

    def test_simulator_only_where_it_is_configured(self):
        # The tests' own configuration may name one.
        with patch.dict(config.options, {"teahouse_simulator_port": ""}):
            with self.assert_code("forbidden"):
                self.lock.simulate("offline")
        with patch.dict(config.options, {"teahouse_simulator_port": 9}):
            with self.assert_code("invalid_request"):
                self.lock.simulate("../../etc")
            with self.assert_code("device_offline"):
                self.lock.simulate("offline")
            with mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    self.lock.with_user(self.user_staff).simulate("offline")


@tagged("post_install", "-at_install")
class TestTechniciansDay(DeviceMixin, TeahouseCommon, HttpCase):
    def test_the_technicians_day(self):
        self.gate.name = "Front gate"
        self.lock.name = "Front lock"
        self.light.name = "Hall light"
        for device in (self.gate, self.lock, self.light):
            self.report(device)
        self.event(self.lock, "tamper", on=True)
        self.browser_js(
            "/odoo/action-teahouse_iot.teahouse_device_wall_action",
            DAY,
            login=self.user_technician.login,
            timeout=120,
        )
        alarm = self.env["teahouse.alarm"].search([("device_id", "=", self.lock.id)])
        self.assertEqual(alarm.taken_id, self.user_technician)
        command = self.commands(self.light, act="light")
        self.assertEqual((command.source, command.args["on"]), ("staff", True))
