import { session } from "@web/session";
import { errorWords } from "./errors";
import { _t } from "./i18n";

const KEPT = "teahouse.authorization";
const PAGE = "/teahouse/app";

/** The app that shows this page: `wechat`, `alipay` or null for a plain browser. */
export function hostApp(agent = navigator.userAgent) {
    if (/MicroMessenger/i.test(agent)) {
        return "wechat";
    }
    return /AlipayClient/i.test(agent) ? "alipay" : null;
}

/**
 * Where a page can send its visitor to be known again. WeChat lets only the pages
 * ask that it shows itself; Alipay's page works everywhere.
 *
 * @returns {string[]} of `official_account`, `alipay`
 */
export function authorizers(platforms = session.platforms || {}, host = hostApp()) {
    const usable = { official_account: host === "wechat", alipay: host !== "wechat" };
    return Object.keys(usable).filter((app) => usable[app] && platforms[app]);
}

/**
 * Leave for the platform's page; `finishAuthorization` goes on when the visitor is back.
 *
 * @param {import("./api").Api} api
 * @param {string} app `official_account` or `alipay`
 * @param {{next?: string, bind?: boolean}} purpose where to go then; whether the member
 *     who is signed in gets another way to sign in
 */
export async function startAuthorization(api, app, { next = "/", bind = false } = {}) {
    const { url, state } = await api.get("/auth/authorization", { app, path: PAGE });
    sessionStorage.setItem(KEPT, JSON.stringify({ app, state, next, bind }));
    location.assign(url);
}

/** What the address says on coming back, and what was kept on leaving; both are used up. */
function takeReturn() {
    const query = new URLSearchParams(location.search);
    const code = query.get("auth_code") || query.get("code");
    const state = query.get("state");
    if (!code || !state) {
        return null;
    }
    let kept = null;
    try {
        kept = JSON.parse(sessionStorage.getItem(KEPT));
        sessionStorage.removeItem(KEPT);
    } catch {
        // A browser that keeps nothing: the state cannot be compared.
    }
    // The code is good once: a reload must not send it again.
    history.replaceState(null, "", PAGE + location.hash);
    return kept?.state === state ? { ...kept, code } : { app: null };
}

/** Sign in, or bind, with what WeChat or Alipay sent along. */
export async function finishAuthorization({ api, account, router, toast }) {
    const back = takeReturn();
    if (!back) {
        return;
    }
    if (!back.app) {
        toast.show(_t("That sign-in was not begun here: please try again."), "bad");
        return;
    }
    const { app, code, next, bind } = back;
    const proof = app === "alipay" ? { auth_code: code } : { app, code };
    const platform = app === "alipay" ? "alipay" : "wechat";
    try {
        if (bind) {
            await api.post("/me/identities", { provider: platform, ...proof });
        } else {
            await account.signIn({ grant: platform, ...proof });
        }
        router.replace(next);
    } catch (error) {
        toast.show(errorWords(error), "bad");
        // What the way on asked for would only lead back there.
        router.replace(bind ? next.split("?")[0] : "/login");
    }
}
