from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .board_browser import BoardBrowser


@tagged("post_install", "-at_install", "browser")
class TestBoardJourney(BoardBrowser):
    """A manager's morning at the room board."""

    role = "manager"

    def opening(self):
        """Several stores are the manager's: first the one of the stays."""
        return f'fill($("select"), {self.store.id});{super().opening()}'

    def test_journey(self):
        self.user.teahouse_store_ids = [Command.link(self.other_store.id)]
        self.room.write({"max_minutes": 180, "sequence": 1})
        self.room_2.sequence = 2
        it = {
            "stay": self.booking.id,
            "room": self.room.id,
            "room2": self.room_2.id,
            "store": self.store.id,
            "other": self.other_store.id,
        }
        start, end = self.booking.start, self.booking.end
        expected = (self.room, "confirmed")
        self.play(
            f"""
            const it = {it};
            const lane = (id) => $(`[data-room='${{id}}'] .th-board__lane`);
            const stay = () => $(`[data-booking='${{it.stay}}']`);
            const box = (element) => element.getBoundingClientRect();
            const yes = async () =>
                (await until("the question", () => $(".modal .btn-primary"))).click();
            const gone = () => until("no dialog", () => !$(".modal"));

            // An hour longer than the room allows: a reason is asked for.
            const width = box(stay()).width;
            const end = stay().querySelector(".th-board__end");
            await drag(end, 144, 0, 4);
            await yes();
            const why = await until("the exception", () => $("#th-board-reason"));
            // The question may be closing behind it still.
            const asks = (element) => element.closest(".modal");
            const words = asks(why).querySelector(".text-danger").textContent;
            check("the rule in words", words.includes("180"));
            const done = asks(why).querySelector(".btn-primary");
            check("no reason, no exception", done.disabled);
            fill(why, "Regular guest");
            await until("may be done", () => !done.disabled);
            done.click();
            await gone();
            const grown = () => box(stay()).width - width;
            await until("the later end", () => Math.abs(grown() - 144) < 2);

            // Left as it was: nothing happens.
            await drag(stay().querySelector(".th-board__end"), 72, 0, 4);
            await yes();
            asks(await until("the exception", () => $("#th-board-reason")))
                .querySelector(".btn-secondary").click();
            await gone();

            // A click on free time books there.
            const free = lane(it.room2);
            free.dispatchEvent(new MouseEvent("click", {{bubbles: true,
                clientX: box(free).left + 12 * 72 + 5, clientY: box(free).top + 20}}));
            const name = await until("the counter",
                () => $(".modal [name=name] input"));
            check("the room", $(".modal").textContent.includes("Pine"));
            fill(name, "Wei Yingwu");
            $(".modal [name=action_apply]").click();
            await gone();
            const made = await until("the new stay", () => free.querySelector(
                ".th-board__stay"));
            check("who comes", made.textContent.includes("Wei Yingwu"));
            check("at noon", Math.abs(box(made).left - box(free).left - 12 * 72) < 2);

            // Somebody has booked there: said in words, not even managers may.
            await drag(stay(), 9 * 72, 46);
            await yes();
            await until("the words", () => $(".o_notification"));
            await gone();
            check("no exception", !$("#th-board-reason"));
            check("nothing has moved", lane(it.room).contains(stay()));

            // A click tells who it is and what can be done; a no-show wants a yes.
            stay().click();
            const popover = await until("the popover", () => $(".th-board__popover"));
            const verbs = [...popover.querySelectorAll("button")];
            const verb = (name) => verbs.find((one) => one.textContent.includes(name));
            const known = ["Check in", "30 minutes", "Cancel", "Open"];
            check("its verbs", known.every(verb));
            check("nobody has come in yet", !verb("Check out"));
            verb("No-show").click();
            (await until("the question", () => $(".modal .btn-secondary"))).click();
            await gone();

            // Who stays where: rooms are found by their guests.
            fill($("input[type=search]"), "yingwu");
            await until("one room", () => $$(".th-board__row").length === 1);
            check("it is marked", $(".th-board__stay--found"));
            fill($("input[type=search]"), "");
            await until("all rooms", () => $$(".th-board__row").length === 2);

            // The bus was away: what happened meanwhile is fetched.
            const {{bus_service: bus, orm}} = odoo.__WOWL_DEBUG__.root.env.services;
            bus.trigger("BUS:DISCONNECT");
            await until("it is said", () => $(".th-board__away"));
            const id = +made.dataset.booking;
            await orm.call("teahouse.booking", "action_cancel", [[id], "store", "Ill"]);
            check("not heard of yet", $(`[data-booking='${{id}}']`));
            bus.trigger("BUS:CONNECT");
            await until("it has gone", () => !$(`[data-booking='${{id}}']`));
            check("live again", !$(".th-board__away"));

            // A room is closed for some time.
            $(".th-board__scroll").scrollLeft = 5 * 72;
            $(`[data-room='${{it.room2}}'] [aria-label^='Close']`).click();
            const reason = await until("why", () => $(".modal [name=name] input"));
            fill(reason, "Repair");
            $(".modal .o_form_button_save").click();
            await gone();
            const shut = await until("the closed time", () => $(
                `[data-room='${{it.room2}}'] .th-board__closed`));
            check("why it is closed", shut.textContent.includes("Repair"));

            // Another store, and back: the board remembers it.
            const stores = $("select");
            fill(stores, it.other);
            await until("its room", () => $(".th-board__room").textContent.includes(
                "Orchid"));
            check("remembered", localStorage.getItem("teahouse_booking.board.store")
                === String(it.other));
            fill(stores, it.store);
            await until("the stay", stay);
            """
        )
        self.env.invalidate_all()
        self.assertEqual(self.booking.start, start)
        self.assertEqual(self.booking.end, end + timedelta(hours=2))
        self.assertEqual(self.booking.override_reason, "Regular guest")
        self.assertEqual((self.booking.room_id, self.booking.state), expected)
        booked = self.room_2.booking_ids
        self.assertEqual(booked.start, self.day + timedelta(hours=12))
        self.assertEqual(booked.state, "cancelled")
        closing = self.room_2.closing_ids
        self.assertEqual(
            (closing.name, closing.start), ("Repair", self.day + timedelta(hours=6))
        )

    def test_by_keys(self):
        """Nothing but keys, from the first room to a new booking."""
        self.room.sequence, self.room_2.sequence = 1, 2
        rooms = [
            {"name": f"Room {n:02}", "store_id": self.store.id, "sequence": 50 + n}
            for n in range(40)
        ]
        last = self.env["teahouse.room"].create(rooms)[-1]
        second = self.make_confirmed(
            start=self.day + timedelta(hours=19), member=self.member_2
        )
        self.play(
            f"""
            const here = (what, look) =>
                until(what, () => look(document.activeElement));
            const on = (id) => (element) => +element.dataset.booking === id;
            const board = $(".th-board__scroll");
            check("it can be reached", board.tabIndex === 0);
            check("it says how", board.getAttribute("aria-label").includes("Arrow"));
            board.scrollLeft = 0;
            board.focus();
            press("ArrowRight");
            const spot = await here("free time",
                (element) => element.matches(".th-board__free") && element);
            check("where and when", spot.getAttribute("aria-label").includes("Bamboo"));
            check("it is seen", getComputedStyle(spot).outlineStyle === "solid");
            press("ArrowRight");
            await here("the first stay", on({self.booking.id}));
            check("who, when, how",
                document.activeElement.getAttribute("aria-label").endsWith(
                    "Confirmed, Bamboo"));
            press("ArrowRight");
            await here("the second stay, to which it scrolled", on({second.id}));
            check("it scrolled", board.scrollLeft > 0);
            press("Home");
            await here("the first stay again", on({self.booking.id}));

            // A click opens, as Enter does; Escape leads back to the stay.
            document.activeElement.click();
            await until("what can be done", () => $(".th-board__popover"));
            await here("a button of it",
                (element) => element.closest(".th-board__popover"));
            press("Escape");
            await until("it has gone", () => !$(".th-board__popover"));
            await here("the stay", on({self.booking.id}));

            // Down to the last room, which was not drawn.
            const rowHere = () => document.activeElement.closest(".th-board__row");
            for (let n = 0; n < 5; n++) {{
                const before = rowHere();
                press("PageDown");
                await until("a room below", () => rowHere() && rowHere() !== before);
            }}
            const row = rowHere();
            check("the last room", +row.dataset.room === {last.id});
            check("it is seen", row.getBoundingClientRect().bottom <= innerHeight);
            press("n");
            const asked = await until("the counter",
                () => $(".modal [name=room_id] input"));
            await until("its room", () => asked.value.includes("{last.name}"));
            press("Escape");
            await until("no dialog", () => !$(".modal"));
            await here("free time", (element) => element.matches(".th-board__free"));
            press("Escape");
            await here("the board", (element) => element === board);
            await until("nobody stands there", () => !$("[data-cursor]"));
            """
        )
