import { Component, useState } from "@odoo/owl";
import { newKey } from "@teahouse_base/app/core/api";
import { money } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";

const MOST = 20;

/** Tea and snacks ordered to the room; they are paid with the stay. */
export class GoodsPanel extends Component {
    static template = "teahouse_billing.GoodsPanel";
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp(), { money });
        this.action = useAction();
        this.state = useState({ open: false, chosen: {} });
        const { id } = this.props.booking.store;
        this.goods = useLoad(() => this.api.get(`/goods?store_id=${id}`));
        this.key = newKey();
    }

    get shown() {
        const { state, role } = this.props.booking;
        const live = ["confirmed", "in_use"].includes(state) && role !== "guest";
        return live && this.goods.data?.items.length > 0;
    }

    get lines() {
        return Object.entries(this.state.chosen)
            .filter(([, quantity]) => quantity > 0)
            .map(([id, quantity]) => ({ id: Number(id), quantity }));
    }

    /** In cents, so that prices add up; the bill is the server's. */
    get sum() {
        const prices = Object.fromEntries(
            this.goods.data.items.map(({ id, price }) => [id, Math.round(Number(price) * 100)])
        );
        const cents = this.lines.reduce((sum, { id, quantity }) => sum + prices[id] * quantity, 0);
        return (cents / 100).toFixed(2);
    }

    add(id, step) {
        const quantity = (this.state.chosen[id] || 0) + step;
        this.state.chosen[id] = Math.min(MOST, Math.max(0, quantity));
        // Other goods are another order.
        this.key = newKey();
    }

    order() {
        return this.action.run(async () => {
            await this.api.post(
                `/bookings/${this.props.booking.ref}/goods`,
                { lines: this.lines },
                this.key
            );
            this.key = newKey();
            Object.assign(this.state, { open: false, chosen: {} });
            this.toast.show(_t("Ordered: it comes to your room."));
            await this.props.reload();
        });
    }
}

slots.add("booking/goods", { slot: "booking_page", component: GoodsPanel }, { sequence: 40 });
