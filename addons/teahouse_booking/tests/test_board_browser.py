from datetime import timedelta

from odoo.tests import tagged

from .board_browser import BoardBrowser

ROOMS = 200


@tagged("post_install", "-at_install", "browser")
class TestBoardBrowser(BoardBrowser):
    """The room board in a browser, with more rooms than fit on any screen."""

    def setUp(self):
        super().setUp()
        self.env["teahouse.room"].create(
            [
                {"name": f"Room {n:03}", "store_id": self.store.id, "sequence": 50 + n}
                for n in range(ROOMS - 2)
            ]
        )
        self.taken = self.make_booking(
            start=self.day + timedelta(hours=3), room=self.room_2
        )

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
