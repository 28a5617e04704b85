import { Component, onWillUnmount, useState } from "@odoo/owl";
import { TopBar } from "../components/parts";
import { useAction, useApp } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

const RESEND_SECONDS = 60;

export class LoginScreen extends Component {
    static template = "teahouse_base.LoginScreen";
    static components = { TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ grant: "sms", phone: "", code: "", password: "", wait: 0 });
        onWillUnmount(() => clearInterval(this.timer));
    }

    get title() {
        return _t("Sign in");
    }

    sendCode() {
        return this.action.run(async () => {
            await this.api.post("/auth/sms-codes", { phone: this.form.phone, purpose: "login" });
            this.toast.show(_t("If the number is right, a code is on its way."));
            this.form.wait = RESEND_SECONDS;
            clearInterval(this.timer);
            this.timer = setInterval(() => {
                this.form.wait -= 1;
                if (this.form.wait <= 0) {
                    clearInterval(this.timer);
                }
            }, 1000);
        });
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
