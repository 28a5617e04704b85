import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Failure, Skeleton, Slot, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import {
    addMinutes,
    day,
    duration,
    minutesBetween,
    offsetOf,
    span,
} from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";
import { Timeline, daySlots, lengths } from "./timeline";
import { WaitSheet } from "./waitlist";

const DAYS = 14;
const DEFAULT_MINUTES = 120;
/** Longest wish on the waiting list that is offered as a button. */
const LONGEST_WISH = 360;

/**
 * Choose day, start and end, and book. Slot `booking_offer` may put further fields of
 * the request into `form.extra`, and into `form.price` words for the button; it gets
 * `form`, `room` and `end`.
 */
export class RoomScreen extends Component {
    static template = "teahouse_booking.RoomScreen";
    static components = { Failure, Icon, Skeleton, Slot, Timeline, TopBar, WaitSheet };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.span = span;
        this.duration = duration;
        this.form = useState({
            day: 0,
            start: null,
            minutes: DEFAULT_MINUTES,
            people: 2,
            stretching: false,
            extra: {},
            price: null,
        });
        this.view = useState({ wish: null });
        this.endOf = (minutes) => addMinutes(this.view.wish, minutes);
        this.room = useLoad(() => this.api.get(`/rooms/${this.props.params.id}`));
        this.times = useLoad(() => this.loadTimes());
    }

    async loadTimes() {
        const now = new Date();
        const from = new Date(now.getTime() - 24 * 3600000);
        const to = new Date(now.getTime() + (DAYS + 1) * 24 * 3600000);
        const answer = await this.api.get(`/rooms/${this.props.params.id}/availability`, {
            from: from.toISOString(),
            to: to.toISOString(),
        });
        const times = { ...answer, today: this.midnight(answer) };
        if (this.form.day === 0 && !this.form.start) {
            // Late in the evening nobody wants to look at a day that is over.
            const slots = daySlots(times, times.today);
            this.form.day = slots.some((slot) => slot.free) ? 0 : 1;
        }
        return times;
    }

    /** Local midnight of the store, from whatever instant it answered. */
    midnight(answer) {
        const local = new Intl.DateTimeFormat("sv", {
            timeZone: answer.timezone,
            dateStyle: "short",
        }).format(new Date());
        const sample = answer.free[0]?.start || new Date().toISOString();
        return `${local}T00:00:00${offsetOf(sample)}`;
    }

    get title() {
        return this.room.data?.name || _t("Room");
    }

    get days() {
        const shown = Math.min(DAYS, this.times.data.horizon_days + 1);
        return [...Array(shown).keys()].map((index) => {
            const start = addMinutes(this.times.data.today, index * 1440);
            return { index, label: index ? day(start) : _t("Today") };
        });
    }

    get slots() {
        const start = addMinutes(this.times.data.today, this.form.day * 1440);
        const now = Date.now();
        return daySlots(this.times.data, start).filter((slot) => new Date(slot.start) > now);
    }

    get slot() {
        return this.slots.find((slot) => slot.start === this.form.start);
    }

    get lengths() {
        return this.slot ? lengths(this.times.data, this.slot.longest) : [];
    }

    get waitLengths() {
        return lengths(this.times.data, Math.min(this.times.data.max_minutes, LONGEST_WISH));
    }

    get end() {
        return this.form.start ? addMinutes(this.form.start, this.form.minutes) : null;
    }

    get hint() {
        if (!this.form.start) {
            return _t("Tap when you want to begin.");
        }
        return this.form.stretching
            ? _t("Now tap the end, or drag it.")
            : _t("Tap another time to begin anew.");
    }

    pickDay(index) {
        this.choose({ day: index, start: null, stretching: false });
    }

    /** A first tap is the start, the next one the end, and another begins anew. */
    pick(slot) {
        const { start, stretching } = this.form;
        if (start && stretching && slot.start > start && this.reaches(slot)) {
            this.stretch(slot);
            this.form.stretching = false;
        } else if (slot.free) {
            this.pickStart(slot);
        } else if (slot.state === "taken") {
            this.view.wish = slot.start;
        }
    }

    pickStart(slot) {
        const fits = lengths(this.times.data, slot.longest);
        const minutes = fits.includes(this.form.minutes) ? this.form.minutes : fits.at(-1);
        this.choose({ start: slot.start, minutes, stretching: true });
    }

    reaches(slot) {
        return minutesBetween(this.form.start, slot.start) <= (this.slot?.longest || 0);
    }

    /** Let the stay end where a step begins, as far as it may be. */
    stretch(slot) {
        const wanted = minutesBetween(this.form.start, slot.start);
        const fits = this.lengths;
        const minutes = fits.filter((one) => one <= wanted).at(-1) || fits[0];
        if (minutes !== this.form.minutes) {
            this.choose({ minutes });
        }
    }

    pickLength(minutes) {
        this.choose({ minutes, stretching: false });
    }

    /** Another time is another intention, with a price of its own. */
    choose(values) {
        Object.assign(this.form, values, { extra: {} });
        this.key = newKey();
    }

    addPeople(step) {
        const most = this.room.data?.capacity || 1;
        this.form.people = Math.min(most, Math.max(1, this.form.people + step));
        this.key = newKey();
    }

    book() {
        if (!this.account.signedIn) {
            this.router.go("/login", { next: this.router.path });
            return;
        }
        return this.action.run(async () => {
            try {
                const booking = await this.api.post(
                    "/bookings",
                    {
                        room_id: Number(this.props.params.id),
                        start: this.form.start,
                        end: this.end,
                        people: this.form.people,
                        ...this.form.extra,
                    },
                    this.key
                );
                this.router.go(`/bookings/${booking.ref}`);
            } catch (error) {
                if (error.code === "slot_taken" || error.code === "offer_expired") {
                    this.pickDay(this.form.day);
                    await this.times.reload();
                }
                throw error;
            }
        });
    }
}

screens.add("room", { path: "/rooms/:id", component: RoomScreen });
