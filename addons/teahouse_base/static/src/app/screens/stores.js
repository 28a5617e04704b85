import { Component, useState } from "@odoo/owl";
import { Icon } from "../components/icon";
import { Empty, Failure, Sheet, Skeleton, Slot } from "../components/parts";
import { StoreMap } from "../components/store_map";
import { distance } from "../core/format";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { locate, mayLocate } from "../core/place";
import { pins, screens, sorts, tabs } from "../core/registries";

const LIST_LIMIT = 20;
const MAP_LIMIT = 100;

/**
 * What the visitor last looked for; it outlives a look at a store and the way back.
 * Slot `store_filters` may put conditions of its own into `form.extra`.
 */
const kept = { q: "", capacity: 0, facilities: [], sort: "", extra: {}, map: false, place: null };

/** First screen: stores, the nearest first, as a list or on a map. */
export class StoresScreen extends Component {
    static template = "teahouse_base.StoresScreen";
    static components = { Empty, Failure, Icon, Sheet, Skeleton, Slot, StoreMap };
    static props = { params: Object, query: Object };

    setup() {
        const { api, toast } = useApp();
        Object.assign(this, { api, toast, distance });
        this.form = useState(kept);
        this.view = useState({ filters: false, locating: false });
        this.action = useAction();
        this.facilities = {};
        this.reload = () => this.stores.reload();
        this.pinLabel = (store) =>
            pins
                .getAll()
                .map(({ words }) => words(store))
                .filter(Boolean)
                .join(" · ") || store.name;
        this.onMissing = () => {
            this.form.map = false;
            this.toast.show(_t("The map cannot be shown now: here is the list."));
        };
        this.stores = useLoad(() => this.load());
        this.findNear();
    }

    async load() {
        const answer = await this.api.get("/stores", this.conditions);
        for (const facility of answer.items.flatMap((store) => store.facilities)) {
            this.facilities[facility.code] = facility.name;
        }
        return answer;
    }

    get conditions() {
        const { q, capacity, facilities, sort, extra, map, place } = this.form;
        return {
            ...place,
            ...extra,
            q,
            capacity: capacity || undefined,
            facility: facilities.join(","),
            sort: sort === "distance" && !place ? "" : sort,
            limit: map ? MAP_LIMIT : LIST_LIMIT,
        };
    }

    /** Without asking: only a visitor who allowed it before is located by opening. */
    async findNear() {
        if (!this.form.place && (await mayLocate())) {
            const { place } = await locate();
            if (place) {
                this.form.place = place;
                await this.stores.reload();
            }
        }
    }

    async nearMe() {
        this.view.locating = true;
        const { place, reason } = await locate();
        this.view.locating = false;
        if (!place) {
            this.toast.show(
                reason === "denied"
                    ? _t("Your phone keeps its place to itself: allow it in its settings, or search for a street.")
                    : _t("Your phone does not know where it is just now: search for a street."),
                "bad"
            );
            return;
        }
        Object.assign(this.form, { place, sort: "distance" });
        await this.stores.reload();
    }

    loadMore() {
        return this.action.run(async () => {
            const cursor = this.stores.data.next_cursor;
            const next = await this.api.get("/stores", { ...this.conditions, cursor });
            this.stores.data.items.push(...next.items);
            this.stores.data.next_cursor = next.next_cursor;
        });
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

    get sorts() {
        return sorts.getAll().map(({ value, label }) => ({ value, label: label() }));
    }

    get facilityChoices() {
        return Object.entries(this.facilities).map(([code, name]) => ({ code, name }));
    }

    /** How many conditions hold besides words and size. */
    get filterCount() {
        const { facilities, sort, extra } = this.form;
        return facilities.length + Number(Boolean(sort)) + Number(Object.keys(extra).length > 0);
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

    chooseSort(value) {
        this.form.sort = this.form.sort === value ? "" : value;
        if (value === "distance" && this.form.sort && !this.form.place) {
            this.nearMe();
            return;
        }
        this.stores.reload();
    }

    toggleFacility(code) {
        const { facilities } = this.form;
        this.form.facilities = facilities.includes(code)
            ? facilities.filter((one) => one !== code)
            : [...facilities, code];
        this.stores.reload();
    }

    clear() {
        Object.assign(this.form, { q: "", capacity: 0, facilities: [], sort: "", extra: {} });
        this.stores.reload();
    }

    showMap(map) {
        this.form.map = map;
        this.stores.reload();
    }
}

screens.add("stores", { path: "/", component: StoresScreen });
tabs.add("stores", { path: "/", label: () => _t("Stores"), icon: "home" }, { sequence: 10 });
sorts.add("distance", { value: "distance", label: () => _t("Nearest") }, { sequence: 10 });
