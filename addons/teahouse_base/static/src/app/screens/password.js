import { Component, useState } from "@odoo/owl";
import { TopBar } from "../components/parts";
import { useAction, useApp } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";
import { useCode } from "./login";

/** A new password for who has forgotten the old one; it ends all sessions. */
export class PasswordScreen extends Component {
    static template = "teahouse_base.PasswordScreen";
    static components = { TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ phone: "", code: "", password: "" });
        this.code = useCode(this.form, "password");
    }

    get title() {
        return _t("New password");
    }

    save() {
        return this.action.run(async () => {
            await this.api.put("/auth/password", { ...this.form });
            this.account.forget();
            this.toast.show(_t("Saved: please sign in with it."));
            this.router.replace("/login");
        });
    }
}

screens.add("password", { path: "/password", component: PasswordScreen });
