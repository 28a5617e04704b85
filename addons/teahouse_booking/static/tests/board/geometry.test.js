import {describe, expect, test} from "@odoo/hoot";
import {
    MARGIN,
    OVERSCAN,
    REACH,
    ROW_HEIGHT,
    STRIDE,
    boxOf,
    dragged,
    firstPixel,
    firstRow,
    hourWidth,
    instantAt,
    snapMinutes,
    visibleRows,
    visibleTime,
} from "@teahouse_booking/board/geometry";

const HOUR = 3600000;
const MIDNIGHT = Date.UTC(2026, 10, 23);
const at = (hour) => MIDNIGHT + hour * HOUR;
/** A day with a minute in a pixel. */
const DAY = {from: at(0), to: at(24), pxPerMinute: 1};

describe("the box of a stay", () => {
    test("lies where its time lies, as wide as it is long", () => {
        expect(boxOf({from: at(3), to: at(5)}, DAY)).toEqual({
            left: 180,
            width: 120,
            cutStart: false,
            cutEnd: false,
        });
    });

    test("is cut at both ends of the window, and says so", () => {
        expect(boxOf({from: at(-2), to: at(1)}, DAY)).toEqual({
            left: 0,
            width: 60,
            cutStart: true,
            cutEnd: false,
        });
        expect(boxOf({from: at(23), to: at(26)}, DAY)).toEqual({
            left: 1380,
            width: 60,
            cutStart: false,
            cutEnd: true,
        });
        expect(boxOf({from: at(-1), to: at(25)}, DAY).width).toBe(1440);
    });

    test("is none outside of the window, its edges included", () => {
        expect(boxOf({from: at(-2), to: at(0)}, DAY)).toBe(null);
        expect(boxOf({from: at(24), to: at(25)}, DAY)).toBe(null);
        expect(boxOf({from: at(4), to: at(4)}, DAY)).toBe(null);
    });

    test("can be seen and hit, however short the stay", () => {
        const week = {...DAY, pxPerMinute: hourWidth(7) / 60};
        expect(boxOf({from: at(3), to: at(3) + 60000}, week).width).toBe(3);
    });
});

describe("the time under the pointer", () => {
    test("is the start of the step that is pointed at", () => {
        expect(instantAt(0, DAY, 30)).toBe(at(0));
        expect(instantAt(29.9, DAY, 30)).toBe(at(0));
        expect(instantAt(30, DAY, 30)).toBe(at(0.5));
        expect(instantAt(1439, DAY, 60)).toBe(at(23));
    });

    test("a distance goes to the nearest step, either way", () => {
        expect(snapMinutes(7, DAY, 15)).toBe(0);
        expect(snapMinutes(8, DAY, 15)).toBe(15);
        expect(snapMinutes(-8, DAY, 15)).toBe(-15);
        expect(snapMinutes(-7, DAY, 15)).toBe(0);
        expect(Object.is(snapMinutes(-1, DAY, 15), 0)).toBe(true);
    });

    test("box and pointer agree, at every length of the window", () => {
        for (const days of [1, 7]) {
            const view = {from: at(0), to: at(24 * days), pxPerMinute: hourWidth(days) / 60};
            for (let hour = 0; hour < 24 * days; hour++) {
                const {left} = boxOf({from: at(hour), to: at(hour + 1)}, view);
                expect(instantAt(left + 0.01, view, 60)).toBe(at(hour));
            }
        }
    });
});

describe("what has to be drawn", () => {
    test("rows and hours move in strides", () => {
        expect(firstRow(0)).toBe(0);
        expect(firstRow(-30)).toBe(0);
        expect(firstRow(STRIDE * ROW_HEIGHT - 1)).toBe(0);
        expect(firstRow(STRIDE * ROW_HEIGHT)).toBe(STRIDE);
        expect(firstPixel(REACH - 1)).toBe(0);
        expect(firstPixel(REACH)).toBe(REACH);
        expect(firstPixel(-5)).toBe(0);
    });

    test("every row on the screen is drawn, wherever one scrolls", () => {
        const [height, total] = [600, 200];
        const most = Math.ceil(height / ROW_HEIGHT) + STRIDE + 2 * OVERSCAN;
        for (let top = 0; top <= total * ROW_HEIGHT - height; top += 7) {
            const {first, last} = visibleRows(firstRow(top), height, total);
            expect(first * ROW_HEIGHT <= top).toBe(true);
            expect(last * ROW_HEIGHT >= top + height).toBe(true);
            expect(last - first <= most).toBe(true);
        }
    });

    test("there are no rows beyond the last, and none of none", () => {
        expect(visibleRows(0, 600, 3)).toEqual({first: 0, last: 3});
        expect(visibleRows(0, 600, 0)).toEqual({first: 0, last: 0});
        // A search that leaves few rooms, far down.
        expect(visibleRows(150, 600, 2)).toEqual({first: 0, last: 2});
    });

    test("every hour on the screen is drawn, and not much more", () => {
        const view = {from: at(0), to: at(7 * 24), pxPerMinute: hourWidth(7) / 60};
        const width = 1100;
        const total = (7 * 24 * 60) * view.pxPerMinute;
        for (let left = 0; left <= total - width; left += 13) {
            const seen = visibleTime(firstPixel(left), width, view);
            const time = (pixel) => view.from + (pixel / view.pxPerMinute) * 60000;
            expect(seen.from <= time(left)).toBe(true);
            expect(seen.to >= time(left + width)).toBe(true);
            expect(seen.from >= view.from && seen.to <= view.to).toBe(true);
            const pixels = ((seen.to - seen.from) / 60000) * view.pxPerMinute;
            expect(pixels <= width + REACH + 2 * MARGIN + 1).toBe(true);
        }
    });
});

describe("where a stay lies after it was dragged", () => {
    const origin = {from: at(10), to: at(12), row: 3};
    const board = {step: 15, rows: 10, view: DAY};

    test("moved: both ends by whole steps, and to the nearest room", () => {
        expect(dragged(origin, {dx: 65, dy: ROW_HEIGHT * 1.6}, "move", board)).toEqual({
            from: at(11),
            to: at(13),
            row: 5,
        });
        expect(dragged(origin, {dx: 5, dy: ROW_HEIGHT * 0.4}, "move", board)).toEqual(origin);
    });

    test("never above the first room or below the last", () => {
        const {row} = dragged(origin, {dx: 0, dy: -9000}, "move", board);
        expect(row).toBe(0);
        expect(dragged(origin, {dx: 0, dy: 9000}, "move", board).row).toBe(9);
    });

    test("pulled at its end: only the end, never to nothing", () => {
        expect(dragged(origin, {dx: 60, dy: 400}, "resize", board)).toEqual({
            from: at(10),
            to: at(13),
            row: 3,
        });
        expect(dragged(origin, {dx: -900, dy: 0}, "resize", board).to).toBe(at(10.25));
    });
});
