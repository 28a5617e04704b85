import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";

const ASK_MS = 1500;
const ASK_TIMES = 40;

/** Where the app runs decides how a provider takes the money. */
function scene() {
    const agent = navigator.userAgent;
    if (/MicroMessenger|AlipayClient/.test(agent)) {
        return "jsapi";
    }
    return /Mobi/.test(agent) ? "h5" : "native";
}

/**
 * Buy what is no stay: a top-up, a card, a tier.
 *
 * @param {() => Promise<unknown>} onDone called when a payment came to its end
 */
export function usePurchase(onDone) {
    const { api, toast } = useApp();
    const action = useAction();
    const state = useState({ waiting: false });
    let key = newKey();

    async function follow({ reference, state: at }) {
        for (let asked = 0; at === "pending" && asked < ASK_TIMES; asked++) {
            await new Promise((resolve) => setTimeout(resolve, ASK_MS));
            ({ state: at } = await api.get(`/payments/${reference}`));
        }
        if (at === "done") {
            toast.show(_t("Paid. Thank you!"));
        } else if (at !== "pending") {
            toast.show(_t("The payment did not go through: please try again."), "bad");
        }
    }

    return {
        action,
        state,
        buy(path, body) {
            return action.run(async () => {
                state.waiting = true;
                try {
                    const { payment } = await api.post(path, { ...body, scene: scene() }, key);
                    if (payment.pay_params?.h5_url) {
                        location.href = payment.pay_params.h5_url;
                        return;
                    }
                    await follow(payment);
                } finally {
                    // A further try is a new purchase.
                    key = newKey();
                    state.waiting = false;
                    await onDone();
                }
            });
        },
    };
}

/** One button for each open way to pay. */
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
        return this.props.methods.map((method) => ({ method, name: names[method] || method }));
    }
}
