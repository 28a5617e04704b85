import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";

const ASK_MS = 400;
const GIVE_UP_MS = 17000;

/** The big button: press, wait for the lock's own answer, never claim more. */
export class DoorPanel extends Component {
    static template = "teahouse_iot.DoorPanel";
    static components = { Icon };
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.door = useState({ state: "idle", which: null, pin: null });
    }

    get shown() {
        const { doors, state } = this.props.booking;
        return doors && ["confirmed", "in_use"].includes(state);
    }

    get words() {
        return {
            idle: _t("Open the door"),
            opening: _t("Opening…"),
            open: _t("Open"),
            failed: _t("It did not open: try again"),
            unknown: _t("No answer: use the PIN"),
        }[this.door.state];
    }

    open(which) {
        return this.action.run(async () => {
            Object.assign(this.door, { state: "opening", which, pin: null });
            try {
                const command = await this.api.post(
                    `/bookings/${this.props.booking.ref}/door/open`,
                    { door: which },
                    newKey()
                );
                await this.follow(command.command_id, command.state);
            } catch (error) {
                this.door.state = "failed";
                if (error.code === "device_offline") {
                    this.door.pin = error.fields.find((one) => one.field === "pin")?.message;
                    this.door.state = "unknown";
                }
                throw error;
            } finally {
                await this.props.reload();
            }
        });
    }

    async follow(id, state) {
        const end = Date.now() + GIVE_UP_MS;
        let answer = { state };
        while (["queued", "sent"].includes(answer.state) && Date.now() < end) {
            await new Promise((resolve) => setTimeout(resolve, ASK_MS));
            answer = await this.api.get(`/commands/${id}`);
        }
        this.door.pin = answer.pin || null;
        if (answer.state === "done") {
            this.door.state = "open";
            setTimeout(() => (this.door.state = "idle"), 6000);
        } else {
            this.door.state = answer.state === "failed" ? "failed" : "unknown";
        }
    }
}

/** Lights and air conditioning, where the store lets guests switch them. */
export class DevicePanel extends Component {
    static template = "teahouse_iot.DevicePanel";
    static components = { Icon };
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.levels = useState({});
        this.devices = useLoad(() => this.api.get(`/bookings/${this.props.booking.ref}/devices`));
    }

    get shown() {
        return this.props.booking.state === "in_use" && Boolean(this.devices.data?.items.length);
    }

    /** What can be set, and the steps in which guests set it. */
    scale(device) {
        if (!device.actions.includes("set")) {
            return null;
        }
        return {
            light: { name: _t("Brightness"), low: 10, high: 100, step: 10, usual: 70, unit: "%" },
            ac: { name: _t("Degrees"), low: 16, high: 30, step: 1, usual: 24, unit: "°" },
        }[device.kind];
    }

    level(device) {
        return this.levels[device.id] ?? this.scale(device).usual;
    }

    /** Shown at once, taken back where the device cannot be reached. */
    switch(device) {
        const before = device.on;
        device.on = !before;
        return this.send(device, { action: device.on ? "on" : "off" }, () => (device.on = before));
    }

    set(device, value) {
        const before = this.levels[device.id];
        this.levels[device.id] = value;
        return this.send(device, { action: "set", value }, () => (this.levels[device.id] = before));
    }

    send(device, body, takeBack) {
        return this.action.run(async () => {
            try {
                await this.api.post(
                    `/bookings/${this.props.booking.ref}/devices/${device.id}/commands`,
                    body
                );
            } catch (error) {
                takeBack();
                throw error;
            }
        });
    }
}

slots.add("booking/door", { slot: "booking_top", component: DoorPanel }, { sequence: 5 });
slots.add("booking/devices", { slot: "booking_page", component: DevicePanel }, { sequence: 20 });
