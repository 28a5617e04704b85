import { Component } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { day, money, span } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, slots } from "@teahouse_base/app/core/registries";

/** What the member paid, stay by stay, with the bill as a file. */
export class BillsScreen extends Component {
    static template = "teahouse_billing.BillsScreen";
    static components = { Empty, Failure, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { day, money, span });
        this.action = useAction();
        this.bills = useLoad(() => this.api.get("/me/bills", { limit: 20 }));
    }

    get title() {
        return _t("Bills and invoices");
    }

    get emptyTitle() {
        return _t("No bills yet");
    }

    get emptyText() {
        return _t("After your first stay its bill stands here.");
    }

    stateWords(bill) {
        if (bill.settlement_state !== "settled") {
            return _t("Not closed yet");
        }
        return bill.invoice ? _t("Invoice %(number)s", { number: bill.invoice.number }) : _t("Closed");
    }

    loadMore() {
        return this.action.run(async () => {
            const cursor = this.bills.data.next_cursor;
            const next = await this.api.get("/me/bills", { limit: 20, cursor });
            this.bills.data.items.push(...next.items);
            this.bills.data.next_cursor = next.next_cursor;
        });
    }

    download(bill) {
        return this.action.run(async () => {
            const link = document.createElement("a");
            link.href = URL.createObjectURL(await this.api.file(`/bookings/${bill.ref}/bill.pdf`));
            link.download = `${bill.ref}.pdf`;
            link.click();
            URL.revokeObjectURL(link.href);
        });
    }
}

/** The way there from the member's page. */
export class BillsEntry extends Component {
    static template = "teahouse_billing.BillsEntry";
    static components = { Icon };
    static props = {};
}

screens.add("bills", { path: "/bills", component: BillsScreen, auth: true });
slots.add("me/bills", { slot: "me", component: BillsEntry }, { sequence: 30 });
