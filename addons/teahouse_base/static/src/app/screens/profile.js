import { Component, useState } from "@odoo/owl";
import { Failure, Skeleton, TopBar } from "../components/parts";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

const YEAR_SECONDS = 365 * 24 * 3600;

/** Name, birthday and language of the member. */
export class ProfileScreen extends Component {
    static template = "teahouse_base.ProfileScreen";
    static components = { Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ name: "", gender: "", birthday: "", lang: "" });
        this.profile = useLoad(async () => {
            const { name, gender, birthday, lang } = await this.api.get("/me");
            this.langBefore = lang;
            Object.assign(this.form, { name, gender: gender || "", birthday: birthday || "", lang });
            return true;
        });
    }

    get title() {
        return _t("Profile");
    }

    save() {
        const { name, gender, birthday, lang } = this.form;
        return this.action.run(async () => {
            const member = await this.api.patch("/me", {
                name,
                gender: gender || null,
                birthday: birthday || null,
                lang,
            });
            this.account.update(member);
            if (lang !== this.langBefore) {
                // The page itself is made in a language: it has to come anew.
                document.cookie = `frontend_lang=${lang};path=/;max-age=${YEAR_SECONDS};samesite=lax`;
                location.search = `?lang=${lang}`;
                return;
            }
            this.toast.show(_t("Saved"));
        });
    }
}

screens.add("profile", { path: "/profile", component: ProfileScreen, auth: true });
