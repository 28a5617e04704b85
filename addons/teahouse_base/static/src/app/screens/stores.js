import { Component, useState } from "@odoo/owl";
import { Icon } from "../components/icon";
import { Empty, Failure, Skeleton, Slot } from "../components/parts";
import { distance } from "../core/format";
import { useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens, tabs } from "../core/registries";

const LOCATE_MS = 4000;

/** Where the phone is, or null where it will not say. */
function locate() {
    return new Promise((resolve) => {
        if (!navigator.geolocation) {
            resolve(null);
            return;
        }
        navigator.geolocation.getCurrentPosition(
            ({ coords }) => resolve({ lat: coords.latitude, lng: coords.longitude }),
            () => resolve(null),
            { timeout: LOCATE_MS, maximumAge: 5 * 60 * 1000 }
        );
    });
}

/** First screen: stores, the nearest first. */
export class StoresScreen extends Component {
    static template = "teahouse_base.StoresScreen";
    static components = { Empty, Failure, Icon, Skeleton, Slot };
    static props = { params: Object, query: Object };

    setup() {
        this.api = useApp().api;
        this.distance = distance;
        this.form = useState({ q: "", capacity: 0 });
        this.place = null;
        this.stores = useLoad(() =>
            this.api.get("/stores", {
                ...this.place,
                q: this.form.q,
                capacity: this.form.capacity || undefined,
            })
        );
        this.findNear();
    }

    async findNear() {
        this.place = await locate();
        if (this.place) {
            await this.stores.reload();
        }
    }

    get sizes() {
        return [
            { people: 0, label: _t("Any size") },
            ...[2, 4, 6, 8].map((people) => ({
                people,
                label: _t("%(people)s people", { people }),
            })),
        ];
    }

    get emptyTitle() {
        return _t("No store fits");
    }

    get emptyText() {
        return _t("Try fewer filters or another district.");
    }

    choose(people) {
        this.form.capacity = people;
        this.stores.reload();
    }
}

screens.add("stores", { path: "/", component: StoresScreen });
tabs.add("stores", { path: "/", label: () => _t("Stores"), icon: "home" }, { sequence: 10 });
