import { Component, useState } from "@odoo/owl";
import { useAction, useApp } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";
import { newKey } from "@teahouse_base/app/core/api";

/** Asks for an invoice (fapiao) of a settled stay. */
export class InvoicePanel extends Component {
    static template = "teahouse_billing.InvoicePanel";
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ open: false, sent: false, title: "", tax_number: "", email: "" });
        this.key = newKey();
    }

    get shown() {
        const { settlement_state, amount_paid } = this.props.booking;
        return settlement_state === "settled" && Number(amount_paid) > 0;
    }

    send() {
        const { title, tax_number, email } = this.form;
        return this.action.run(async () => {
            try {
                await this.api.post(
                    `/bookings/${this.props.booking.ref}/invoice-request`,
                    { title, email, ...(tax_number && { tax_number: tax_number.toUpperCase() }) },
                    this.key
                );
            } finally {
                // A corrected form is another intention.
                this.key = newKey();
            }
            this.form.sent = true;
            this.toast.show(_t("The invoice comes to your mailbox."));
        });
    }
}

slots.add("booking/invoice", { slot: "booking_page", component: InvoicePanel }, { sequence: 60 });
