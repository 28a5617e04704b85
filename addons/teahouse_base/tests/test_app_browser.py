"""The app's own screens on a phone, without bookings: finding stores, signing in."""

from odoo.tests import HttpCase, tagged

from .app_steps import AppBrowser
from .common import TeahouseCommon

STEPS = """
    // What is computed, not shown.
    const { sha256 } = of("teahouse_base/app/core/sha256");
    const digit = (byte) => byte.toString(16).padStart(2, "0");
    const hex = [...sha256("abc")].map(digit).join("");
    assert(hex.startsWith("ba7816bf8f01cfea414140de5dae2223"), `sha256: ${hex}`);
    const { leadingZeros } = of("teahouse_base/app/core/human");
    assert(leadingZeros([0, 0x1f]) === 11 && leadingZeros([0x80]) === 0, "zero bits");
    const { onTiles } = of("teahouse_base/app/core/place");
    const at = { wgs84: { lat: 30, lng: 120 }, gcj02: { lat: 29.5, lng: 120.5 } };
    const here = { lat: 30.1, lng: 120.1 };
    assert(onTiles(here, [{ location: at }], "wgs84")[0] === 30.1, "wgs84 stays");
    const [shifted] = onTiles(here, [{ location: at }], "gcj02");
    assert(Math.abs(shifted - 29.6) < 1e-9, "gcj02");
    const { authorizers } = of("teahouse_base/app/core/platform");
    const both = { official_account: "wx", alipay: "a" };
    assert(authorizers(both, "wechat").join() === "official_account", "in WeChat");
    assert(authorizers(both, null).join() === "alipay", "in a browser");
    const { ApiError } = of("teahouse_base/app/core/api");
    const { errorWords } = of("teahouse_base/app/core/errors");
    const refusal = (problem) => errorWords(new ApiError(409, problem));
    assert(refusal({ code: "slot_taken" }).startsWith("Somebody was faster"), "words");
    assert(refusal({ code: "forbidden", detail: "Blocked" }) === "Blocked", "why");
    assert(refusal({ code: "forbidden" }).includes("store"), "words without a why");

    // Back from WeChat or Alipay, with a code that is good for whoever asked for it.
    const { finishAuthorization } = of("teahouse_base/app/core/platform");
    const comeBack = async (query, kept) => {
        const told = [];
        history.replaceState(null, "", `/teahouse/app?${query}#/`);
        sessionStorage.setItem("teahouse.authorization", JSON.stringify(kept));
        await finishAuthorization({
            api: { post: async (path, body) => told.push(path, body) },
            account: { signIn: async (body) => told.push(body) },
            router: { replace: (path) => told.push(path) },
            toast: { show: (words) => told.push(words) },
        });
        assert(!location.search, "a reload does not send the code again");
        return JSON.stringify(told);
    };
    const account = { app: "official_account", state: "s1", next: "/me" };
    assert(
        (await comeBack("code=c1&state=s1", account)) ===
            '[{"grant":"wechat","app":"official_account","code":"c1"},"/me"]',
        "signed in"
    );
    const bound = { ...account, app: "alipay", bind: true };
    assert(
        (await comeBack("auth_code=c2&state=s1", bound)) ===
            '["/me/identities",{"provider":"alipay","auth_code":"c2"},"/me"]',
        "bound"
    );
    const strange = await comeBack("code=c1&state=s2", account);
    assert(strange.includes("not begun here") && !strange.includes("c1"), strange);

    // The page, then code and words together, then the stores: nothing waits longer.
    await sees("Riverside");
    const loaded = (part) => performance.getEntriesByType("resource").filter(
        ({ name }) => name.includes(part));
    const [code] = loaded("app_assets.min.js");
    const words = loaded("/web/webclient/translations");
    assert(words.length === 1 && words[0].startTime < code.responseEnd, "words wait");
    const addresses = loaded("/teahouse/api/v1/").map(({ name }) => name);
    const questions = addresses.filter((name) => !name.includes("/photos/"));
    assert(questions.length === 1 && questions[0].includes("/stores"), "one question");

    // Stores: near me without a permission, conditions, map or list.
    navigator.geolocation.getCurrentPosition = (_done, fail) => fail({ code: 1 });
    await tap("Near me");
    await sees("allow it in its settings");
    await tap("Filters");
    await tap("Nearest");
    await sees("allow it in its settings");
    await tap("Show");
    navigator.geolocation.getCurrentPosition = (done) =>
        done({ coords: { latitude: 30.2741, longitude: 120.1635 } });
    await tap("Near me");
    await until("the nearest first", () =>
        document.querySelector(".th-list h2")?.textContent === "Hillside");
    await tap("Map");
    if (await of("teahouse_base/app/core/leaflet").loadLeaflet()) {
        const pin = await until("a pin", () =>
            [...document.querySelectorAll(".th-pin")].find((one) => one.offsetParent));
        assert(document.querySelector(".th-here"), "the visitor's own place");
        pin.closest(".leaflet-marker-icon").click();
        await find(".th-map__chosen");
        await tap("List");
    } else {
        await sees("here is the list");
    }
    await until("the list", () => document.querySelector(".th-list .th-cover"));

    // Looks.
    location.hash = "#/settings";
    await tap("Dark");
    const ground = () => getComputedStyle(document.body).backgroundColor;
    assert(ground() === "rgb(19, 26, 22)", `dark: ${ground()}`);
    assert(localStorage.getItem("teahouse.theme") === "dark", "the look is kept");
    await tap("Light");
    assert(ground() === "rgb(247, 244, 238)", `light: ${ground()}`);

    // Too many codes from this net: the phone computes, and the code is sent.
    const asked = [];
    const send = window.fetch;
    window.fetch = (url, options) => {
        asked.push(String(url));
        return send(url, options);
    };
    const wasAsked = (path) => asked.filter((url) => url.endsWith(path)).length;
    odoo.loader.modules.get("@web/session").session.platforms.alipay = "2021";
    location.hash = "#/login";
    await sees("Go on with Alipay");
    await fill("#th-phone", "13812340001");
    await tap("Send code");
    await sees("a code is on its way");
    location.hash = "#/password";
    await sees("you are signed out on all devices");
    await fill("#th-phone", "13812340002");
    await tap("Send code");
    await until("a riddle", () => wasAsked("/auth/challenges"));
    await until("the wait", () => /\\d+ s/.test(document.body.innerText));
    const codes = wasAsked("/auth/sms-codes");
    assert(codes === 2 + wasAsked("/auth/challenges"), asked.join());

    // In, and the member's own picture.
    await signIn("PHONE");
    location.hash = "#/profile";
    await giveFile("input[type=file]");
    await until("the avatar", () => document.querySelector(".th-avatar img"));
"""


@tagged("post_install", "-at_install")
class TestAppBrowser(AppBrowser, TeahouseCommon, HttpCase):
    def test_a_guest_finds_stores_and_signs_in(self):
        params = self.env["ir.config_parameter"]
        params.set_param("teahouse_base.map_tiles", " ")
        params.set_param("teahouse_base.sms_per_address_hour", 1)
        params.set_param("teahouse_base.human_check_bits", 8)
        own = self.store | self.other_store
        (self.env["teahouse.store"].search([]) - own).active = False
        self.play(STEPS.replace("PHONE", self.make_phone(self.member)))
        self.member.invalidate_recordset()
        self.assertTrue(self.member.sudo().avatar)
