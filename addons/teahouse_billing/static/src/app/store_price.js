import { Component, xml } from "@odoo/owl";
import { money } from "@teahouse_base/app/core/format";
import { _t } from "@teahouse_base/app/core/i18n";
import { pins, slots, sorts } from "@teahouse_base/app/core/registries";

/** The lowest price of an hour, on the card of a store. */
export class StorePrice extends Component {
    static template = xml`<span t-if="props.store.price_from" class="th-badge th-badge--clay" t-esc="words"/>`;
    static props = { store: Object };

    get words() {
        const { price_from, currency } = this.props.store;
        return _t("from %(price)s an hour", { price: money(price_from, currency) });
    }
}

slots.add("store_card/price", { slot: "store_card", component: StorePrice });
sorts.add("price", { value: "price", label: () => _t("Cheapest") }, { sequence: 20 });
pins.add("price", {
    words: ({ price_from, currency }) =>
        price_from ? money(price_from, currency).replace(/\.00$/, "") : null,
});
