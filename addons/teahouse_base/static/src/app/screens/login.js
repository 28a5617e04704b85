import { Component, onWillUnmount, useState } from "@odoo/owl";
import { TopBar } from "../components/parts";
import { useAction, useApp } from "../core/hooks";
import { sendCode } from "../core/human";
import { _t } from "../core/i18n";
import { authorizers, startAuthorization } from "../core/platform";
import { screens } from "../core/registries";

const RESEND_SECONDS = 60;

/**
 * A code by SMS, with the riddle where one is asked for, and the wait until the next.
 *
 * @param {{phone: string}} form
 * @param {string} purpose login, password or bind
 */
export function useCode(form, purpose) {
    const { api, toast } = useApp();
    const action = useAction();
    const code = useState({ wait: 0, thinking: false });
    let timer;
    onWillUnmount(() => clearInterval(timer));
    const countDown = () => {
        code.wait = RESEND_SECONDS;
        clearInterval(timer);
        timer = setInterval(() => {
            code.wait -= 1;
            if (code.wait <= 0) {
                clearInterval(timer);
            }
        }, 1000);
    };
    code.send = () =>
        action.run(async () => {
            try {
                const wish = { phone: form.phone, purpose };
                await sendCode(api, wish, () => (code.thinking = true));
            } finally {
                code.thinking = false;
            }
            toast.show(_t("If the number is right, a code is on its way."));
            countDown();
        });
    return code;
}

export class LoginScreen extends Component {
    static template = "teahouse_base.LoginScreen";
    static components = { TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ grant: "sms", phone: "", code: "", password: "" });
        this.code = useCode(this.form, "login");
    }

    get title() {
        return _t("Sign in");
    }

    get platforms() {
        const names = { official_account: _t("Go on with WeChat"), alipay: _t("Go on with Alipay") };
        return authorizers().map((app) => ({ app, name: names[app] }));
    }

    signInBy(app) {
        return this.action.run(() =>
            startAuthorization(this.api, app, { next: this.props.query.next || "/" })
        );
    }

    signIn() {
        const { grant, phone, code, password } = this.form;
        const proof = grant === "sms" ? { code } : { password };
        return this.action.run(async () => {
            await this.account.signIn({ grant, phone, ...proof });
            this.router.replace(this.props.query.next || "/");
        });
    }
}

screens.add("login", { path: "/login", component: LoginScreen });
