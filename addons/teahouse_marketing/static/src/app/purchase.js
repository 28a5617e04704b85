import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { askInApp, payPage, sceneOf, usable } from "@teahouse_billing/app/pay_ways";

const ASK_MS = 1500;
const ASK_TIMES = 60;
/** Every so often the provider itself is asked: its own message may be late. */
const REFRESH_EVERY = 8;
const KEPT = "teahouse.purchase";

/**
 * Buy what is no stay: a top-up, a card, a tier.
 *
 * @param {() => Promise<unknown>} onDone called when a payment came to its end
 */
export function usePurchase(onDone) {
    const { api, router, toast } = useApp();
    const action = useAction();
    const state = useState({ waiting: false, code: null });
    let key = newKey();
    let gone = false;

    async function follow(reference, at) {
        for (let asked = 1; at === "pending" && asked <= ASK_TIMES; asked++) {
            await new Promise((resolve) => setTimeout(resolve, ASK_MS));
            if (gone) {
                return;
            }
            ({ state: at } =
                asked % REFRESH_EVERY
                    ? await api.get(`/payments/${reference}`)
                    : await api.post(`/payments/${reference}/refresh`));
        }
        if (at === "done") {
            toast.show(_t("Paid. Thank you!"));
        } else if (at !== "pending") {
            toast.show(_t("The payment did not go through: please try again."), "bad");
        }
    }

    /** Hand the visitor over to the provider, and see what comes of it. */
    async function hand(method, scene, { reference, state: at, pay_params }) {
        const params = pay_params || {};
        const page = payPage(params, location.href);
        if (page) {
            sessionStorage.setItem(KEPT, JSON.stringify({ path: router.path, reference }));
            location.assign(page);
            return;
        }
        state.code = params.code_png || null;
        if (scene === "jsapi" && at === "pending") {
            await askInApp(method, params);
            ({ state: at } = await api.post(`/payments/${reference}/refresh`));
        }
        await follow(reference, at);
    }

    async function run(pay) {
        return action.run(async () => {
            state.waiting = true;
            try {
                await pay();
            } finally {
                // A further try is a new purchase.
                key = newKey();
                Object.assign(state, { waiting: false, code: null });
                await onDone();
            }
        });
    }

    onMounted(() => {
        // Back from a provider's page.
        const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
        if (kept?.path === router.path) {
            sessionStorage.removeItem(KEPT);
            run(async () => {
                const { state: at } = await api.post(`/payments/${kept.reference}/refresh`);
                await follow(kept.reference, at);
            });
        }
    });
    onWillUnmount(() => (gone = true));

    return {
        action,
        state,
        buy(path, body) {
            return run(async () => {
                const scene = sceneOf(body.method);
                const { payment } = await api.post(path, { ...body, scene }, key);
                await hand(body.method, scene, payment);
            });
        },
    };
}

/** One button for each open way to pay, and the code to pay at a desk. */
export class PayButtons extends Component {
    static template = "teahouse_marketing.PayButtons";
    static components = { Icon };
    static props = { methods: Array, purchase: Object, onPay: Function };

    get methods() {
        const names = {
            wechat: _t("WeChat Pay"),
            alipay: _t("Alipay"),
            demo: _t("Demo payment"),
        };
        return this.props.methods
            .filter((method) => usable(method))
            .map((method) => ({ method, name: names[method] || method }));
    }
}
