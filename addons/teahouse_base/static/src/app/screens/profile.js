import { Component, useState } from "@odoo/owl";
import { Failure, Skeleton, TopBar } from "../components/parts";
import { Avatar, PictureButton } from "../components/picture";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";
import { useLanguage } from "../core/settings";

/** Name, birthday and language of the member. */
export class ProfileScreen extends Component {
    static template = "teahouse_base.ProfileScreen";
    static components = { Avatar, Failure, PictureButton, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.view = useState({ version: 0 });
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

    /** @param {number | null} avatar an upload */
    setAvatar(avatar) {
        return this.action.run(async () => {
            this.account.update(await this.api.patch("/me", { avatar }));
            this.view.version += 1;
            this.toast.show(_t("Saved"));
        });
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
                useLanguage(lang);
                return;
            }
            this.toast.show(_t("Saved"));
        });
    }
}

screens.add("profile", { path: "/profile", component: ProfileScreen, auth: true });
