import { after, destroy, getFixture } from "@odoo/hoot";
import { App, reactive } from "@odoo/owl";
import { translate } from "@teahouse_base/app/core/i18n";
import { getTemplate } from "@web/core/templates";
import { ApiError } from "@teahouse_base/app/core/api";

/**
 * The app's services with a server of the test's own.
 *
 * @param {Record<string, (body: object, key: string) => unknown>} answers what
 *     `"GET /me"` answers, by method and path without its query
 */
export function makeServices(answers = {}) {
    const calls = [];
    const send = async (method, path, body, key) => {
        calls.push({ method, path, body, key });
        const answer = answers[`${method} ${path.split("?")[0]}`];
        if (!answer) {
            throw new ApiError(404, { code: "not_found", detail: `${method} ${path}` });
        }
        return answer(body, key);
    };
    const api = {
        get: (path) => send("GET", path),
        post: (path, body, key) => send("POST", path, body, key),
        put: (path, body) => send("PUT", path, body),
    };
    const toast = reactive({ shown: [], show: (text, tone) => toast.shown.push({ text, tone }) });
    const router = reactive({ path: "/", query: {}, went: [], go: (path) => router.went.push(path) });
    return { api, calls, toast, router, account: reactive({ signedIn: true, member: {} }) };
}

/** Mount a component as the app does, until the end of the test. */
export async function mountPart(Part, { props = {}, services = makeServices() } = {}) {
    const app = new App(Part, {
        env: { teahouse: services },
        props,
        getTemplate,
        translateFn: translate,
        translatableAttributes: ["aria-label", "placeholder", "title", "alt"],
        test: true,
    });
    after(() => destroy(app));
    return app.mount(getFixture());
}
