import { Component, useState } from "@odoo/owl";
import { Icon } from "../components/icon";
import { Empty, Failure, Skeleton, Slot, TopBar } from "../components/parts";
import { Avatar } from "../components/picture";
import { clock, day } from "../core/format";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens, tabs } from "../core/registries";

/** Slot `me`: entries of other addons. */
export class MeScreen extends Component {
    static template = "teahouse_base.MeScreen";
    static components = { Avatar, Icon, Slot, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { account, api, router } = useApp();
        this.account = useState(account);
        this.router = router;
        this.action = useAction();
        this.messages = useLoad(() => api.get("/me/notifications", { unread: true, limit: 1 }));
    }

    get unread() {
        const { unread_count } = this.messages.data || {};
        return unread_count > 99 ? "99+" : unread_count;
    }

    get title() {
        return _t("Me");
    }

    get entries() {
        return [
            { path: "/profile", icon: "person", label: _t("Profile") },
            { path: "/phone", icon: "door", label: _t("Phone and sign-in") },
            { path: "/preferences", icon: "clock", label: _t("Notifications") },
            { path: "/sessions", icon: "phone", label: _t("My devices") },
            { path: "/settings", icon: "bulb", label: _t("Language and appearance") },
            { path: "/privacy", icon: "check", label: _t("Privacy") },
            { path: "/help", icon: "leaf", label: _t("Help") },
        ];
    }

    signOut() {
        return this.action.run(async () => {
            await this.account.signOut();
            this.router.go("/");
        });
    }
}

export class InboxScreen extends Component {
    static template = "teahouse_base.InboxScreen";
    static components = { Empty, Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api } = useApp();
        this.api = api;
        this.clock = clock;
        this.day = day;
        this.action = useAction();
        this.inbox = useLoad(() => api.get("/me/notifications"));
    }

    get title() {
        return _t("Messages");
    }

    get emptyTitle() {
        return _t("No messages yet");
    }

    get emptyText() {
        return _t("What concerns your bookings will be told here.");
    }

    loadMore() {
        return this.action.run(async () => {
            const cursor = this.inbox.data.next_cursor;
            const next = await this.api.get("/me/notifications", { cursor });
            this.inbox.data.items.push(...next.items);
            this.inbox.data.next_cursor = next.next_cursor;
        });
    }

    open(message) {
        if (message.read) {
            return;
        }
        message.read = true;
        // Without a net it stays unread: nobody who only reads needs to be told.
        return this.api
            .post(`/me/notifications/${message.id}/read`)
            .catch(() => (message.read = false));
    }
}

screens.add("me", { path: "/me", component: MeScreen, auth: true });
screens.add("inbox", { path: "/inbox", component: InboxScreen, auth: true });
tabs.add("me", { path: "/me", label: () => _t("Me"), icon: "person" }, { sequence: 90 });
