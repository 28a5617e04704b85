import { App as OwlApp, whenReady } from "@odoo/owl";
import { getTemplate } from "@web/core/templates";
import { session } from "@web/session";
import { App } from "./app";
import { makeAccount } from "./core/account";
import { Api } from "./core/api";
import { loadTerms, translate } from "./core/i18n";
import { finishAuthorization } from "./core/platform";
import { makeRouter } from "./core/router";
import { makeToast } from "./core/toast";

async function start() {
    const api = new Api();
    const account = makeAccount(api);
    account.restore();
    try {
        await loadTerms(session.terms, session.modules);
    } catch (error) {
        // The words stay English; everything works.
        console.warn(error);
    }
    const router = makeRouter();
    const toast = makeToast();
    const comeBack = finishAuthorization({ api, account, router, toast });
    const teahouse = { api, account, router, toast };
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
    await Promise.all([app.mount(document.body), comeBack]);
}

whenReady(start);
