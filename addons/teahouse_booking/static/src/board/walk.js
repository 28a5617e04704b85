/**
 * Walking over the board by keys: pure functions.
 *
 * @typedef {{room: number, bar: number | null, at: number}} Cursor a stay of a room; or,
 *     without one, free time of it from the instant `at` (milliseconds) on. `at` stays
 *     the same while somebody walks up and down.
 */

/** Rooms that PageUp and PageDown leap over. */
export const LEAP = 10;
const VERTICAL = {ArrowUp: -1, ArrowDown: 1, PageUp: -LEAP, PageDown: LEAP};

/** What lies at an instant in a room. */
export function placeAt(room, at, staysOf) {
    const stay = staysOf(room.id).find((bar) => bar.from <= at && at < bar.to);
    return {room: room.id, bar: stay ? stay.id : null, at};
}

/** To the stay before or after, however far it is. */
function toStay(cursor, direction, stays) {
    const here = stays.findIndex((bar) => bar.id === cursor.bar);
    let next = null;
    if (here >= 0) {
        next = stays[here + direction];
    } else if (direction > 0) {
        next = stays.find((bar) => bar.from > cursor.at);
    } else {
        next = stays.findLast((bar) => bar.from <= cursor.at);
    }
    return next ? {...cursor, bar: next.id, at: next.from} : cursor;
}

/**
 * Where a key leads.
 *
 * @param {Cursor} cursor
 * @param {{key: string, shiftKey?: boolean}} pressed
 * @param {Object} board
 * @param {Object[]} board.rooms in their order
 * @param {(roomId: number) => Object[]} board.staysOf in the order of their starts
 * @param {{from: number, to: number}} board.view
 * @returns {Cursor | null} null for a key that leads nowhere, or a room that has gone
 */
export function walk(cursor, {key, shiftKey = false}, {rooms, staysOf, view}) {
    const row = rooms.findIndex((room) => room.id === cursor.room);
    if (row < 0) {
        return null;
    }
    if (key in VERTICAL) {
        const to = Math.min(rooms.length - 1, Math.max(0, row + VERTICAL[key]));
        return to === row ? cursor : placeAt(rooms[to], cursor.at, staysOf);
    }
    const stays = staysOf(cursor.room);
    if (key === "Home" || key === "End") {
        const stay = stays.at(key === "Home" ? 0 : -1);
        return stay ? {...cursor, bar: stay.id, at: stay.from} : cursor;
    }
    if (key !== "ArrowLeft" && key !== "ArrowRight") {
        return null;
    }
    const direction = key === "ArrowRight" ? 1 : -1;
    if (!shiftKey) {
        return toStay(cursor, direction, stays);
    }
    const step = stepOf(rooms[row]);
    const steps = (cursor.at - view.from) / step + direction;
    const at = view.from + (direction > 0 ? Math.floor(steps) : Math.ceil(steps)) * step;
    return at < view.from || at >= view.to ? cursor : placeAt(rooms[row], at, staysOf);
}

/** A room's grid of starts, in milliseconds. */
export function stepOf(room) {
    return (room.slot_minutes || 30) * 60000;
}

/**
 * From when somebody could be booked who asks here: where the cursor is, or after the
 * stay and its cleaning.
 */
export function freeFrom(cursor, room, staysOf, view) {
    const stay = staysOf(room.id).find((bar) => bar.id === cursor.bar);
    if (!stay) {
        return cursor.at;
    }
    const step = stepOf(room);
    return view.from + Math.ceil((stay.blockedTo - view.from) / step) * step;
}
