import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { newKey } from "@teahouse_base/app/core/api";
import { money } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";
import { cardUnits } from "./cards";
import { couponTerms, couponValue } from "./coupon_words";

/**
 * Above the payment of a stay on hold: coupons, points, cards and the balance. Each
 * choice is the server's at once, so what stands below is the price to pay.
 */
export class CheckoutPanel extends Component {
    static template = "teahouse_marketing.CheckoutPanel";
    static components = { Icon };
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp(), { couponTerms, couponValue });
        this.action = useAction();
        this.form = useState({ points: this.props.booking.points || "" });
        this.mine = useLoad(() => this.load());
        this.keys = {};
        onWillUpdateProps(({ booking }) => {
            if (booking.points !== this.props.booking.points) {
                this.form.points = booking.points || "";
            }
        });
    }

    get shown() {
        const { state, role, kind } = this.props.booking;
        return state === "hold" && role !== "guest" && kind === "timed";
    }

    async load() {
        if (!this.shown) {
            return null;
        }
        const [open, taken, membership, cards, balance] = await Promise.all([
            this.api.get("/me/coupons", { state: "available", limit: 50 }),
            this.api.get("/me/coupons", { state: "reserved", limit: 50 }),
            this.api.get("/me/membership"),
            this.api.get("/me/cards"),
            this.api.get("/me/balance"),
        ]);
        const store = this.props.booking.store.id;
        const here = (one) => !one.store_ids.length || one.store_ids.includes(store);
        return {
            balance,
            points: membership.points,
            cards: cards.items.filter((card) => card.state === "open" && here(card)),
            coupons: [
                ...taken.items.filter((one) => one.booking === this.props.booking.ref),
                ...open.items.filter(here),
            ],
        };
    }

    chosen(coupon) {
        return this.props.booking.coupon_ids.includes(coupon.id);
    }

    /** Points that may be on this stay: those left, and those it took already. */
    get mostPoints() {
        return this.mine.data.points + this.props.booking.points;
    }

    get balanceShort() {
        const { balance } = this.mine.data;
        return (
            Number(balance.total) > 0 &&
            !(this.props.booking.payment_methods || []).includes("balance")
        );
    }

    get words() {
        const { total, currency } = this.mine.data.balance;
        return {
            most: _t("Points to spend (you have %(points)s)", { points: this.mostPoints }),
            taken: _t("%(points)s points come off this stay.", {
                points: this.props.booking.points,
            }),
            short: _t("Your balance of %(amount)s is not enough here.", {
                amount: money(total, currency),
            }),
        };
    }

    cardWords(card) {
        const units = cardUnits(card, card.left);
        return _t("Pay with %(card)s (%(units)s)", { card: card.name, units });
    }

    toggle(coupon) {
        const { coupon_ids } = this.props.booking;
        const ids = this.chosen(coupon)
            ? coupon_ids.filter((id) => id !== coupon.id)
            : [...coupon_ids, coupon.id];
        return this.choose(ids, this.props.booking.points);
    }

    usePoints(points) {
        const wanted = Math.max(0, Math.min(this.mostPoints, Math.floor(Number(points) || 0)));
        return this.choose(this.props.booking.coupon_ids, wanted);
    }

    choose(coupon_ids, points) {
        return this.action.run(async () => {
            try {
                const path = `/bookings/${this.props.booking.ref}/discounts`;
                await this.api.put(path, { coupon_ids, points });
            } finally {
                await Promise.all([this.props.reload(), this.mine.reload()]);
            }
        });
    }

    payByCard(card) {
        return this.action.run(async () => {
            const { ref } = this.props.booking;
            // One card pays a stay once: its tries share one key.
            this.keys[card.id] ||= newKey();
            try {
                const body = { card_id: card.id };
                await this.api.post(`/bookings/${ref}/card-payments`, body, this.keys[card.id]);
            } catch (error) {
                if (error.code !== "no_network") {
                    delete this.keys[card.id];
                }
                throw error;
            } finally {
                await Promise.all([this.props.reload(), this.mine.reload()]);
            }
        });
    }
}

slots.add("booking/checkout", { slot: "booking_top", component: CheckoutPanel }, { sequence: 5 });
