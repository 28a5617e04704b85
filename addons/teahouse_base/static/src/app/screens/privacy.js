import { Component, useState } from "@odoo/owl";
import { Sheet, TopBar } from "../components/parts";
import { useAction, useApp } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

/** A member's rights on the own data: take it along, have it erased. */
export class PrivacyScreen extends Component {
    static template = "teahouse_base.PrivacyScreen";
    static components = { Sheet, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.view = useState({ asking: false, sure: false });
    }

    get title() {
        return _t("Privacy");
    }

    download() {
        return this.action.run(async () => {
            const data = await this.api.get("/me/export");
            const blob = new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
            const link = document.createElement("a");
            link.href = URL.createObjectURL(blob);
            link.download = "teahouse-me.json";
            link.click();
            URL.revokeObjectURL(link.href);
        });
    }

    ask() {
        Object.assign(this.view, { asking: true, sure: false });
    }

    erase() {
        return this.action.run(async () => {
            await this.api.delete("/me");
            this.account.forget();
            this.toast.show(_t("Your data is erased. Farewell."));
            this.router.go("/");
        });
    }
}

screens.add("privacy", { path: "/privacy", component: PrivacyScreen, auth: true });
