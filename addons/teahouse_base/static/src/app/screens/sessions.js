import { Component } from "@odoo/owl";
import { Failure, Skeleton, TopBar } from "../components/parts";
import { clock, day } from "../core/format";
import { useAction, useApp, useLoad } from "../core/hooks";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

/** Where the member is signed in; a lost phone is signed out from here. */
export class SessionsScreen extends Component {
    static template = "teahouse_base.SessionsScreen";
    static components = { Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { clock, day });
        this.action = useAction();
        this.sessions = useLoad(() => this.api.get("/auth/sessions"));
    }

    get title() {
        return _t("My devices");
    }

    /** What a person calls the device behind a user agent. */
    name({ user_agent }) {
        const known = [
            [/MicroMessenger/, "WeChat"],
            [/AlipayClient/, "Alipay"],
            [/iPhone|iPad/, "iPhone"],
            [/Android/, "Android"],
            [/Windows/, "Windows"],
            [/Mac OS/, "Mac"],
            [/Linux/, "Linux"],
        ].find(([pattern]) => pattern.test(user_agent));
        return known?.[1] || _t("Another device");
    }

    end(one) {
        return this.action.run(async () => {
            await this.api.delete(`/auth/sessions/${one.id}`);
            await this.sessions.reload();
        });
    }

    endAll() {
        return this.action.run(async () => {
            const others = this.sessions.data.items.filter((one) => !one.current);
            for (const one of others) {
                await this.api.delete(`/auth/sessions/${one.id}`);
            }
            await this.account.signOut();
            this.router.go("/");
        });
    }
}

screens.add("sessions", { path: "/sessions", component: SessionsScreen, auth: true });
