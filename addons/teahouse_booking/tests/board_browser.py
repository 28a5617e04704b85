"""What the browser tests of the room board share."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase

from .common import BookingCommon

#: Waits for a condition, and says what did not come.
TOOLS = """
const until = async (what, look, seconds = 20) => {
    for (let n = 0; n < seconds * 20; n++) {
        const found = look();
        if (found) { return found; }
        await new Promise((done) => setTimeout(done, 50));
    }
    const {outerHTML} = document.activeElement;
    throw new Error(`not seen: ${what}; the focus is on ${outerHTML.slice(0, 200)}`);
};
const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
const check = (what, holds) => {
    if (!holds) { throw new Error(`not so: ${what}`); }
};
const press = (key) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
const fill = (element, value) => {
    element.value = value;
    for (const name of ["input", "change"]) {
        element.dispatchEvent(new Event(name, {bubbles: true}));
    }
};
const drag = async (element, dx, dy, from = 20) => {
    const box = element.getBoundingClientRect();
    const at = (x, y) => ({bubbles: true, button: 0, clientX: x, clientY: y});
    const [x, y] = [box.left + from, box.top + 10];
    element.dispatchEvent(new PointerEvent("pointerdown", at(x, y)));
    for (let step = 1; step <= 4; step++) {
        const now = at(x + dx * step / 4, y + dy * step / 4);
        window.dispatchEvent(new PointerEvent("pointermove", now));
        await new Promise((done) => setTimeout(done, 20));
    }
    window.dispatchEvent(new PointerEvent("pointerup", at(x + dx, y + dy)));
};
"""


class BoardBrowser(BookingCommon, HttpCase):
    """A stay at 03:00 UTC in two days, and somebody who looks at the board.

    Of tomorrow it would not be: a test that begins before midnight may end today.
    """

    browser_size = "1366x768"
    role = "staff"
    #: What is there once the board is drawn.
    drawn = ".th-board__row"

    def setUp(self):
        super().setUp()
        self.user = self.users[self.role]
        # The steps look for English words, whatever the database speaks.
        self.user.write({"password": "Teahouse-board-1", "lang": "en_US"})
        self.store.tz = "UTC"
        self.day = fields.Datetime.now().replace(
            hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(days=2)
        self.booking = self.make_booking(start=self.day + timedelta(hours=3))
        self.booking.action_confirm()

    def play(self, steps):
        code = f"""(async () => {{
            {TOOLS}
            {self.opening()}
            {steps}
            console.log("test successful");
        }})().catch((error) => console.error(error.message))"""
        self.browser_js(
            "/odoo/room-board",
            code,
            ready=f"!!document.querySelector('{self.drawn}')",
            login=self.user.login,
            timeout=90,
        )

    def opening(self):
        """Return the steps that lead to the day of the stays."""
        return f"""
            fill($("input[type=date]"), "{self.day:%Y-%m-%d}");
            // It was at the present hour, from which the stay may not be seen.
            $(".th-board__scroll").scrollLeft = 0;
            const bar = await until("the stay",
                () => $("[data-booking='{self.booking.id}']"));
        """
