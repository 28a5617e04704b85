import { Component, onMounted, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";
import { session } from "@web/session";
import { Icon } from "@teahouse_base/app/components/icon";
import { Sheet } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { clock, money } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { startAuthorization } from "@teahouse_base/app/core/platform";
import { slots } from "@teahouse_base/app/core/registries";
import { askInApp, payPage, sceneOf, usable } from "./pay_ways";

const ASK_MS = 1500;
/** After that the panel says that it may take a while, and the page's own look goes on. */
const ASK_TIMES = 60;
/** Every so often the provider itself is asked: its own message may be late. */
const REFRESH_EVERY = 8;
const KEPT = "teahouse.payment";

/** What is due, and the ways to pay it. */
export class PayPanel extends Component {
    static template = "teahouse_billing.PayPanel";
    static components = { Icon, Sheet };
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp(), { clock, money });
        this.action = useAction();
        this.state = useState({ waiting: false, failed: false, code: null, given: false });
        this.key = newKey();
        // Who closes the code wants another way: the wait for this one ends.
        this.closeCode = () => Object.assign(this.state, { code: null, given: true });
        onMounted(() => this.goOn());
        onWillUnmount(() => (this.gone = true));
    }

    get due() {
        return Number(this.props.booking.amount_due) > 0;
    }

    get methods() {
        const names = {
            wechat: _t("WeChat Pay"),
            alipay: _t("Alipay"),
            balance: _t("Balance"),
            demo: _t("Demo payment"),
        };
        return (this.props.booking.payment_methods || [])
            .filter((method) => usable(method))
            .map((method) => ({ method, name: names[method] || method }));
    }

    /** Go on with a payment that was left for a provider's page, or for a sign-in. */
    goOn() {
        const kept = this.kept();
        if (kept?.booking === this.props.booking.ref) {
            sessionStorage.removeItem(KEPT);
            this.action.run(async () => {
                this.state.waiting = true;
                try {
                    const { state } = await this.api.post(`/payments/${kept.reference}/refresh`);
                    await this.follow(kept.reference, state);
                } finally {
                    this.state.waiting = false;
                    await this.props.reload();
                }
            });
            return;
        }
        const { pay } = this.router.query;
        if (pay && this.due && this.methods.some(({ method }) => method === pay)) {
            this.router.replace(this.router.path);
            this.pay(pay);
        }
    }

    kept() {
        try {
            return JSON.parse(sessionStorage.getItem(KEPT));
        } catch {
            return null;
        }
    }

    pay(method) {
        return this.action.run(async () => {
            Object.assign(this.state, { waiting: true, failed: false, given: false });
            try {
                const scene = sceneOf(method);
                if (scene === "jsapi" && (await this.signInToPay(method))) {
                    return;
                }
                const { reference, state, pay_params } = await this.api.post(
                    `/bookings/${this.props.booking.ref}/payments`,
                    { method, scene },
                    this.key
                );
                await this.hand(method, scene, reference, state, pay_params || {});
            } catch (error) {
                this.state.failed = error.code === "payment_failed";
                throw error;
            } finally {
                // A further try is a new payment.
                this.key = newKey();
                Object.assign(this.state, { waiting: false, code: null });
                await this.props.reload();
            }
        });
    }

    /**
     * A dialog needs to know who pays. Who signed in by phone is known to WeChat or
     * Alipay after one look at their page, and comes back to pay.
     */
    async signInToPay(method) {
        const app = { wechat: "official_account", alipay: "alipay" }[method];
        const appId = session.platforms[app];
        if (!appId) {
            return false;
        }
        const { items } = await this.api.get("/me/identities");
        if (items.some((identity) => identity.app_id === appId)) {
            return false;
        }
        const next = `${this.router.path}?pay=${method}`;
        await startAuthorization(this.api, app, { next, bind: true });
        return true;
    }

    /** Hand the visitor over to the provider, and see what comes of it. */
    async hand(method, scene, reference, state, params) {
        const page = payPage(params, location.href);
        if (page) {
            const { ref } = this.props.booking;
            sessionStorage.setItem(KEPT, JSON.stringify({ booking: ref, reference }));
            location.assign(page);
            return;
        }
        if (params.code_png) {
            this.state.code = { picture: params.code_png, method, reference };
        } else if (scene === "jsapi" && state === "pending") {
            const answer = await askInApp(method, params);
            if (answer !== "paid") {
                this.fail(answer);
                return;
            }
            ({ state } = await this.api.post(`/payments/${reference}/refresh`));
        }
        await this.follow(reference, state);
    }

    async follow(reference, state) {
        for (let asked = 1; state === "pending" && asked <= ASK_TIMES; asked++) {
            await new Promise((resolve) => setTimeout(resolve, ASK_MS));
            if (this.gone || this.state.given) {
                return;
            }
            ({ state } =
                asked % REFRESH_EVERY
                    ? await this.api.get(`/payments/${reference}`)
                    : await this.api.post(`/payments/${reference}/refresh`));
        }
        if (state === "done") {
            this.toast.show(_t("Paid. Thank you!"));
        } else if (state === "pending") {
            this.toast.show(_t("Nothing has come in yet. If you have paid, it will show here."));
        } else {
            this.fail(state);
        }
    }

    fail(answer) {
        this.state.failed = true;
        this.toast.show(
            answer === "cancelled"
                ? _t("Not paid: you can try again, or choose another way.")
                : _t("The payment did not go through: please try again."),
            "bad"
        );
    }

    get codeWords() {
        return {
            wechat: _t("Scan with WeChat"),
            alipay: _t("Scan with Alipay"),
        }[this.state.code.method];
    }
}

/** The bill of a stay, live while it runs. */
export class BillPanel extends Component {
    static template = "teahouse_billing.BillPanel";
    static props = { booking: Object, reload: Function };

    setup() {
        const { api } = useApp();
        Object.assign(this, { money });
        this.bill = useLoad(() => api.get(`/bookings/${this.props.booking.ref}/bill`));
        // The booking is asked for anew while its page is open: so is the bill.
        onWillUpdateProps(() => {
            this.bill.reload();
        });
    }

    /** What was never booked costs nothing. */
    get shown() {
        const { lines, state, amount_paid } = this.bill.data || { lines: [] };
        return lines.length > 0 && !(state === "expired" && !Number(amount_paid));
    }
}

slots.add("booking/pay", { slot: "booking_top", component: PayPanel }, { sequence: 10 });
slots.add("booking/bill", { slot: "booking_page", component: BillPanel }, { sequence: 50 });
