import { Component, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Skeleton } from "@teahouse_base/app/components/parts";
import { ApiError } from "@teahouse_base/app/core/api";
import { errorWords } from "@teahouse_base/app/core/errors";
import { duration, money } from "@teahouse_base/app/core/format";
import { useApp } from "@teahouse_base/app/core/hooks";
import { slots } from "@teahouse_base/app/core/registries";

const REST_MS = 180;

/** Prices of the time that is being chosen; the cheapest offer is taken by itself. */
export class OfferPanel extends Component {
    static template = "teahouse_billing.OfferPanel";
    static components = { Icon, Skeleton };
    static props = { form: Object, room: Object, end: String };

    setup() {
        this.api = useApp().api;
        Object.assign(this, { duration, money });
        this.state = useState({ offers: null, error: null, stale: false });
        this.load(this.props);
        onWillUpdateProps((next) => {
            if (next.end !== this.asked?.end || next.form.start !== this.asked?.start) {
                this.load(next);
            }
        });
        onWillUnmount(() => {
            this.asked = null;
            this.props.form.price = null;
        });
    }

    /** The price follows the finger: asked for where it rests, the former one pale. */
    async load({ form, room, end }) {
        const asked = (this.asked = { start: form.start, end });
        Object.assign(this.state, { stale: true, error: null });
        form.price = null;
        await new Promise((resolve) => setTimeout(resolve, this.state.offers ? REST_MS : 0));
        if (asked !== this.asked) {
            return;
        }
        try {
            const { offers } = await this.api.post("/quotes", { room_id: room.id, ...asked });
            if (asked === this.asked) {
                Object.assign(this.state, { offers, stale: false });
                this.choose(offers[0]);
            }
        } catch (error) {
            if (!(error instanceof ApiError)) {
                throw error;
            }
            if (asked === this.asked) {
                Object.assign(this.state, { error, offers: null });
            }
        }
    }

    get words() {
        return errorWords(this.state.error);
    }

    choose(offer) {
        this.props.form.extra = { offer: offer.key };
        this.props.form.price = money(offer.total, offer.currency);
    }
}

slots.add("booking_offer", { slot: "booking_offer", component: OfferPanel });
