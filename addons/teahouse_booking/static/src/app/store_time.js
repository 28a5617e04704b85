import { Component, useState } from "@odoo/owl";
import { _t } from "@teahouse_base/app/core/i18n";
import { pins, slots, sorts } from "@teahouse_base/app/core/registries";

const HOURS = [1, 2, 3, 4];
const STEP_MS = 30 * 60000;

/** `2026-11-23T14:30` of the phone's clock, as a field for date and time wants it. */
function asField(date) {
    return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** Looks for stores with a room that is free at a time. */
export class StoreTime extends Component {
    static template = "teahouse_booking.StoreTime";
    static props = { form: Object, reload: Function };

    setup() {
        const { free_from, free_to } = this.props.form.extra;
        const next = new Date(Math.ceil(Date.now() / STEP_MS) * STEP_MS);
        this.hours = HOURS;
        this.earliest = asField(new Date(next - STEP_MS));
        this.state = useState({
            on: Boolean(free_from),
            start: asField(free_from ? new Date(free_from) : next),
            hours: free_from ? (new Date(free_to) - new Date(free_from)) / 3600000 : 2,
        });
    }

    change(values) {
        Object.assign(this.state, values);
        const { form, reload } = this.props;
        const rest = { ...form.extra };
        delete rest.free_from;
        delete rest.free_to;
        const start = new Date(this.state.start);
        if (this.state.on && !isNaN(start)) {
            rest.free_from = start.toISOString();
            rest.free_to = new Date(start.getTime() + this.state.hours * 3600000).toISOString();
        }
        form.extra = rest;
        reload();
    }
}

slots.add("store_filters/time", { slot: "store_filters", component: StoreTime });
sorts.add("rating", { value: "rating", label: () => _t("Best reviews") }, { sequence: 30 });
pins.add("free", {
    words: ({ rooms_free }) =>
        typeof rooms_free === "number" ? _t("%(rooms)s free", { rooms: rooms_free }) : null,
});
