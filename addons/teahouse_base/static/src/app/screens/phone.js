import { Component, useState } from "@odoo/owl";
import { session } from "@web/session";
import { Failure, Skeleton, TopBar } from "../components/parts";
import { day } from "../core/format";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { authorizers, startAuthorization } from "../core/platform";
import { screens } from "../core/registries";
import { useCode } from "./login";

/** The member's number, and WeChat and Alipay as further ways to sign in. */
export class PhoneScreen extends Component {
    static template = "teahouse_base.PhoneScreen";
    static components = { Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { day });
        this.account = useState(this.account);
        this.action = useAction();
        this.form = useState({ phone: "", code: "", password: "" });
        this.code = useCode(this.form, "bind");
        this.identities = useLoad(() => this.api.get("/me/identities"));
    }

    get title() {
        return _t("Phone and sign-in");
    }

    get known() {
        const names = { wechat: _t("WeChat"), alipay: _t("Alipay") };
        return this.identities.data.items.map((one) => ({ ...one, name: names[one.provider] }));
    }

    /** Ways that this browser can add, and that are not there yet. */
    get offered() {
        const names = { official_account: _t("Bind WeChat"), alipay: _t("Bind Alipay") };
        const apps = new Set(this.identities.data.items.map((one) => one.app_id));
        return authorizers()
            .filter((app) => !apps.has(session.platforms[app]))
            .map((app) => ({ app, name: names[app] }));
    }

    bind(app) {
        return this.action.run(() =>
            startAuthorization(this.api, app, { next: "/phone", bind: true })
        );
    }

    unbind(identity) {
        return this.action.run(async () => {
            await this.api.delete(`/me/identities/${identity.id}`);
            await this.identities.reload();
        });
    }

    save() {
        const { phone, code, password } = this.form;
        return this.action.run(async () => {
            const proof = this.account.member.phone ? { password } : {};
            this.account.update(await this.api.post("/me/phone", { phone, code, ...proof }));
            Object.assign(this.form, { phone: "", code: "", password: "" });
            this.toast.show(_t("Saved"));
        });
    }
}

screens.add("phone", { path: "/phone", component: PhoneScreen, auth: true });
