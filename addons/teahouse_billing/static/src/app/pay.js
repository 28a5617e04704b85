import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { newKey } from "@teahouse_base/app/core/api";
import { money } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";

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

/** What is due, and the ways to pay it. */
export class PayPanel extends Component {
    static template = "teahouse_billing.PayPanel";
    static components = { Icon };
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp(), { money });
        this.action = useAction();
        this.state = useState({ waiting: false });
        this.key = newKey();
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
        return (this.props.booking.payment_methods || []).map((method) => ({
            method,
            name: names[method] || method,
        }));
    }

    pay(method) {
        return this.action.run(async () => {
            try {
                this.state.waiting = true;
                const { reference, state, pay_params } = await this.api.post(
                    `/bookings/${this.props.booking.ref}/payments`,
                    { method, scene: scene() },
                    this.key
                );
                if (pay_params?.h5_url) {
                    location.href = pay_params.h5_url;
                    return;
                }
                await this.follow(reference, state);
            } finally {
                // A further try is a new payment.
                this.key = newKey();
                this.state.waiting = false;
                await this.props.reload();
            }
        });
    }

    async follow(reference, state) {
        for (let asked = 0; state === "pending" && asked < ASK_TIMES; asked++) {
            await new Promise((resolve) => setTimeout(resolve, ASK_MS));
            ({ state } = await this.api.get(`/payments/${reference}`));
        }
        if (state === "done") {
            this.toast.show(_t("Paid. Thank you!"));
        } else if (state !== "pending") {
            this.toast.show(_t("The payment did not go through: please try again."), "bad");
        }
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
}

slots.add("booking/pay", { slot: "booking_top", component: PayPanel }, { sequence: 10 });
slots.add("booking/bill", { slot: "booking_page", component: BillPanel }, { sequence: 50 });
