import {describe, expect, test} from "@odoo/hoot";
import {glance} from "@teahouse_booking/board/glance";

const NOON = Date.UTC(2026, 10, 23, 12);
const at = (hour) => NOON + (hour - 12) * 3600000;
const stay = (id, from, to, state = "confirmed") => ({
    id,
    state,
    from: at(from),
    to: at(to),
    blockedTo: at(to + 0.25),
});
const closing = (from, to) => ({name: "Repair", from: at(from), to: at(to)});
const look = (stays, closings = [], open = true) => glance({open}, stays, closings, NOON);

describe("a room at a glance", () => {
    test("free until the next stay or closed time, whichever is sooner", () => {
        expect(look([])).toEqual({
            kind: "free",
            until: null,
            stay: null,
            next: null,
            reason: "",
        });
        const found = look([stay(1, 8, 10), stay(2, 14, 16), stay(3, 17, 18)]);
        expect([found.kind, found.until, found.next.id]).toEqual(["free", at(14), 2]);
        expect(look([stay(2, 14, 16)], [closing(13, 15)]).until).toBe(at(13));
    });

    test("a stay from its start on, to its end; then who comes next", () => {
        const found = look([stay(1, 12, 13, "in_use"), stay(2, 14, 16)]);
        expect([found.kind, found.stay.id, found.until]).toEqual(["stay", 1, at(13)]);
        expect(found.next.id).toBe(2);
        expect(look([stay(1, 11, 12)]).kind).toBe("turnover");
    });

    test("guests who stay too long are there, although their time is over", () => {
        const found = look([stay(1, 9, 11, "in_use")]);
        expect([found.kind, found.stay.id, found.until]).toEqual(["stay", 1, at(11)]);
    });

    test("cleaning takes its time, not after who never came", () => {
        const found = look([stay(1, 10, 11.9, "completed")]);
        expect([found.kind, found.until]).toEqual(["turnover", at(12.15)]);
        expect(look([stay(1, 10, 11.9, "no_show")]).kind).toBe("free");
        expect(look([stay(1, 11, 13, "no_show")]).kind).toBe("free");
    });

    test("closed: for some time with its reason, or at all", () => {
        const found = look([stay(2, 14, 16)], [closing(11, 13)]);
        expect([found.kind, found.reason, found.until]).toEqual(["closed", "Repair", at(13)]);
        expect(look([], [], false)).toEqual({
            kind: "closed",
            until: null,
            stay: null,
            next: null,
            reason: "",
        });
    });
});
