import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Sheet, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { day, duration, money } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, slots } from "@teahouse_base/app/core/registries";
import { goodFor } from "./cards";
import { PayButtons, usePurchase } from "./purchase";

const PAGE = 20;

/** Tier with its benefits, the way to the next, points and where they went. */
export class MembershipScreen extends Component {
    static template = "teahouse_marketing.MembershipScreen";
    static components = { Failure, Icon, PayButtons, Sheet, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        this.api = useApp().api;
        Object.assign(this, { day, goodFor, money });
        this.action = useAction();
        this.view = useState({ tier: null });
        this.membership = useLoad(() => this.api.get("/me/membership"));
        this.points = useLoad(() => this.api.get("/me/points", { limit: PAGE }));
        this.purchase = usePurchase(async () => {
            this.view.tier = null;
            await this.membership.reload();
        });
    }

    /** What a tier gives: the house's own words, else what can be counted. */
    benefits({ benefits, discount_percent, free_minutes }) {
        const counted = [
            Number(discount_percent) > 0 && _t("%(percent)s% off", { percent: discount_percent }),
            free_minutes && _t("%(time)s free in each stay", { time: duration(free_minutes) }),
        ];
        return benefits || counted.filter(Boolean).join(" · ");
    }

    get untilWords() {
        return _t("Until %(date)s", { date: this.membership.data.tier_until });
    }

    /** A tier above the member's own may be for sale. */
    canBuy({ price, growth_from }) {
        return price && growth_from > (this.membership.data.tier?.growth_from ?? -1);
    }

    buy(method) {
        return this.purchase.buy("/me/purchases", { method, tier_id: this.view.tier.id });
    }

    more() {
        return this.action.run(async () => {
            const { data } = this.points;
            const query = { limit: PAGE, cursor: data.next_cursor };
            const next = await this.api.get("/me/points", query);
            this.points.data = { ...next, items: [...data.items, ...next.items] };
        });
    }

    get title() {
        return _t("Membership");
    }

    /** How far the way to the next tier is done, in percent. */
    get progress() {
        const { growth, tier, next_tier } = this.membership.data;
        if (!next_tier) {
            return 100;
        }
        const from = tier?.growth_from || 0;
        return Math.round(((growth - from) / (next_tier.growth_from - from)) * 100);
    }
}

export class CampaignsScreen extends Component {
    static template = "teahouse_marketing.CampaignsScreen";
    static components = { Empty, Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api } = useApp();
        this.campaigns = useLoad(() => api.get("/campaigns"));
    }

    get title() {
        return _t("What is on");
    }

    get emptyTitle() {
        return _t("Nothing special today");
    }

    get emptyText() {
        return _t("A quiet cup of tea is always on.");
    }
}

class MeEntries extends Component {
    static template = "teahouse_marketing.MeEntries";
    static components = { Icon };
    static props = {};

    get entries() {
        return [
            { path: "/membership", icon: "star", label: _t("Membership and points") },
            { path: "/coupons", icon: "heart", label: _t("Coupons") },
            { path: "/balance", icon: "wallet", label: _t("Balance") },
            { path: "/cards", icon: "clock", label: _t("Hour and count cards") },
            { path: "/gifts", icon: "leaf", label: _t("Gifts for points") },
            { path: "/voucher", icon: "check", label: _t("Group-buy voucher") },
            { path: "/campaigns", icon: "bell", label: _t("What is on") },
            { path: "/inquiry", icon: "phone", label: _t("Events and partnership") },
        ];
    }
}

screens.add("membership", { path: "/membership", component: MembershipScreen, auth: true });
screens.add("campaigns", { path: "/campaigns", component: CampaignsScreen });
slots.add("me/marketing", { slot: "me", component: MeEntries });
