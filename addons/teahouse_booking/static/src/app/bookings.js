import { Component, useState } from "@odoo/owl";
import { Empty, Failure, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { day, span } from "@teahouse_base/app/core/format";
import { useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, tabs } from "@teahouse_base/app/core/registries";

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
        this.form = useState({ state: "" });
        this.bookings = useLoad(() =>
            api.get("/bookings", { limit: 50, state: this.form.state })
        );
    }

    get filters() {
        return [
            { state: "", label: _t("All") },
            { state: "hold", label: _t("To pay") },
            { state: "confirmed,in_use", label: _t("Coming") },
            { state: "completed", label: _t("Finished") },
            { state: "cancelled,expired,no_show", label: _t("Cancelled") },
        ];
    }

    choose(state) {
        this.form.state = state;
        this.bookings.data = null;
        this.bookings.reload();
    }

    get title() {
        return _t("My bookings");
    }

    get emptyTitle() {
        return this.form.state ? _t("No bookings of this kind") : _t("No bookings yet");
    }

    get emptyText() {
        return _t("Find a room near you: it is yours in a minute.");
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
screens.add("invitation", { path: "/invitations/:token", component: InvitationScreen, auth: true });
tabs.add(
    "bookings",
    { path: "/bookings", label: () => _t("Bookings"), icon: "calendar" },
    { sequence: 20 }
);
