import { Component } from "@odoo/owl";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";

/** Moods of the room in one touch, and how the air is. */
export class ScenePanel extends Component {
    static template = "teahouse_iot.ScenePanel";
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        const path = `/bookings/${this.props.booking.ref}`;
        this.scenes = useLoad(() => this.api.get(`${path}/scenes`));
        this.air = useLoad(() => this.api.get(`${path}/environment`));
    }

    get inUse() {
        return this.props.booking.state === "in_use";
    }

    get items() {
        return this.inUse ? this.scenes.data?.items || [] : [];
    }

    get readings() {
        const given = this.air.data?.readings || {};
        const show = (name, text) => (given[name] ? [text(Math.round(given[name].value))] : []);
        return [
            ...show("temp_c", (value) => `${value} °C`),
            ...show("hum_pct", (value) => _t("Humidity %(value)s %", { value })),
            ...show("co2_ppm", (value) => `CO₂ ${value} ppm`),
        ];
    }

    get shown() {
        return this.inUse && (this.items.length || this.readings.length);
    }

    play(scene) {
        return this.action.run(async () => {
            await this.api.post(`/bookings/${this.props.booking.ref}/scenes/${scene.id}`, {});
            this.toast.show(scene.name);
        });
    }
}

slots.add("booking/scenes", { slot: "booking_page", component: ScenePanel }, { sequence: 19 });
