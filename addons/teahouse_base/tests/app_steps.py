"""Steps through the mobile app, in JavaScript: what the browser tests share."""

from .common import PASSWORD

SETUP = """
(async () => {
    const of = (name) => odoo.loader.modules.get(`@${name}`);
    const assert = (truth, what) => { if (!truth) throw new Error(what); };
    const until = async (what, look) => {
        // Generous: the machine may be busy.
        for (let tries = 0; tries < 600; tries++) {
            const found = look();
            if (found) return found;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error(`${what} did not come: ${document.body.innerText}`);
    };
    const button = (words) => until(`button ${words}`, () =>
        [...document.querySelectorAll("button, a")].find((one) => !one.disabled
            && (one.textContent.includes(words)
                || (one.getAttribute("aria-label") || "").includes(words))));
    const tap = async (words) => (await button(words)).click();
    const sees = (words) => until(words, () => document.body.innerText.includes(words));
    const find = (selector) => until(selector, () => document.querySelector(selector));
    const fill = async (selector, value) => {
        const field = await find(selector);
        field.value = value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const go = async (path, words) => {
        location.hash = `#${path}`;
        await sees(words);
    };
    const pickDay = async (day) => {
        const chip = (await find(".th-chips")).children[day];
        chip.click();
        await until(`day ${day}`, () => chip.getAttribute("aria-pressed") === "true");
    };
    const signIn = async (phone) => {
        location.hash = "#/login";
        await tap("With a password");
        await fill("#th-phone", phone);
        await fill("#th-password", "%(password)s");
        document.querySelector("form").requestSubmit();
        await until("signed in", () => localStorage.getItem("teahouse.session"));
    };
    const giveFile = async (selector) => {
        const input = await find(selector);
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { width: 2000, height: 1000 });
        const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
        const files = new DataTransfer();
        files.items.add(new File([blob], "picture.png", { type: "image/png" }));
        input.files = files.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const unhandled = [];
    addEventListener("unhandledrejection", (ev) => unhandled.push(ev.reason.message));
"""

END = """
    assert(!unhandled.length, unhandled.join());
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


def app_steps(steps):
    """Return a script for ``browser_js`` that takes steps through the app."""
    return SETUP % {"password": PASSWORD} + steps + END


class AppBrowser:
    """Mixed into an HttpCase: the app on a screen as wide as a phone's."""

    browser_size = "375x667"
    touch_enabled = True

    def play(self, steps):
        """Open the app in English, and take steps through it."""
        self.browser_js(
            "/teahouse/app?lang=en",
            app_steps(steps),
            "!!document.querySelector('.th-hero')",
            timeout=180,
        )

    def make_phone(self, member):
        """Give a member a password, and return the number to sign in with."""
        member.user_id.password = PASSWORD
        return member.sudo().phone.removeprefix("+86")
