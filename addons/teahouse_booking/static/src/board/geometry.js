/** Where things lie on the room board: pure functions of minutes and pixels. */

export const ROW_HEIGHT = 46;
/** Rows beyond the visible ones that are kept, so that scrolling shows no gaps. */
export const OVERSCAN = 4;
/** Rows by which the kept ones move. */
export const STRIDE = 2;
/** Pixels by which the kept part of the hours moves. */
export const REACH = 160;
/** Pixels of hours beyond the visible ones that are kept on either side. */
export const MARGIN = 80;

/** Pixels of an hour, by the days that are shown. */
export function hourWidth(days) {
    return days === 1 ? 72 : 20;
}

/** Minutes between two instants (milliseconds). */
export function minutesBetween(from, to) {
    return (to - from) / 60000;
}

/**
 * The box of a span, cut to the window.
 *
 * @param {{from: number, to: number}} span instants in milliseconds
 * @param {{from: number, to: number, pxPerMinute: number}} view
 * @returns {{left: number, width: number, cutStart: boolean, cutEnd: boolean} | null}
 */
export function boxOf(span, view) {
    const from = Math.max(span.from, view.from);
    const to = Math.min(span.to, view.to);
    if (to <= from) {
        return null;
    }
    return {
        left: minutesBetween(view.from, from) * view.pxPerMinute,
        width: Math.max(3, minutesBetween(from, to) * view.pxPerMinute),
        cutStart: span.from < view.from,
        cutEnd: span.to > view.to,
    };
}

/** The instant under a horizontal position, on the grid of `step` minutes. */
export function instantAt(x, view, step) {
    const minutes = Math.floor(x / view.pxPerMinute / step) * step;
    return view.from + minutes * 60000;
}

/** A distance in pixels as minutes, rounded to the grid. */
export function snapMinutes(pixels, view, step) {
    return Math.round(pixels / view.pxPerMinute / step) * step || 0;
}

/** The row from which rows are kept. It moves in strides: most scrolling draws nothing. */
export function firstRow(scrollTop, rowHeight = ROW_HEIGHT) {
    const row = Math.max(0, Math.floor(scrollTop / rowHeight));
    return row - (row % STRIDE);
}

/** The pixel from which hours are kept, likewise in strides. */
export function firstPixel(scrollLeft) {
    return Math.max(0, Math.floor(scrollLeft / REACH) * REACH);
}

/**
 * Which part of the time has to be there.
 *
 * @param {number} first of `firstPixel`
 * @param {number} width of what is to be seen, in pixels
 * @param {{from: number, to: number, pxPerMinute: number}} view
 * @returns {{from: number, to: number}} instants in milliseconds
 */
export function visibleTime(first, width, view) {
    const at = (pixel) => view.from + (pixel / view.pxPerMinute) * 60000;
    return {
        from: Math.max(view.from, at(first - MARGIN)),
        to: Math.min(view.to, at(first + width + REACH + MARGIN)),
    };
}

/**
 * Which rows have to be there.
 *
 * @param {number} first of `firstRow`
 * @param {number} height of what is to be seen, in pixels
 * @param {number} total
 * @returns {{first: number, last: number}} `last` is excluded
 */
export function visibleRows(first, height, total, rowHeight = ROW_HEIGHT) {
    const count = Math.ceil(height / rowHeight) + STRIDE + OVERSCAN;
    return {
        first: Math.max(0, Math.min(first, total) - OVERSCAN),
        last: Math.min(total, first + count),
    };
}

/**
 * Where a stay lies after it was dragged.
 *
 * @param {{from: number, to: number, row: number}} origin
 * @param {{dx: number, dy: number}} moved pixels
 * @param {"move" | "resize"} mode
 * @param {{step: number, rows: number, view: Object}} board
 */
export function dragged(origin, moved, mode, {step, rows, view}) {
    const minutes = snapMinutes(moved.dx, view, step) * 60000;
    if (mode === "resize") {
        const shortest = origin.from + step * 60000;
        return {...origin, to: Math.max(shortest, origin.to + minutes)};
    }
    const row = origin.row + Math.round(moved.dy / ROW_HEIGHT);
    return {
        from: origin.from + minutes,
        to: origin.to + minutes,
        row: Math.min(rows - 1, Math.max(0, row)),
    };
}

/**
 * How far to scroll so that something is seen. As little as possible.
 *
 * @param {number} scrolled so far, in pixels
 * @param {number} start of the thing
 * @param {number} length of what of the thing has to be seen
 * @param {number} size of what can be seen at once
 */
export function near(scrolled, start, length, size) {
    if (start < scrolled) {
        return start;
    }
    return Math.max(scrolled, start + Math.min(length, size) - size);
}
