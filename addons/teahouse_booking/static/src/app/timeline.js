import { Component } from "@odoo/owl";
import { addMinutes, clock, minutesBetween } from "@teahouse_base/app/core/format";
import { _t } from "@teahouse_base/app/core/i18n";

/**
 * Starts on the room's grid within the free intervals, with what they allow.
 *
 * @param {{free: {start: string, end: string}[], slot_minutes: number, min_minutes: number, max_minutes: number}} room
 * @param {string} dayStart local midnight with the store's offset
 * @returns {{start: string, free: boolean, longest: number}[]} one for each step of a day
 */
export function daySlots(room, dayStart) {
    const slots = [];
    for (let minute = 0; minute < 1440; minute += room.slot_minutes) {
        const start = addMinutes(dayStart, minute);
        const at = new Date(start);
        const interval = room.free.find(
            (free) => new Date(free.start) <= at && at < new Date(free.end)
        );
        const longest = interval
            ? Math.min(minutesBetween(start, interval.end), room.max_minutes)
            : 0;
        slots.push({ start, free: longest >= room.min_minutes, longest });
    }
    return slots;
}

/** Lengths that a customer may want, up to the longest possible. */
export function lengths(room, longest) {
    const found = [];
    for (let minutes = room.min_minutes; minutes <= longest; minutes += room.slot_minutes) {
        found.push(minutes);
    }
    return found;
}

/** A day of a room as steps to tap: free, taken, chosen. */
export class Timeline extends Component {
    static template = "teahouse_booking.Timeline";
    static props = {
        slots: Array,
        start: { type: [String, { value: null }], optional: true },
        end: { type: [String, { value: null }], optional: true },
        onPick: Function,
    };

    label(slot) {
        return clock(slot.start);
    }

    describe(slot) {
        return slot.free
            ? _t("%(time)s, free", { time: clock(slot.start) })
            : _t("%(time)s, taken", { time: clock(slot.start) });
    }

    chosen(slot) {
        const { start, end } = this.props;
        const at = new Date(slot.start);
        return Boolean(start && end && at >= new Date(start) && at < new Date(end));
    }
}
