from odoo.tests import HttpCase, tagged

from .common import DeviceMixin, TeahouseCommon

# Waits for an element, then goes on; the page is ready when the cards are there.
OPEN_FROM_THE_WALL = """
const until = async (find, what) => {
    for (let i = 0; i < 400; i++) {
        const found = find();
        if (found) {
            return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("not found: " + what);
};
const card = (text) =>
    [...document.querySelectorAll(".o_kanban_record")].find((one) =>
        one.textContent.includes(text)
    );
(async () => {
    const gate = await until(() => card("Front gate"), "gate");
    if (!gate.querySelector(".badge.text-bg-success")) {
        throw new Error("no state: " + gate.textContent);
    }
    const lock = await until(() => card("Weak lock"), "lock");
    if (!lock.querySelector(".badge.text-bg-danger")) {
        throw new Error("the low battery does not show");
    }
    gate.querySelector("a[name=action_remote_open]").click();
    const reason = await until(
        () => document.querySelector(".modal div[name=reason] input"),
        "reason"
    );
    reason.value = "Guest called";
    reason.dispatchEvent(new InputEvent("input", { bubbles: true }));
    reason.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector(".modal button[name=action_open]").click();
    await until(() => document.querySelector(".o_notification"), "notification");
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestDeviceWall(DeviceMixin, TeahouseCommon, HttpCase):
    def test_staff_open_the_gate_from_the_wall(self):
        self.gate.name = "Front gate"
        self.lock.name = "Weak lock"
        self.report(self.gate)
        self.report(self.lock, battery_pct=9)
        self.browser_js(
            "/odoo/action-teahouse_iot.teahouse_device_action",
            OPEN_FROM_THE_WALL,
            login=self.user_staff.login,
            timeout=120,
        )
        command = self.commands(self.gate, act="unlock")
        self.assertEqual(
            (command.user_id, command.note), (self.user_staff, "Guest called")
        )
