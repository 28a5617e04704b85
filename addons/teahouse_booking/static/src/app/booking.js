import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Failure, Sheet, Skeleton, Slot, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { addMinutes, clock, day, duration, minutesBetween, span } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad, useTicker } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";
import { stateWords } from "./bookings";
import { PassSheet } from "./pass";
import { RoomChangeSheet } from "./room_change";

const POLL_MS = 15000;
const EXTENSIONS = [30, 60, 90, 120];

/**
 * Slots `booking_top` and `booking_page` get `booking` and `reload`, `booking_refund`
 * gets the `cancellation` that is asked about, `booking_change` a change to be paid.
 */
export class BookingScreen extends Component {
    static template = "teahouse_booking.BookingScreen";
    static components = {
        Failure,
        Icon,
        PassSheet,
        RoomChangeSheet,
        Sheet,
        Skeleton,
        Slot,
        TopBar,
    };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { clock, day, duration, span, stateWords });
        this.action = useAction();
        this.view = useState({ sheet: null, now: Date.now(), cancellation: null });
        this.booking = useLoad(() => this.api.get(`/bookings/${this.props.params.ref}`));
        this.close = () => (this.view.sheet = null);
        useTicker(() => this.tick(), 1000);
        useTicker(() => this.booking.reload(), POLL_MS);
    }

    tick() {
        const before = this.booking.data && this.lapsed;
        this.view.now = Date.now();
        if (this.booking.data && this.lapsed && !before) {
            this.booking.reload();
        }
    }

    get title() {
        return this.booking.data?.room.name || _t("Booking");
    }

    /** A hold whose clock ran out is over, even if the server has not said so yet. */
    get lapsed() {
        const { state, hold_expires_at } = this.booking.data;
        return state === "hold" && new Date(hold_expires_at) <= this.view.now;
    }

    get live() {
        return ["confirmed", "in_use"].includes(this.booking.data.state);
    }

    /** What the clock on top counts: until payment, start or end. */
    get countdown() {
        const { state, hold_expires_at, start, end } = this.booking.data;
        const target = { hold: hold_expires_at, confirmed: start, in_use: end }[state];
        const words = {
            hold: _t("left to pay"),
            confirmed: _t("until it starts"),
            in_use: _t("left"),
        }[state];
        const seconds = target ? Math.floor((new Date(target) - this.view.now) / 1000) : 0;
        if (seconds <= 0) {
            return null;
        }
        const text =
            seconds < 3600
                ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
                : duration(Math.floor(seconds / 60));
        return { text, words };
    }

    /** What became of a booking that is over, and what can be done now. */
    get ending() {
        const { state, amount_paid } = this.booking.data;
        const words = {
            expired: _t("The time to pay ran out, and the room was given free. Nothing was booked."),
            cancelled: _t("This booking is cancelled."),
            no_show: _t("Nobody came in time, so the room was given free."),
        }[state];
        if (state === "expired" && Number(amount_paid) > 0) {
            return `${words} ${_t("What you paid too late comes back by itself.")}`;
        }
        return words;
    }

    get extensions() {
        return EXTENSIONS.map((minutes) => ({
            minutes,
            end: addMinutes(this.booking.data.end, minutes),
        }));
    }

    get minutes() {
        return minutesBetween(this.booking.data.start, this.booking.data.end);
    }

    get pendingWords() {
        const { kind, end } = this.booking.data.pending_change;
        return kind === "extension"
            ? _t("Stay until %(time)s: waiting for the payment", { time: clock(end) })
            : _t("Another room: waiting for the payment");
    }

    openSheet(name) {
        // A new intention: its tries share one key, and nothing happens twice.
        this.key = newKey();
        this.view.sheet = name;
    }

    extend(end) {
        return this.action.run(async () => {
            await this.api.post(
                `/bookings/${this.booking.data.ref}/extensions`,
                { end },
                `${this.key}-${minutesBetween(this.booking.data.start, end)}`
            );
            this.view.sheet = null;
            await this.booking.reload();
        });
    }

    openCancellation() {
        return this.action.run(async () => {
            this.view.cancellation = await this.api.get(
                `/bookings/${this.booking.data.ref}/cancellation`
            );
            this.openSheet("cancel");
        });
    }

    cancel() {
        return this.action.run(async () => {
            await this.api.post(`/bookings/${this.booking.data.ref}/cancel`, {}, this.key);
            this.view.sheet = null;
            await this.booking.reload();
        });
    }

    checkout() {
        return this.action.run(async () => {
            await this.api.post(`/bookings/${this.booking.data.ref}/checkout`, {}, this.key);
            this.view.sheet = null;
            this.toast.show(_t("Thank you for your visit."));
            await this.booking.reload();
        });
    }

    removeGuest(person) {
        return this.action.run(async () => {
            await this.api.delete(`/bookings/${this.booking.data.ref}/participants/${person.id}`);
            await this.booking.reload();
        });
    }

    invite() {
        return this.action.run(async () => {
            const { url } = await this.api.post(`/bookings/${this.booking.data.ref}/invitations`);
            if (navigator.share) {
                await navigator.share({ url }).catch(() => {});
                return;
            }
            await navigator.clipboard.writeText(url);
            this.toast.show(_t("The link is copied: send it to your friends."));
        });
    }
}

screens.add("booking", { path: "/bookings/:ref", component: BookingScreen, auth: true });
