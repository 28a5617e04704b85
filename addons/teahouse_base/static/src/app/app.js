import { Component, useEffect, useState } from "@odoo/owl";
import { Icon } from "./components/icon";
import { useApp } from "./core/hooks";
import { screens, tabs } from "./core/registries";
import { matchPath } from "./core/router";

/** Frame of the app: the screen of the address, the tabs, the toast. */
export class App extends Component {
    static template = "teahouse_base.App";
    static components = { Icon };
    static props = {};

    setup() {
        const { router, account, toast } = useApp();
        this.router = useState(router);
        this.account = useState(account);
        this.toast = useState(toast);
        useEffect(
            (wanted) => {
                if (wanted) {
                    router.go("/login", { next: wanted });
                }
            },
            () => [this.needsSignIn ? router.path : null]
        );
    }

    get match() {
        return matchPath(screens.getAll(), this.router.path) || matchPath(screens.getAll(), "/");
    }

    get needsSignIn() {
        return Boolean(this.match.screen.auth && !this.account.signedIn);
    }

    /** A new key makes a new screen: other ids never show the former one's data. */
    get screenKey() {
        return `${this.router.path}|${this.account.signedIn}`;
    }

    get screenProps() {
        return { params: this.match.params, query: this.router.query };
    }

    get tabs() {
        return tabs.getAll();
    }

    get showTabs() {
        return this.tabs.some((tab) => tab.path === this.router.path);
    }
}
