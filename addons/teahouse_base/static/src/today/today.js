import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const BUS_TYPE = "teahouse_today";
/** A burst of changes is one look; without the bus there is still one a minute. */
const AFTER_CHANGE = 1500;
const AT_LEAST = 60000;

/** Components that draw a tile, by its kind; an addon adds its own. */
export const tileKinds = registry.category("teahouse_today_tiles");

export class NumberTile extends Component {
    static template = "teahouse_base.TodayNumber";
    static props = { tile: Object, open: Function };
}

export class ListTile extends Component {
    static template = "teahouse_base.TodayList";
    static props = { tile: Object, open: Function };
}

tileKinds.add("number", NumberTile);
tileKinds.add("list", ListTile);

/**
 * What an owner opens in the morning and a manager keeps open: tiles that the addons
 * bring, renewed when the server tells of a change.
 */
export class TeahouseToday extends Component {
    static template = "teahouse_base.Today";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.state = useState({ tiles: [], stores: [], storeId: null, at: null, stale: false });
        this.storageKey = "teahouse_today_store";
        this.changed = ({ stores }) => this.onChange(stores);
        this.bus.subscribe(BUS_TYPE, this.changed);
        onWillStart(() => this.load(Number(localStorage.getItem(this.storageKey)) || null));
        this.timer = setInterval(() => this.load(), AT_LEAST);
        onWillUnmount(() => {
            this.bus.unsubscribe(BUS_TYPE, this.changed);
            clearInterval(this.timer);
            clearTimeout(this.waiting);
        });
    }

    get clock() {
        return this.state.at ? this.state.at.slice(11, 16) : "";
    }

    get allStores() {
        return _t("All stores");
    }

    component(tile) {
        return tileKinds.get(tile.kind, NumberTile);
    }

    onChange(stores) {
        const mine = this.state.storeId;
        if (!mine || stores.includes(mine) || stores.includes(0)) {
            this.soon();
        }
    }

    soon() {
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => this.load(), AFTER_CHANGE);
    }

    /** Ask the server; the latest question counts, whichever answer comes last. */
    async load(storeId = this.state.storeId) {
        const turn = (this.turn = (this.turn || 0) + 1);
        try {
            const found = await this.orm.silent.call("teahouse.today", "load", [storeId]);
            if (turn === this.turn) {
                Object.assign(this.state, {
                    tiles: found.tiles,
                    stores: found.stores,
                    storeId: found.store_id,
                    at: found.at,
                    stale: false,
                });
            }
        } catch (error) {
            if (!this.state.at) {
                throw error;
            }
            this.state.stale = true;
        }
    }

    choose(ev) {
        const storeId = Number(ev.target.value) || null;
        localStorage.setItem(this.storageKey, storeId || "");
        return this.load(storeId);
    }

    open(action) {
        return action && this.action.doAction(action);
    }
}

registry.category("actions").add("teahouse_today", TeahouseToday);
