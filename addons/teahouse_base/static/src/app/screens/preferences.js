import { Component, useState } from "@odoo/owl";
import { Failure, Skeleton, TopBar } from "../components/parts";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

/** On which ways, and at what hours, the member wants to hear from the house. */
export class PreferencesScreen extends Component {
    static template = "teahouse_base.PreferencesScreen";
    static components = { Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ sms: true, mail: true, wechat: true, quiet_from: "", quiet_to: "" });
        this.preferences = useLoad(async () => {
            const { sms, mail, wechat, quiet_from, quiet_to } = await this.api.get("/me/preferences");
            return Object.assign(this.form, { sms, mail, wechat, quiet_from, quiet_to });
        });
    }

    get title() {
        return _t("Notifications");
    }

    get channels() {
        return [
            { field: "sms", label: _t("By SMS") },
            { field: "wechat", label: _t("In WeChat") },
            { field: "mail", label: _t("By mail") },
        ];
    }

    save() {
        return this.action.run(async () => {
            await this.api.patch("/me/preferences", { ...this.form });
            this.toast.show(_t("Saved"));
        });
    }
}

screens.add("preferences", { path: "/preferences", component: PreferencesScreen, auth: true });
