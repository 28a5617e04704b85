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
const at = (hour) => `2026-11-23T${String(hour).padStart(2, "0")}:00:00+08:00`;

describe("the line of a room's day", () => {
    test("a start is free where the shortest stay fits", () => {
        const free = daySlots(ROOM, MIDNIGHT).filter((slot) => slot.free);
        expect(free.map((slot) => slot.start)).toEqual([at(10), at(11), at(12), at(13)]);
        expect(free.map((slot) => slot.longest)).toEqual([240, 240, 180, 120]);
    });

    test("lengths go up to the longest, in the room's steps", () => {
        expect(lengths(ROOM, 240)).toEqual([120, 180, 240]);
        expect(lengths(ROOM, 60)).toEqual([]);
    });

    test("free steps can be tapped, taken ones not; the chosen are marked", async () => {
        await mountPart(Timeline, {
            props: {
                slots: daySlots(ROOM, MIDNIGHT),
                start: at(10),
                end: at(12),
                onPick: (slot) => expect.step(slot.start),
            },
        });
        expect("button").toHaveCount(24);
        expect("button:enabled").toHaveCount(4);
        expect("button[aria-pressed=true]").toHaveText("10:00");
        expect(".th-timeline__slot--chosen").toHaveCount(2);
        await click("button:contains(13:00)");
        expect.verifySteps([at(13)]);
    });
});
