import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Failure, Skeleton, Slot, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { addMinutes, day, duration, offsetOf, span } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";
import { Timeline, daySlots, lengths } from "./timeline";

const DAYS = 14;
const DEFAULT_MINUTES = 120;

/**
 * Choose day, start and length, and book. Slot `booking_offer` may put a price and
 * further fields of the request into `form.extra`; it gets `form`, `room`.
 */
export class RoomScreen extends Component {
    static template = "teahouse_booking.RoomScreen";
    static components = { Failure, Icon, Skeleton, Slot, Timeline, TopBar };
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
            extra: {},
        });
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
        return { ...answer, today: this.midnight(answer) };
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
        return [...Array(DAYS).keys()].map((index) => {
            const start = addMinutes(this.times.data.today, index * 1440);
            return { index, label: index ? day(start) : _t("Today") };
        });
    }

    get slots() {
        const start = addMinutes(this.times.data.today, this.form.day * 1440);
        return daySlots(this.times.data, start).filter(
            (slot) => new Date(slot.start) > Date.now() - slotMs(this.times.data)
        );
    }

    get slot() {
        return this.slots.find((slot) => slot.start === this.form.start);
    }

    get lengths() {
        return this.slot ? lengths(this.times.data, this.slot.longest) : [];
    }

    get end() {
        return this.form.start ? addMinutes(this.form.start, this.form.minutes) : null;
    }

    pickDay(index) {
        Object.assign(this.form, { day: index, start: null, extra: {} });
    }

    pickStart(slot) {
        const fits = lengths(this.times.data, slot.longest);
        const minutes = fits.includes(this.form.minutes) ? this.form.minutes : fits.at(-1);
        Object.assign(this.form, { start: slot.start, minutes, extra: {} });
        this.key = newKey();
    }

    pickLength(minutes) {
        Object.assign(this.form, { minutes, extra: {} });
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

const slotMs = (room) => room.slot_minutes * 60000;

screens.add("room", { path: "/rooms/:id", component: RoomScreen });
