/** What somebody at the counter wants to know of a room: pure functions. */

/** Stays that take no time of their room any more. */
const OVER = ["completed", "no_show"];

/**
 * What is in a room at an instant, what comes next, and how long it is free.
 *
 * @param {Object} room
 * @param {Object[]} stays of the room, in the order of their starts
 * @param {Object[]} closings of the room
 * @param {number} now milliseconds
 * @returns {{kind: "stay" | "turnover" | "closed" | "free", until: number | null,
 *     stay: Object | null, next: Object | null, reason: string}} `until` is null where
 *     nothing that is known ends it
 */
export function glance(room, stays, closings, now) {
    const next = stays.find((bar) => bar.from > now && !OVER.includes(bar.state)) || null;
    const found = {next, stay: null, reason: "", until: null};
    const stay = stays.find(
        (bar) => bar.from <= now && now < bar.to && !OVER.includes(bar.state)
    );
    if (stay) {
        return {...found, kind: "stay", stay, until: stay.to};
    }
    // Guests who are still there although their time is over.
    const late = stays.find((bar) => bar.state === "in_use" && bar.to <= now);
    if (late) {
        return {...found, kind: "stay", stay: late, until: late.to};
    }
    const closing = closings.find((one) => one.from <= now && now < one.to);
    if (closing) {
        return {...found, kind: "closed", until: closing.to, reason: closing.name};
    }
    if (!room.open) {
        return {...found, kind: "closed"};
    }
    const left = stays.find(
        (bar) => bar.state !== "no_show" && bar.to <= now && now < bar.blockedTo
    );
    if (left) {
        return {...found, kind: "turnover", until: left.blockedTo};
    }
    const ends = [next, closings.find((one) => one.from > now)]
        .filter(Boolean)
        .map((one) => one.from);
    return {...found, kind: "free", until: ends.length ? Math.min(...ends) : null};
}
