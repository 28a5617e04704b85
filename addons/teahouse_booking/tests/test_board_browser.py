from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import BookingCommon

ROOMS = 200
#: Waits for a condition, and says what did not come.
TOOLS = """
const until = async (what, look, seconds = 20) => {
    for (let n = 0; n < seconds * 20; n++) {
        const found = look();
        if (found) { return found; }
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`not seen: ${what}`);
};
const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];
const drag = async (element, dx, dy) => {
    const box = element.getBoundingClientRect();
    const at = (x, y) => ({bubbles: true, button: 0, clientX: x, clientY: y});
    const [x, y] = [box.left + 20, box.top + 10];
    element.dispatchEvent(new PointerEvent("pointerdown", at(x, y)));
    for (let step = 1; step <= 4; step++) {
        const now = at(x + dx * step / 4, y + dy * step / 4);
        window.dispatchEvent(new PointerEvent("pointermove", now));
        await new Promise((done) => setTimeout(done, 20));
    }
    window.dispatchEvent(new PointerEvent("pointerup", at(x + dx, y + dy)));
};
"""


@tagged("post_install", "-at_install", "browser")
class TestBoardBrowser(BookingCommon, HttpCase):
    """The room board in a browser, with more rooms than fit on any screen."""

    browser_size = "1366x768"

    def setUp(self):
        super().setUp()
        self.user_staff.password = "Teahouse-staff-1"
        # The steps look for English words, whatever the database speaks.
        self.user_staff.lang = "en_US"
        self.store.tz = "UTC"
        self.env["teahouse.room"].create(
            [
                {"name": f"Room {n:03}", "store_id": self.store.id, "sequence": 50 + n}
                for n in range(ROOMS - 2)
            ]
        )
        self.day = fields.Datetime.now().replace(
            hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(days=1)
        self.booking = self.make_booking(start=self.day + timedelta(hours=3))
        self.booking.action_confirm()
        self.taken = self.make_booking(
            start=self.day + timedelta(hours=3), room=self.room_2
        )

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
            ready="!!document.querySelector('.th-board__row')",
            login=self.user_staff.login,
            timeout=90,
        )

    def opening(self):
        """Return the steps that lead to the day of the stays."""
        return f"""
            const day = $("input[type=date]");
            day.value = "{self.day:%Y-%m-%d}";
            day.dispatchEvent(new Event("change", {{bubbles: true}}));
            const bar = await until("the stay",
                () => $("[data-booking='{self.booking.id}']"));
        """

    def test_two_hundred_rooms(self):
        """Only what is to be seen is drawn; scrolling and searching find the rest."""
        self.play(
            """
            const scroll = $(".th-board__scroll");
            if ($$(".th-board__row").length > 40) { throw new Error("all rows drawn"); }
            scroll.scrollTop = 100 * 46;
            await until("a row far below", () => $$(".th-board__room").some(
                (room) => room.textContent.includes("Room 100")));
            if ($$(".th-board__row").length > 40) { throw new Error("rows pile up"); }
            const search = $("input[type=search]");
            search.value = "Room 150";
            search.dispatchEvent(new Event("input", {bubbles: true}));
            await until("one room", () => $$(".th-board__row").length === 1);
            """
        )

    def test_scrolling_draws_only_what_comes(self):
        """A small step draws no row; a long one only those that were not there."""
        self.play(
            """
            const name = "@teahouse_booking/board/board_row";
            const {BoardRow} = odoo.loader.modules.get(name);
            const own = Object.getOwnPropertyDescriptor(BoardRow.prototype, "bars").get;
            const drawn = [];
            Object.defineProperty(BoardRow.prototype, "bars", {
                get() {
                    drawn.push(this.props.room.id);
                    return own.call(this);
                },
            });
            const frames = async () => {
                for (let n = 0; n < 4; n++) {
                    await new Promise(requestAnimationFrame);
                }
            };
            const there = new Set($$(".th-board__row").map((row) => +row.dataset.room));
            const scroll = $(".th-board__scroll");
            scroll.scrollTop = 20;
            await frames();
            if (drawn.length) { throw new Error(`${drawn.length} rows for a step`); }
            scroll.scrollTop = 46 * 4;
            await until("rows that come", () => drawn.length);
            await frames();
            const again = drawn.filter((id) => there.has(id));
            if (again.length) { throw new Error(`${again.length} rows drawn again`); }
            """
        )

    def test_drag_to_another_time_and_room(self):
        """An hour later, two rows below: the server agrees, the bar lies there."""
        room = self.env["teahouse.room"].search([("store_id", "=", self.store.id)])[2]
        start = self.booking.start
        self.play(
            f"""
            await drag(bar, 72, 2 * 46);
            (await until("the question", () => $(".modal .btn-primary"))).click();
            await until("the new place", () => {{
                const moved = $("[data-booking='{self.booking.id}']");
                return moved && moved.closest("[data-room='{room.id}']");
            }});
            """
        )
        self.env.invalidate_all()
        self.assertEqual(self.booking.room_id, room)
        self.assertEqual(self.booking.start, start + timedelta(hours=1))

    def test_conflict_is_said_and_nothing_moves(self):
        """The room below is taken at that time."""
        before = (self.booking.room_id, self.booking.start)
        self.play(
            f"""
            await drag(bar, 0, 46);
            (await until("the question", () => $(".modal .btn-primary"))).click();
            await until("the words", () => $(".o_notification"));
            await until("the old place", () => $("[data-booking='{self.booking.id}']")
                .closest("[data-room='{self.booking.room_id.id}']"));
            """
        )
        self.env.invalidate_all()
        self.assertEqual((self.booking.room_id, self.booking.start), before)

    def test_click_and_check_out_needs_a_yes(self):
        """A click shows what can be done; cancelling opens its own questions."""
        self.play(
            """
            bar.click();
            const popover = await until("the popover", () => $(".th-board__popover"));
            const words = popover.textContent;
            for (const word of ["Check in", "Cancel", "No-show"]) {
                if (!words.includes(word)) { throw new Error(`no ${word}`); }
            }
            [...popover.querySelectorAll("button")]
                .find((one) => one.textContent.includes("No-show")).click();
            await until("the question", () => $(".modal"));
            """
        )
        self.assertEqual(self.booking.state, "confirmed")
