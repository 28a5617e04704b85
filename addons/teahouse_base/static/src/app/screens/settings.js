import { Component, useState } from "@odoo/owl";
import { session } from "@web/session";
import { TopBar } from "../components/parts";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";
import { keepTheme, keptTheme, useLanguage } from "../core/settings";

/** How this phone shows the app; nobody has to be signed in. */
export class SettingsScreen extends Component {
    static template = "teahouse_base.SettingsScreen";
    static components = { TopBar };
    static props = { params: Object, query: Object };

    setup() {
        this.view = useState({ theme: keptTheme() });
        this.lang = session.lang;
        this.useLanguage = useLanguage;
    }

    get title() {
        return _t("Language and appearance");
    }

    get languages() {
        return [
            { code: "zh_CN", tag: "zh", name: "简体中文" },
            { code: "en_US", tag: "en", name: "English" },
        ];
    }

    get themes() {
        return [
            { theme: "", name: _t("Like the phone") },
            { theme: "light", name: _t("Light") },
            { theme: "dark", name: _t("Dark") },
        ];
    }

    choose(theme) {
        this.view.theme = theme;
        keepTheme(theme);
    }
}

screens.add("settings", { path: "/settings", component: SettingsScreen });
