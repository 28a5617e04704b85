from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .board_browser import BoardBrowser

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install", "browser")
class TestBoardPhone(BoardBrowser):
    """The room board in one hand: rooms by what is now and what comes next."""

    browser_size = "375x667"
    drawn = ".th-board__card"

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now().replace(second=0, microsecond=0)
        # About noon for the store, whenever the test runs: the day is all around it.
        self.store.tz = f"Etc/GMT{self.now.hour - 12:+d}"
        self.staying = self.make_in_use(started=60)
        self.coming = self.make_confirmed(
            start=self.now + 2 * HOUR, room=self.room_2, member=self.member_2
        )

    def opening(self):
        return ""

    def clock(self, instant):
        return f"{self.store._local(instant):%H:%M}"

    def test_rooms_at_a_glance(self):
        leaves, comes = self.clock(self.staying.end), self.clock(self.coming.start)
        self.play(
            f"""
            const card = (id) => $(`.th-board__card[data-room='${{id}}']`);
            const one = card({self.room.id}), two = card({self.room_2.id});
            const says = (what, element, words) =>
                check(`${{what}}: ${{element.textContent}}`,
                    element.textContent.includes(words));
            says("who is there", one, "Lu Yu until {leaves}");
            says("how long it is free", two, "Free until {comes}");
            says("who comes next", two.querySelector(".th-board__next"), "Su Shi");
            check("nothing lies beyond the edge",
                document.documentElement.scrollWidth <= innerWidth);
            check("large enough for thumbs", $$(".th-board__card .btn:not(.btn-link)")
                .every((button) => button.offsetHeight >= 44));
            check("nobody to open a stay of", !two.querySelector(".th-board__open"));

            one.querySelector(".th-board__open").click();
            const popover = await until("the stay", () => $(".th-board__popover"));
            says("what can be done", popover, "Check out");
            press("Escape");
            await until("it has gone", () => !$(".th-board__popover"));

            two.querySelector(".th-board__shut").click();
            await until("the closed time", () => $(".modal [name=end]"));
            $(".modal .o_form_button_cancel, .modal .btn-close").click();
            await until("no dialog", () => !$(".modal"));

            // A walk-in: the room is free, so it starts now.
            two.querySelector(".th-board__book").click();
            const name = await until("the counter",
                () => $(".modal [name=name] input"));
            fill(name, "Wei Yingwu");
            fill($(".modal [name=hours] input"), "1:30");
            $(".modal [name=action_apply]").click();
            await until("the guest is there",
                () => two.textContent.includes("Wei Yingwu until"));
            """
        )
        made = self.room_2.booking_ids - self.coming
        self.assertEqual(made.source, "walk_in")
