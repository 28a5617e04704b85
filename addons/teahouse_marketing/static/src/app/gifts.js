import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Sheet, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";

/** Gifts for points, and the codes by which they are picked up. */
export class GiftsScreen extends Component {
    static template = "teahouse_marketing.GiftsScreen";
    static components = { Empty, Failure, Icon, Sheet, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.view = useState({ chosen: null });
        this.gifts = useLoad(() => this.api.get("/gifts"));
        this.mine = useLoad(() => this.api.get("/me/gifts"));
        this.membership = useLoad(() => this.api.get("/me/membership"));
    }

    get title() {
        return _t("Gifts for points");
    }

    get emptyTitle() {
        return _t("No gifts at the moment");
    }

    get points() {
        return this.membership.data?.points ?? 0;
    }

    orderWords(order) {
        return {
            open: _t("To pick up"),
            picked: _t("Picked up"),
            cancelled: _t("Cancelled"),
        }[order.state];
    }

    price({ points }) {
        return _t("%(points)s points", { points });
    }

    /** Why a gift cannot be had now, empty if it can. */
    refusal(gift) {
        if (!gift.stock) {
            return _t("Gone");
        }
        const missing = gift.points - this.points;
        return missing > 0 ? _t("%(points)s points missing", { points: missing }) : "";
    }

    choose(gift) {
        this.view.chosen = gift;
        this.key = newKey();
    }

    redeem() {
        return this.action.run(async () => {
            await this.api.post(`/gifts/${this.view.chosen.id}/redeem`, {}, this.key);
            this.view.chosen = null;
            this.toast.show(_t("Show the code in the store."));
            await Promise.all([
                this.gifts.reload(),
                this.mine.reload(),
                this.membership.reload(),
            ]);
        });
    }
}

screens.add("gifts", { path: "/gifts", component: GiftsScreen, auth: true });
