import { click, describe, expect, test } from "@odoo/hoot";
import { Timeline, daySlots, lengths } from "@teahouse_booking/app/timeline";
import { mountPart } from "@teahouse_base/../tests/app/helpers";

const MIDNIGHT = "2026-11-23T00:00:00+08:00";
const ROOM = {
    slot_minutes: 60,
    min_minutes: 120,
    max_minutes: 240,
    free: [{ start: "2026-11-23T10:00:00+08:00", end: "2026-11-23T15:00:00+08:00" }],
};
const LONG_BEFORE = new Date("2026-11-01T00:00:00Z").getTime();
const at = (hour) => `2026-11-23T${String(hour).padStart(2, "0")}:00:00+08:00`;

describe("the line of a room's day", () => {
    test("a start is free where the shortest stay fits", () => {
        const free = daySlots(ROOM, MIDNIGHT, LONG_BEFORE).filter((slot) => slot.free);
        expect(free.map((slot) => slot.start)).toEqual([at(10), at(11), at(12), at(13)]);
        expect(free.map((slot) => slot.longest)).toEqual([240, 240, 180, 120]);
    });

    test("lengths go up to the longest, in the room's steps", () => {
        expect(lengths(ROOM, 240)).toEqual([120, 180, 240]);
        expect(lengths(ROOM, 60)).toEqual([]);
    });

    test("steps say what they are and can be tapped; the chosen are marked", async () => {
        await mountPart(Timeline, {
            props: {
                slots: daySlots(ROOM, MIDNIGHT, LONG_BEFORE),
                start: at(10),
                end: at(12),
                onPick: (slot) => expect.step(`${slot.state} ${slot.start}`),
                onStretch: () => {},
            },
        });
        expect("button").toHaveCount(24);
        expect(".th-timeline__slot--free").toHaveCount(4);
        expect("button[aria-pressed=true]").toHaveCount(2);
        await click("button:contains(13:00)");
        await click("button:contains(20:00)");
        expect.verifySteps([`free ${at(13)}`, `taken ${at(20)}`]);
    });
});
