import { Component, useState } from "@odoo/owl";
import { session } from "@web/session";
import { Icon } from "../components/icon";
import { Failure, Sheet, Skeleton, Slot, TopBar } from "../components/parts";
import { useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

/** Names of the map apps in the order people here use them. */
const MAPS = ["amap", "tencent", "baidu", "apple", "google", "geo"];

/** Slots: `store_page` and `room_card`, with the store and the room. */
export class StoreScreen extends Component {
    static template = "teahouse_base.StoreScreen";
    static components = { Failure, Icon, Sheet, Skeleton, Slot, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api } = useApp();
        this.view = useState({ maps: false });
        const locale = session.lang.replace("_", "-");
        this.weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
        this.store = useLoad(() => api.get(`/stores/${this.props.params.id}`));
    }

    get title() {
        return this.store.data?.name || _t("Store");
    }

    /** Opening hours of the week, days that are alike in one line. */
    get hours() {
        const monday = Date.UTC(2024, 0, 1);
        const name = (weekday) => this.weekday.format(monday + weekday * 24 * 3600000);
        const lines = new Map();
        for (const { weekday, from, to } of this.store.data.opening) {
            const span = `${from} – ${to}`;
            lines.set(span, [...(lines.get(span) || []), name(weekday)]);
        }
        return [...lines].map(([span, days]) => `${days.join(" ")}  ${span}`);
    }

    get maps() {
        const names = {
            amap: _t("AMap"),
            tencent: _t("Tencent Maps"),
            baidu: _t("Baidu Maps"),
            apple: _t("Apple Maps"),
            google: _t("Google Maps"),
            geo: _t("Another map app"),
        };
        const links = this.store.data.navigation || {};
        return MAPS.filter((key) => links[key]).map((key) => ({
            key,
            name: names[key],
            url: links[key],
        }));
    }
}

screens.add("store", { path: "/stores/:id", component: StoreScreen });
