import { Component, useState } from "@odoo/owl";
import { Empty, Failure, Sheet, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { duration, money } from "@teahouse_base/app/core/format";
import { useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";
import { PayButtons, usePurchase } from "./purchase";

/** `10 h`, `5 stays`. */
export function cardUnits({ kind }, units) {
    return kind === "hours" ? duration(units) : _t("%(count)s stays", { count: units });
}

/** How long something bought lasts. */
export function goodFor(days) {
    return _t("Good for %(days)s days", { days });
}

/** Hour and count cards: mine, and those for sale. */
export class CardsScreen extends Component {
    static template = "teahouse_marketing.CardsScreen";
    static components = { Empty, Failure, PayButtons, Sheet, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { cardUnits, duration, goodFor, money });
        this.view = useState({ chosen: null });
        this.mine = useLoad(() => this.api.get("/me/cards"));
        this.sold = useLoad(() => this.api.get("/cards"));
        this.purchase = usePurchase(async () => {
            this.view.chosen = null;
            await this.mine.reload();
        });
    }

    get title() {
        return _t("Hour and count cards");
    }

    get emptyTitle() {
        return _t("No cards yet");
    }

    get emptyText() {
        return _t("A card makes each hour cheaper.");
    }

    stateWords(card) {
        return { open: _t("Good"), empty: _t("Used up"), expired: _t("Expired") }[card.state];
    }

    leftWords(card) {
        return _t("%(left)s left of %(units)s", {
            left: cardUnits(card, card.left),
            units: cardUnits(card, card.units),
        });
    }

    termWords({ valid_until, days }) {
        return [_t("Until %(date)s", { date: valid_until }), days].filter(Boolean).join(" · ");
    }

    percent({ left, units }) {
        return units ? Math.round((left / units) * 100) : 0;
    }

    buy(method) {
        return this.purchase.buy("/me/purchases", { method, product_id: this.view.chosen.id });
    }
}

screens.add("cards", { path: "/cards", component: CardsScreen, auth: true });
