import { Component, useState } from "@odoo/owl";
import { TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";

/** A wish that no booking covers: an event, a partnership. */
export class InquiryScreen extends Component {
    static template = "teahouse_marketing.InquiryScreen";
    static components = { TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ kind: "event", name: "", phone: "", message: "" });
    }

    get title() {
        return _t("Ask us");
    }

    send() {
        const { kind, name, phone, message } = this.form;
        return this.action.run(async () => {
            await this.api.post("/inquiries", { kind, name, phone, message }, newKey());
            this.toast.show(_t("Thank you: we call you back."));
            this.router.replace("/");
        });
    }
}

screens.add("inquiry", { path: "/inquiry", component: InquiryScreen });
