from datetime import timedelta

from odoo.tests import tagged

from .board_browser import BoardBrowser

ROOMS = 200
#: Stays of a room and day, in the week that is looked at.
STAYS = 5
#: Elements that the board may have, however many stays there are.
MOST_ELEMENTS = 2500


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

    def fill_the_week(self):
        """Write 7,000 stays, as those of some years would lie there."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO teahouse_booking
            SELECT (jsonb_populate_record(b, jsonb_build_object(
                        'id', nextval('teahouse_booking_id_seq'), 'room_id', r.id,
                        'ref', 'many-' || r.id || '-' || n,
                        'start', at, 'end', at + interval '2 h',
                        'blocked_from', at, 'blocked_until', at + interval '135 min'
                   ))).*
              FROM teahouse_booking b, teahouse_room r, generate_series(%s, %s) n,
                   LATERAL (SELECT %s + n * interval '1 day' / %s) t(at)
             WHERE b.id = %s AND r.store_id = b.store_id
            """,
            # The first day is taken by the stays of the other tests.
            (STAYS, STAYS * 8 - 1, self.day, STAYS, self.booking.id),
        )
        self.env.invalidate_all()

    def test_two_hundred_rooms(self):
        """Only what is to be seen is drawn; scrolling and searching find the rest."""
        self.fill_the_week()
        self.play(
            f"""
            const push = (words) => [...$$(".th-board__bar button")]
                .find((one) => [one.textContent, one.title].includes(words)).click();
            push("Later");
            await until("the day", () => $$(".th-board__stay").length > 40);
            push("Week");
            await until("the week", () => $$(".th-board__stay").length > 200);
            const scroll = $(".th-board__scroll");
            const width = scroll.scrollWidth - scroll.clientWidth;
            const height = scroll.scrollHeight - scroll.clientHeight;
            const most = [];
            for (const part of [0, 0.3, 0.6, 1]) {{
                scroll.scrollTop = part * height;
                scroll.scrollLeft = part * width;
                const edge = scroll.getBoundingClientRect();
                await until("a stay in the middle of the screen", () => $$(
                    ".th-board__stay").some((one) => {{
                        const box = one.getBoundingClientRect();
                        return Math.abs(box.top - (edge.top + edge.bottom) / 2) < 100
                            && Math.abs(box.left - (edge.left + edge.right) / 2) < 200;
                    }}));
                most.push($$(".th-board *").length);
            }}
            check(`${{most}} elements`, Math.max(...most) <= {MOST_ELEMENTS});
            check("there is something", Math.min(...most) > 500);
            check("the last room", $$(".th-board__room").some(
                (room) => room.textContent.includes("Room 197")));
            fill($("input[type=search]"), "Room 150");
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
            const scroll = $(".th-board__scroll");
            const shown = () => $$(".th-board__row").map((row) => +row.dataset.room);
            const settle = async () => {
                for (let frame = 0; frame < 4; frame++) {
                    await new Promise(requestAnimationFrame);
                }
            };
            // All rows are drawn anew twice a minute: for the time, not for a step.
            const oneOfThree = async (what, step) => {
                for (let n = 0; n < 3; n++) {
                    await settle();
                    drawn.length = 0;
                    if (await step()) { return; }
                }
                throw new Error(`not so: ${what}`);
            };
            await oneOfThree("a small step draws nothing", async () => {
                scroll.scrollTop = scroll.scrollTop ? 0 : 20;
                await settle();
                return !drawn.length;
            });
            await oneOfThree("a long step draws only what comes", async () => {
                const there = new Set(shown());
                scroll.scrollTop += 46 * 4;
                await until("rows that come", () => drawn.length);
                await settle();
                return !drawn.some((id) => there.has(id));
            });
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
