import {describe, expect, test} from "@odoo/hoot";
import {freeFrom, walk} from "@teahouse_booking/board/walk";
import {near} from "@teahouse_booking/board/geometry";

const HOUR = 3600000;
const MIDNIGHT = Date.UTC(2026, 10, 23);
const at = (hour) => MIDNIGHT + hour * HOUR;
const stay = (id, from, to) => ({id, from: at(from), to: at(to), blockedTo: at(to + 0.25)});
const STAYS = {
    1: [stay(11, 9, 11), stay(12, 14, 16)],
    2: [stay(21, 10, 12)],
    3: [],
};
const BOARD = {
    rooms: [{id: 1, slot_minutes: 30}, {id: 2, slot_minutes: 60}, {id: 3}],
    staysOf: (roomId) => STAYS[roomId],
    view: {from: at(0), to: at(24)},
};
const go = (cursor, key, shiftKey) => walk(cursor, {key, shiftKey}, BOARD);
const free = (room, hour) => ({room, bar: null, at: at(hour)});
const onStay = (room, bar, hour) => ({room, bar, at: at(hour)});

describe("walking by keys", () => {
    test("left and right: to the stays of the room, and not beyond the last", () => {
        expect(go(free(1, 8), "ArrowRight")).toEqual(onStay(1, 11, 9));
        expect(go(onStay(1, 11, 9), "ArrowRight")).toEqual(onStay(1, 12, 14));
        expect(go(onStay(1, 12, 14), "ArrowRight")).toEqual(onStay(1, 12, 14));
        expect(go(onStay(1, 12, 14), "ArrowLeft")).toEqual(onStay(1, 11, 9));
        expect(go(free(1, 13), "ArrowLeft")).toEqual(onStay(1, 11, 9));
        expect(go(free(3, 13), "ArrowLeft")).toEqual(free(3, 13));
        expect(go(onStay(1, 12, 14), "Home")).toEqual(onStay(1, 11, 9));
        expect(go(free(1, 1), "End")).toEqual(onStay(1, 12, 14));
        expect(go(free(3, 1), "End")).toEqual(free(3, 1));
    });

    test("up and down: to what lies at the same time, and not out of the board", () => {
        expect(go(onStay(1, 11, 10), "ArrowDown")).toEqual(onStay(2, 21, 10));
        expect(go(onStay(1, 11, 9), "ArrowDown")).toEqual(free(2, 9));
        expect(go(free(2, 9), "ArrowUp")).toEqual(onStay(1, 11, 9));
        expect(go(free(1, 3), "ArrowUp")).toEqual(free(1, 3));
        expect(go(free(3, 3), "ArrowDown")).toEqual(free(3, 3));
        expect(go(free(1, 3), "PageDown")).toEqual(free(3, 3));
        expect(go(free(3, 9), "PageUp")).toEqual(onStay(1, 11, 9));
    });

    test("with Shift: over free time, on the room's grid, within the window", () => {
        expect(go(free(1, 2), "ArrowRight", true)).toEqual(free(1, 2.5));
        expect(go(free(2, 2.4), "ArrowRight", true)).toEqual(free(2, 3));
        expect(go(free(2, 2.4), "ArrowLeft", true)).toEqual(free(2, 2));
        expect(go(free(1, 8.5), "ArrowRight", true)).toEqual(onStay(1, 11, 9));
        expect(go(free(1, 0), "ArrowLeft", true)).toEqual(free(1, 0));
        expect(go(free(3, 23.5), "ArrowRight", true)).toEqual(free(3, 23.5));
    });

    test("other keys and rooms that have gone lead nowhere", () => {
        expect(go(free(1, 2), "Tab")).toBe(null);
        expect(go(free(99, 2), "ArrowDown")).toBe(null);
    });

    test("a booking starts where one stands, or after the stay and its cleaning", () => {
        const from = (cursor, room) =>
            freeFrom(cursor, BOARD.rooms[room - 1], BOARD.staysOf, BOARD.view);
        expect(from(free(1, 2), 1)).toBe(at(2));
        expect(from(onStay(1, 11, 9), 1)).toBe(at(11.5));
        expect(from(onStay(2, 21, 10), 2)).toBe(at(13));
    });

    test("scrolls as little as possible", () => {
        expect(near(100, 40, 20, 200)).toBe(40);
        expect(near(100, 150, 20, 200)).toBe(100);
        expect(near(100, 290, 20, 200)).toBe(110);
        expect(near(100, 400, 900, 200)).toBe(400);
    });
});
