import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Sheet, Skeleton, Slot, TopBar } from "@teahouse_base/app/components/parts";
import { addMinutes, clock, day, duration, minutesBetween, span } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad, useTicker } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, tabs } from "@teahouse_base/app/core/registries";

const POLL_MS = 15000;
const EXTENSIONS = [30, 60, 90, 120];

/** Words and colour of a state, as customers read them. */
export function stateWords(booking) {
    return {
        hold: { text: _t("To pay"), tone: "gold" },
        confirmed: { text: _t("Booked"), tone: "tea" },
        in_use: { text: _t("In use"), tone: "tea" },
        completed: { text: _t("Finished"), tone: "plain" },
        expired: { text: _t("Not paid in time"), tone: "plain" },
        cancelled: { text: _t("Cancelled"), tone: "plain" },
        no_show: { text: _t("Not used"), tone: "clay" },
    }[booking.state];
}

export class BookingsScreen extends Component {
    static template = "teahouse_booking.BookingsScreen";
    static components = { Empty, Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api } = useApp();
        Object.assign(this, { day, span, stateWords });
        this.bookings = useLoad(() => api.get("/bookings", { limit: 50 }));
    }

    get title() {
        return _t("My bookings");
    }

    get emptyTitle() {
        return _t("No bookings yet");
    }

    get emptyText() {
        return _t("Find a room near you: it is yours in a minute.");
    }
}

/** Slots `booking_top` and `booking_page` get `booking` and `reload`. */
export class BookingScreen extends Component {
    static template = "teahouse_booking.BookingScreen";
    static components = { Failure, Icon, Sheet, Skeleton, Slot, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { clock, day, duration, span, stateWords });
        this.action = useAction();
        this.view = useState({ sheet: null, now: Date.now(), cancellation: null });
        this.booking = useLoad(() => this.api.get(`/bookings/${this.props.params.ref}`));
        this.pass = useState({ data: null });
        useTicker(() => (this.view.now = Date.now()), 1000);
        useTicker(() => this.booking.reload(), POLL_MS);
    }

    get title() {
        return this.booking.data?.room.name || _t("Booking");
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

    get extensions() {
        return EXTENSIONS.map((minutes) => ({
            minutes,
            end: addMinutes(this.booking.data.end, minutes),
        }));
    }

    get minutes() {
        return minutesBetween(this.booking.data.start, this.booking.data.end);
    }

    openPass() {
        return this.action.run(async () => {
            this.pass.data = await this.api.get(`/bookings/${this.booking.data.ref}/pass`);
            this.view.sheet = "pass";
        });
    }

    extend(end) {
        return this.action.run(async () => {
            await this.api.post(`/bookings/${this.booking.data.ref}/extensions`, { end });
            this.view.sheet = null;
            await this.booking.reload();
        });
    }

    openCancellation() {
        return this.action.run(async () => {
            this.view.cancellation = await this.api.get(
                `/bookings/${this.booking.data.ref}/cancellation`
            );
            this.view.sheet = "cancel";
        });
    }

    cancel() {
        return this.action.run(async () => {
            await this.api.post(`/bookings/${this.booking.data.ref}/cancel`);
            this.view.sheet = null;
            await this.booking.reload();
        });
    }

    checkout() {
        return this.action.run(async () => {
            await this.api.post(`/bookings/${this.booking.data.ref}/checkout`);
            this.view.sheet = null;
            this.toast.show(_t("Thank you for your visit."));
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

/** What an invited friend sees behind the link. */
export class InvitationScreen extends Component {
    static template = "teahouse_booking.InvitationScreen";
    static components = { Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api, router } = useApp();
        this.invitation = useLoad(async () => {
            const booking = await api.post(`/invitations/${this.props.params.token}/accept`);
            router.replace(`/bookings/${booking.ref}`);
        });
    }

    get title() {
        return _t("Invitation");
    }
}

screens.add("bookings", { path: "/bookings", component: BookingsScreen, auth: true });
screens.add("booking", { path: "/bookings/:ref", component: BookingScreen, auth: true });
screens.add("invitation", { path: "/invitations/:token", component: InvitationScreen, auth: true });
tabs.add(
    "bookings",
    { path: "/bookings", label: () => _t("Bookings"), icon: "calendar" },
    { sequence: 20 }
);
