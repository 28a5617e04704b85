import { Component, useRef } from "@odoo/owl";
import { addMinutes, clock, minutesBetween } from "@teahouse_base/app/core/format";
import { _t } from "@teahouse_base/app/core/i18n";

/**
 * Steps of a day on the room's grid, with what they allow.
 *
 * `state` is `free`, `taken`, `prepared` (cleaned before the next stay can begin) or
 * `rest` (free, but no stay can begin there). `longest` is how long a stay may be that
 * begins there, 0 where none can.
 *
 * @param {{free: {start: string, end: string}[], slot_minutes: number, min_minutes: number, max_minutes: number, lead_minutes: number, turnover_minutes: number}} room
 * @param {string} dayStart local midnight with the store's offset
 * @param {number} [now] milliseconds
 * @returns {{start: string, state: string, free: boolean, longest: number}[]}
 */
export function daySlots(room, dayStart, now = Date.now()) {
    const earliest = now + (room.lead_minutes || 0) * 60000;
    const free = room.free.map(({ start, end }) => ({ from: new Date(start), to: new Date(end), end }));
    const slots = [];
    for (let minute = 0; minute < 1440; minute += room.slot_minutes) {
        const start = addMinutes(dayStart, minute);
        const at = new Date(start);
        const interval = free.find(({ from, to }) => from <= at && at < to);
        const left = interval ? minutesBetween(start, interval.end) : 0;
        const possible = left >= room.min_minutes && at >= earliest;
        let state = interval ? "rest" : "taken";
        if (possible) {
            state = "free";
        } else if (!interval && soonFree(free, at, room.turnover_minutes)) {
            state = "prepared";
        }
        slots.push({
            start,
            state,
            free: possible,
            longest: possible ? Math.min(left, room.max_minutes) : 0,
        });
    }
    return slots;
}

/** Whether an instant lies in the cleaning time before a free interval. */
function soonFree(free, at, turnover) {
    return free.some(({ from }) => at < from && from - at <= (turnover || 0) * 60000);
}

/** Lengths that a customer may want, up to the longest possible. */
export function lengths(room, longest) {
    const found = [];
    for (let minutes = room.min_minutes; minutes <= longest; minutes += room.slot_minutes) {
        found.push(minutes);
    }
    return found;
}

/**
 * A day of a room as steps: tap the start, then the end, or drag the end along.
 * `onPick` gets what was tapped, `onStretch` the step under the finger.
 */
export class Timeline extends Component {
    static template = "teahouse_booking.Timeline";
    static props = {
        slots: Array,
        start: { type: [String, { value: null }], optional: true },
        end: { type: [String, { value: null }], optional: true },
        onPick: Function,
        onStretch: Function,
    };

    setup() {
        this.element = useRef("line");
        this.label = ({ start }) => clock(start);
    }

    describe(slot) {
        const time = clock(slot.start);
        return {
            free: _t("%(time)s, free", { time }),
            rest: _t("%(time)s, too short to begin", { time }),
            taken: _t("%(time)s, taken: wait for it", { time }),
            prepared: _t("%(time)s, being prepared", { time }),
        }[slot.state];
    }

    chosen(slot) {
        const { start, end } = this.props;
        const at = new Date(slot.start);
        return Boolean(start && end && at >= new Date(start) && at < new Date(end));
    }

    /** The step where the stay ends, or the day's last chosen one, can be dragged. */
    isHandle(slot, index) {
        const next = this.props.slots[index + 1];
        return Boolean(slot.start === this.props.end || (!next && this.chosen(slot)));
    }

    grab(ev, slot, index) {
        if (!this.isHandle(slot, index)) {
            return;
        }
        ev.preventDefault();
        let latest = slot.start;
        const follow = ({ clientX, clientY }) => {
            const under = document.elementFromPoint(clientX, clientY)?.closest("[data-start]");
            const start = under?.dataset.start;
            if (start && start !== latest && this.element.el.contains(under)) {
                latest = start;
                this.dragged = true;
                this.props.onStretch(this.props.slots.find((one) => one.start === start));
            }
        };
        const letGo = () => {
            window.removeEventListener("pointermove", follow);
            window.removeEventListener("pointerup", letGo);
            window.removeEventListener("pointercancel", letGo);
        };
        window.addEventListener("pointermove", follow);
        window.addEventListener("pointerup", letGo);
        window.addEventListener("pointercancel", letGo);
    }

    tap(slot) {
        if (this.dragged) {
            // The click that ends a drag is no choice of its own.
            this.dragged = false;
            return;
        }
        this.props.onPick(slot);
    }
}
