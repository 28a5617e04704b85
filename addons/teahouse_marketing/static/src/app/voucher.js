import { Component, reactive, useState } from "@odoo/owl";
import { TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, slots } from "@teahouse_base/app/core/registries";

/** The voucher that waits for a room and a time: typed first, used on a room's page. */
const voucher = reactive({ platform: "meituan", code: "" });

class VoucherFields extends Component {
    static template = "teahouse_marketing.VoucherFields";
    static props = {};

    setup() {
        this.voucher = useState(voucher);
    }
}

export class VoucherScreen extends Component {
    static template = "teahouse_marketing.VoucherScreen";
    static components = { TopBar, VoucherFields };
    static props = { params: Object, query: Object };

    setup() {
        this.router = useApp().router;
    }

    get title() {
        return _t("Group-buy voucher");
    }
}

/** On a room's page, once a start is chosen: the voucher instead of a payment. */
export class VoucherPanel extends Component {
    static template = "teahouse_marketing.VoucherPanel";
    static components = { VoucherFields };
    static props = { form: Object, room: Object, end: String };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.voucher = useState(voucher);
        this.open = Boolean(voucher.code);
        this.keys = {};
    }

    redeem() {
        if (!this.account.signedIn) {
            this.router.go("/login", { next: this.router.path });
            return;
        }
        const { form, room } = this.props;
        const body = {
            ...this.voucher,
            room_id: room.id,
            start: form.start,
            people: form.people,
        };
        // The same wish keeps its key, so that a lost answer redeems nothing twice.
        const wish = JSON.stringify(body);
        this.keys[wish] ||= newKey();
        return this.action.run(async () => {
            try {
                const booking = await this.api.post("/vouchers/redeem", body, this.keys[wish]);
                this.voucher.code = "";
                this.router.go(`/bookings/${booking.ref}`);
            } catch (error) {
                if (error.code !== "no_network") {
                    delete this.keys[wish];
                }
                throw error;
            }
        });
    }
}

screens.add("voucher", { path: "/voucher", component: VoucherScreen });
slots.add("booking_offer/voucher", { slot: "booking_offer", component: VoucherPanel }, { sequence: 80 });
