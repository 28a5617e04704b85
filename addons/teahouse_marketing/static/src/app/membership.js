import { Component } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { day } from "@teahouse_base/app/core/format";
import { useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, slots } from "@teahouse_base/app/core/registries";

export class MembershipScreen extends Component {
    static template = "teahouse_marketing.MembershipScreen";
    static components = { Failure, Icon, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api } = useApp();
        this.day = day;
        this.membership = useLoad(() => api.get("/me/membership"));
        this.points = useLoad(() => api.get("/me/points"));
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
}

screens.add("membership", { path: "/membership", component: MembershipScreen, auth: true });
screens.add("campaigns", { path: "/campaigns", component: CampaignsScreen });
slots.add("me/marketing", { slot: "me", component: MeEntries });
