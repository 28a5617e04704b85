import { Component, xml } from "@odoo/owl";
import { money } from "@teahouse_base/app/core/format";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";

/** The money behind the percentage of a cancellation. */
export class RefundPreview extends Component {
    static template = xml`<p class="th-card th-total" t-esc="words"/>`;
    static props = { cancellation: Object };

    get words() {
        const { refund, fee, currency } = this.props.cancellation;
        return _t("Back to you: %(refund)s. Kept: %(fee)s.", {
            refund: money(refund, currency),
            fee: money(fee, currency),
        });
    }
}

/** What a change costs that waits for its payment. */
export class ChangePrice extends Component {
    static template = xml`<span class="th-price" t-esc="words"/>`;
    static props = { change: Object };

    get words() {
        return money(this.props.change.amount, this.props.change.currency);
    }
}

slots.add("refund/preview", { slot: "booking_refund", component: RefundPreview });
slots.add("change/price", { slot: "booking_change", component: ChangePrice });
