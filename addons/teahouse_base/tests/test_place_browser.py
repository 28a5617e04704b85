"""The place of a store in the form, clicked through in a browser."""

from odoo.tests import HttpCase, tagged

from .common import PASSWORD, TeahouseCommon

CODE = """
(async () => {
    const find = async (selector) => {
        for (let tries = 0; tries < 200; tries++) {
            const found = document.querySelector(selector);
            if (found) return found;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error(`${selector} is not there`);
    };
    const until = async (what, check) => {
        for (let tries = 0; tries < 200; tries++) {
            if (check()) return;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error(`${what} did not happen`);
    };
    const latitude = () =>
        document.querySelector(".o_field_widget[name=latitude] input").value;
    const input = await find(".o_teahouse_place input");
    input.value = "120.18,30.25";
    input.dispatchEvent(new Event("input"));
    const button = await find(".o_teahouse_place button:not([disabled])");
    button.click();
    await until("taking over", () => latitude().startsWith("30.25"));
    const pasted = latitude();
    const map = document.querySelector(".o_teahouse_map");
    if (map) {
        const { x, y } = map.getBoundingClientRect();
        const at = { bubbles: true, clientX: x + 40, clientY: y + 40, view: window };
        for (const kind of ["mousedown", "mouseup", "click"]) {
            map.dispatchEvent(new MouseEvent(kind, at));
        }
        await until("picking", () => latitude() !== pasted);
    }
    (await find(".o_form_button_save")).click();
    await until("saving", () => !document.querySelector(".o_form_dirty"));
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestPlaceBrowser(TeahouseCommon, HttpCase):
    def test_a_place_is_pasted_and_picked(self):
        self.user_owner.password = PASSWORD
        self.env["ir.config_parameter"].set_param("teahouse_base.map_tiles", " ")
        before = self.store.latitude
        self.browser_js(
            f"/odoo/action-teahouse_base.teahouse_store_action/{self.store.id}",
            CODE,
            "odoo.isReady === true",
            login=self.user_owner.login,
            timeout=60,
        )
        self.store.invalidate_recordset()
        self.assertNotEqual(self.store.latitude, before)
