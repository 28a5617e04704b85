import { App as OwlApp, whenReady } from "@odoo/owl";
import { getTemplate } from "@web/core/templates";
import { session } from "@web/session";
import { App } from "./app";
import { makeAccount } from "./core/account";
import { Api } from "./core/api";
import { loadTerms, translate } from "./core/i18n";
import { makeRouter } from "./core/router";
import { makeToast } from "./core/toast";

async function start() {
    const api = new Api();
    const account = makeAccount(api);
    account.restore();
    try {
        await loadTerms(session.lang, session.modules);
    } catch (error) {
        // The words stay English; everything works.
        console.warn(error);
    }
    const teahouse = { api, account, router: makeRouter(), toast: makeToast() };
    const app = new OwlApp(App, {
        env: { teahouse },
        getTemplate,
        translateFn: translate,
        translatableAttributes: ["aria-label", "placeholder", "title", "alt"],
        dev: Boolean(session.debug),
        warnIfNoStaticProps: true,
        name: "Teahouse",
    });
    document.getElementById("teahouse-boot")?.remove();
    await app.mount(document.body);
}

whenReady(start);
