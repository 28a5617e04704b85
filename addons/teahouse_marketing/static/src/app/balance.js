import { Component, useState } from "@odoo/owl";
import { Empty, Failure, Sheet, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { clock, day, money } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";
import { PayButtons, usePurchase } from "./purchase";

const PAGE = 20;

/** Real money and bonus together, in cents so that they add up. */
const cents = (real, bonus) => Math.round(Number(real) * 100) + Math.round(Number(bonus) * 100);

/** The member's balance: what is there, how to add to it, and where it went. */
export class BalanceScreen extends Component {
    static template = "teahouse_marketing.BalanceScreen";
    static components = { Empty, Failure, PayButtons, Sheet, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { clock, day, money });
        this.action = useAction();
        this.form = useState({ package: null, amount: "", sheet: false, note: "", store: "" });
        this.balance = useLoad(() => this.api.get("/me/balance"));
        this.packages = useLoad(() => this.loadPackages());
        this.entries = useLoad(() => this.api.get("/me/balance/entries", { limit: PAGE }));
        this.purchase = usePurchase(() => this.refresh());
        this.key = newKey();
    }

    /** Where a balance is good for one store only, the store is chosen first. */
    async loadPackages() {
        const packages = await this.api.get("/balance/packages", { store_id: this.form.store });
        if (packages.store_needed && !this.stores) {
            this.stores = (await this.api.get("/stores", { limit: 50 })).items;
        }
        return packages;
    }

    get title() {
        return _t("Balance");
    }

    get emptyTitle() {
        return _t("Nothing has moved yet");
    }

    get kinds() {
        return {
            top_up: _t("Top-up"),
            spend: _t("Spent"),
            refund: _t("Given back"),
            payout: _t("Paid out"),
            merge: _t("Memberships merged"),
        };
    }

    /** What of the balance was paid in, and what was given on top. */
    get parts() {
        const { real, bonus, currency } = this.balance.data;
        return _t("%(real)s paid in, %(bonus)s bonus", {
            real: money(real, currency),
            bonus: money(bonus, currency),
        });
    }

    bonusWords({ bonus, currency }) {
        return _t("%(amount)s bonus", { amount: money(bonus, currency) });
    }

    positive(amount) {
        return Number(amount) > 0;
    }

    total({ real, bonus, currency }) {
        return money(cents(real, bonus) / 100, currency);
    }

    /** What an entry did to the balance. */
    change({ real, bonus }) {
        const moved = cents(real, bonus);
        return (moved > 0 ? "+" : "") + money(moved / 100, this.balance.data.currency);
    }

    get ready() {
        const named = this.form.store || !this.packages.data.store_needed;
        return Boolean(named && (this.form.package || Number(this.form.amount) > 0));
    }

    chooseStore() {
        this.form.package = null;
        this.packages.reload();
    }

    choose(id) {
        Object.assign(this.form, { package: id, amount: "" });
    }

    refresh() {
        return Promise.all([this.balance.reload(), this.entries.reload()]);
    }

    topUp(method) {
        const { package: id, amount } = this.form;
        const what = id ? { package_id: id } : { amount: Number(amount).toFixed(2) };
        const store = this.form.store ? { store_id: Number(this.form.store) } : {};
        return this.purchase.buy("/me/balance/top-ups", { method, ...what, ...store });
    }

    more() {
        return this.action.run(async () => {
            const { data } = this.entries;
            const next = await this.api.get("/me/balance/entries", {
                limit: PAGE,
                cursor: data.next_cursor,
            });
            this.entries.data = { ...next, items: [...data.items, ...next.items] };
        });
    }

    askPayout() {
        return this.action.run(async () => {
            const note = this.form.note || undefined;
            await this.api.post("/me/balance/payout-requests", { note }, this.key);
            this.key = newKey();
            Object.assign(this.form, { sheet: false, note: "", store: "" });
            this.toast.show(_t("We have your wish and will call you."));
        });
    }
}

screens.add("balance", { path: "/balance", component: BalanceScreen, auth: true });
