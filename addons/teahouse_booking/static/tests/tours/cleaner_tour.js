import { registry } from "@web/core/registry";

/** What the camera of a phone would give to a field for photos. */
async function takePhoto(input) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 48;
    canvas.getContext("2d").fillRect(0, 0, 24, 48);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const files = new DataTransfer();
    files.items.add(new File([blob], "room.png", { type: "image/png" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

const fits = () => {
    if (document.documentElement.scrollWidth > innerWidth) {
        throw new Error("something lies beyond the edge");
    }
    for (const button of document.querySelectorAll(".o_teahouse_acts > .btn")) {
        if (button.offsetHeight < 44) {
            throw new Error(`too small for a thumb: ${button.textContent}`);
        }
    }
};

const ROOM = ".o_teahouse_room:contains(Pine)";

/** The cleaner takes the room whose guests come first, cleans it, reports a damage. */
registry.category("web_tour.tours").add("teahouse_cleaner_day", {
    steps: () => [
        { trigger: ".o_teahouse_my_rooms h1:contains(My rooms)" },
        { trigger: ".o_teahouse_room:first:contains(Pine):contains(Guests at)", run: fits },
        { trigger: `${ROOM}:not(:has([name=damage])) button[name=accept]`, run: "click" },
        { trigger: `${ROOM} button[name=start]`, run: "click" },
        { trigger: `${ROOM} .badge:contains(Under way)`, run: fits },
        {
            trigger: `${ROOM} label.btn:has(input)`,
            run: ({ anchor }) => takePhoto(anchor.querySelector("input")),
        },
        { trigger: `${ROOM} .o_teahouse_photos img` },
        { trigger: `${ROOM} button[name=damage]:enabled`, run: "click" },
        { trigger: ".modal button[name=send]:disabled" },
        { trigger: ".modal input[name=name]", run: "edit Kettle does not heat" },
        { trigger: ".modal [data-severity='2']", run: "click" },
        {
            trigger: ".modal label.btn:has(input)",
            run: ({ anchor }) => takePhoto(anchor.querySelector("input")),
        },
        { trigger: ".modal .o_teahouse_damage img", run: fits },
        { trigger: ".modal button[name=send]:enabled", run: "click" },
        { trigger: `body:not(:has(.modal)) ${ROOM}:contains(Damages reported)` },
        { trigger: `${ROOM} button[name=finish]:enabled`, run: "click" },
        { trigger: `.o_teahouse_done:contains(1 done today)` },
        { trigger: `.o_teahouse_my_rooms:not(:has(${ROOM}))` },
    ],
});
