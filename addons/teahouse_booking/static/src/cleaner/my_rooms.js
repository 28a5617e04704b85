import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DamageDialog } from "./damage_dialog";
import { shrink } from "./photo";

const MODEL = "teahouse.cleaning.task";
const BUS_TYPE = "teahouse_today";
/** A burst of changes is one look; without the bus there is still one a minute. */
const AFTER_CHANGE = 1500;
const AT_LEAST = 60000;

/** A cleaner's day in one hand: rooms by when the next guests come. */
export class MyRooms extends Component {
    static template = "teahouse_booking.MyRooms";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({ tasks: [], done: 0, loaded: false, stale: false, busy: null });
        this.changed = () => this.soon();
        this.bus.subscribe(BUS_TYPE, this.changed);
        this.timer = setInterval(() => this.load(), AT_LEAST);
        onWillStart(() => this.load());
        onWillUnmount(() => {
            this.bus.unsubscribe(BUS_TYPE, this.changed);
            clearInterval(this.timer);
            clearTimeout(this.waiting);
        });
    }

    get manyStores() {
        return new Set(this.state.tasks.map((task) => task.store)).size > 1;
    }

    soon() {
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => this.load(), AFTER_CHANGE);
    }

    /** Ask the server; the latest question counts, whichever answer comes last. */
    async load() {
        const turn = (this.turn = (this.turn || 0) + 1);
        try {
            const found = await this.orm.silent.call(MODEL, "load_page", []);
            if (turn === this.turn) {
                Object.assign(this.state, { ...found, loaded: true, stale: false });
            }
        } catch (error) {
            if (!this.state.loaded) {
                throw error;
            }
            this.state.stale = true;
        }
    }

    arrivalWords(task) {
        if (!task.arrival) {
            return _t("No guests expected");
        }
        if (task.arrival_minutes < 0) {
            return _t("Guests were due at %s", task.arrival);
        }
        if (task.arrival_minutes < 120) {
            return _t("Guests at %(time)s, in %(minutes)s min", {
                time: task.arrival,
                minutes: task.arrival_minutes,
            });
        }
        return _t("Guests at %s", task.arrival);
    }

    /** Do one thing with a task; whatever comes of it, show what holds now. */
    async act(task, method, args = []) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = task.id;
        try {
            await this.orm.call(MODEL, method, [[task.id], ...args]);
        } finally {
            this.state.busy = null;
            await this.load();
        }
    }

    giveBack(task) {
        this.dialog.add(ConfirmationDialog, {
            title: task.room,
            body: _t("Give this task back to the others?"),
            confirmLabel: _t("Give back"),
            confirm: () => this.act(task, "action_reject"),
            cancel: () => {},
        });
    }

    async addPhotos(task, ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        for (const file of files) {
            await this.act(task, "add_photo", [await shrink(file)]);
        }
    }

    reportDamage(task) {
        this.dialog.add(DamageDialog, {
            room: task.room,
            send: async (values) => {
                await this.orm.call(MODEL, "report_damage", [[task.id], values]);
                this.notification.add(_t("Reported. Thank you."), { type: "success" });
                await this.load();
            },
        });
    }
}

registry.category("actions").add("teahouse_my_rooms", MyRooms);
