import { reactive } from "@odoo/owl";

const STORAGE_KEY = "teahouse.session";

/** Who uses the app: the bearer token and the member behind it. */
export function makeAccount(api) {
    const account = reactive({
        member: null,
        get signedIn() {
            return Boolean(account.token);
        },
        token: null,

        /** Take up the session of an earlier visit. */
        restore() {
            try {
                const kept = JSON.parse(localStorage.getItem(STORAGE_KEY) || "null");
                if (kept && new Date(kept.expires_at) > new Date()) {
                    account.use(kept);
                }
            } catch {
                localStorage.removeItem(STORAGE_KEY);
            }
        },
        use({ token, member, expires_at }) {
            account.token = api.token = token;
            account.member = member;
            localStorage.setItem(STORAGE_KEY, JSON.stringify({ token, member, expires_at }));
        },
        /** Keep what the server now says of the member. */
        update(member) {
            const kept = JSON.parse(localStorage.getItem(STORAGE_KEY));
            account.use({ ...kept, member });
        },
        forget() {
            account.token = api.token = null;
            account.member = null;
            localStorage.removeItem(STORAGE_KEY);
        },
        async signIn(credentials) {
            const answer = await api.post("/auth/sessions", credentials);
            account.use(answer);
            return answer;
        },
        async signOut() {
            try {
                await api.delete("/auth/sessions/current");
            } finally {
                account.forget();
            }
        },
    });
    api.onSignedOut = () => account.forget();
    return account;
}
