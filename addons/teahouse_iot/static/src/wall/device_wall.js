import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const CHANNEL = "teahouse_wall_";
const CHANGED = "teahouse_wall_changed";
const STORE_KEY = "teahouse_iot.wall_store";
/** With the bus only as a safety net, without it as the way to live. */
const SLOW_MS = 30000;
const FAST_MS = 5000;
/** Changes come in bursts: one look at the server for all of them. */
const GATHER_MS = 300;

/** All devices of a store at a glance, as they are now. */
export class DeviceWall extends Component {
    static template = "teahouse_iot.DeviceWall";
    static props = { ...standardActionServiceProps };

    icons = {
        lock: "fa-lock",
        gate: "fa-sign-in",
        power: "fa-plug",
        light: "fa-lightbulb-o",
        ac: "fa-snowflake-o",
        speaker: "fa-volume-up",
        sensor: "fa-thermometer-half",
        reader: "fa-qrcode",
        keypad: "fa-th",
    };
    words = { online: _t("Online"), offline: _t("Offline"), unknown: _t("Never seen") };
    colours = {
        queued: "text-bg-info",
        sent: "text-bg-info",
        done: "text-bg-success",
        failed: "text-bg-danger",
        rejected: "text-bg-danger",
        expired: "text-bg-warning",
        unknown: "text-bg-warning",
        cancelled: "text-bg-light",
    };
    tricks = {
        offline: _t("Offline"),
        jammed: _t("Jammed"),
        late_answer: _t("Answers late"),
        lost_answer: _t("Answers get lost"),
        double_answer: _t("Answers twice"),
        wrong_clock: _t("Clock is wrong"),
        heal: _t("Well again"),
        door_open: _t("Door opens"),
        door_closed: _t("Door closes"),
        smoke: _t("Smoke"),
        smoke_over: _t("Smoke is over"),
        tamper: _t("Tampered with"),
        stuffy: _t("Air used up"),
        hot: _t("Too hot"),
        battery_low: _t("Battery is low"),
        stray_power: _t("Power is used"),
        usual: _t("Usual readings"),
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.state = useState({
            stores: [],
            storeId: null,
            wall: null,
            loaded: false,
            live: this.bus.isActive,
            troubleOnly: false,
            busy: false,
            error: false,
            at: "",
        });
        this.changed = ({ store_ids }) =>
            store_ids.includes(this.state.storeId) && this.gather();
        this.bus.subscribe(CHANGED, this.changed);
        const live = (value) => () => {
            this.state.live = value;
            this.plan();
            this.gather();
        };
        useBus(this.bus, "BUS:CONNECT", live(true));
        useBus(this.bus, "BUS:RECONNECT", live(true));
        useBus(this.bus, "BUS:DISCONNECT", live(false));
        useBus(this.bus, "BUS:RECONNECTING", live(false));
        onWillStart(async () => {
            this.state.stores = await this.orm.call("teahouse.store", "wall_stores", []);
            const wanted = parseInt(browser.localStorage.getItem(STORE_KEY));
            const known = this.state.stores.find((store) => store.id === wanted);
            const first = known || this.state.stores[0];
            this.state.loaded = true;
            if (first) {
                await this.choose(first.id);
            }
            this.plan();
        });
        onWillUnmount(() => {
            this.gone = true;
            this.bus.unsubscribe(CHANGED, this.changed);
            this.leave();
            browser.clearInterval(this.timer);
            browser.clearTimeout(this.gathering);
        });
    }

    // What is shown

    get shownPlaces() {
        const places = this.state.wall.places;
        if (!this.state.troubleOnly) {
            return places;
        }
        return places
            .map((place) => ({ ...place, devices: place.devices.filter(this.isTrouble) }))
            .filter((place) => place.devices.length);
    }

    get troubles() {
        const places = this.state.wall?.places || [];
        return places.flatMap((place) => place.devices.filter(this.isTrouble)).length;
    }

    isTrouble(device) {
        return device.state === "offline" || device.battery_low || device.alarms > 0;
    }

    clock(text, format = "HH:mm:ss") {
        const zone = this.state.wall.store.tz;
        return deserializeDateTime(text).setZone(zone).toFormat(format);
    }

    ago(text) {
        return deserializeDateTime(text).toRelative();
    }

    tricksOf(device) {
        const more = {
            lock: ["jammed", "door_open", "door_closed", "tamper", "battery_low", "usual"],
            gate: ["jammed", "door_open", "door_closed", "tamper", "battery_low", "usual"],
            sensor: ["smoke", "smoke_over", "stuffy", "hot", "battery_low", "usual"],
            power: ["stray_power", "usual"],
        };
        const answers =
            device.kind === "sensor" ? [] : ["late_answer", "lost_answer", "double_answer"];
        return ["offline", ...answers, "wrong_clock", ...(more[device.kind] || []), "heal"];
    }

    // Staying up to date

    plan() {
        browser.clearInterval(this.timer);
        if (!this.gone) {
            const every = this.state.live ? SLOW_MS : FAST_MS;
            this.timer = browser.setInterval(() => this.load(), every);
        }
    }

    gather() {
        browser.clearTimeout(this.gathering);
        this.gathering = browser.setTimeout(() => this.load(), GATHER_MS);
    }

    leave() {
        if (this.state.storeId) {
            this.bus.deleteChannel(CHANNEL + this.state.storeId);
        }
    }

    async choose(storeId) {
        this.leave();
        this.state.storeId = storeId;
        this.bus.addChannel(CHANNEL + storeId);
        browser.localStorage.setItem(STORE_KEY, storeId);
        await this.load();
    }

    async load() {
        const storeId = this.state.storeId;
        if (!storeId || this.gone) {
            return;
        }
        try {
            const wall = await this.orm.silent.call("teahouse.store", "device_wall", [[storeId]]);
            if (storeId === this.state.storeId && !this.gone) {
                Object.assign(this.state, {
                    wall,
                    error: false,
                    at: formatDateTime(luxon.DateTime.now(), { format: "HH:mm:ss" }),
                });
            }
        } catch {
            this.state.error = true;
        }
    }

    // What can be done

    async run(job) {
        this.state.busy = true;
        try {
            await job();
        } finally {
            this.state.busy = false;
            await this.load();
        }
    }

    take(alarm) {
        return this.run(() => this.orm.call("teahouse.alarm", "action_take", [[alarm.id]]));
    }

    switch(device) {
        const method = device.on ? "action_switch_off" : "action_switch_on";
        return this.run(() => this.orm.call("teahouse.device", method, [[device.id]]));
    }

    simulate(device, select) {
        const trick = select.value;
        select.value = "";
        return trick && this.run(() => this.orm.call("teahouse.device", "simulate", [[device.id], trick]));
    }

    async openDoor(device) {
        const action = await this.orm.call("teahouse.device", "action_remote_open", [[device.id]]);
        this.action.doAction(
            { ...action, views: [[false, "form"]] },
            { onClose: () => this.load() }
        );
    }

    openDevice(device) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "teahouse.device",
            res_id: device.id,
            views: [[false, "form"]],
        });
    }

    openCommands() {
        this.action.doAction("teahouse_iot.teahouse_command_action", {
            additionalContext: { search_default_store_id: this.state.storeId },
        });
    }
}

registry.category("actions").add("teahouse_iot.device_wall", DeviceWall);
