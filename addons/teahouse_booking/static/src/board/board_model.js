import {markRaw, reactive} from "@odoo/owl";
import {hourWidth} from "./geometry";

const {DateTime} = luxon;
const SERVER = "yyyy-MM-dd HH:mm:ss";

/** An instant of the server (naive UTC) in milliseconds. */
export function parse(text) {
    return DateTime.fromFormat(text, SERVER, {zone: "utc"}).toMillis();
}

/** Milliseconds as the server writes an instant. */
export function write(millis) {
    return DateTime.fromMillis(millis, {zone: "utc"}).toFormat(SERVER);
}

/** Whether what is searched for is a stay's guest or number. */
export function matches(bar, search) {
    const word = search.trim().toLowerCase();
    return Boolean(word) && `${bar.guest} ${bar.ref}`.toLowerCase().includes(word);
}

/** What the room board knows: rooms, stays and closed times of one store. */
export class BoardModel {
    constructor(orm) {
        this.orm = orm;
        this.stores = [];
        this.store = null;
        this.days = 1;
        this.day = null;
        this.rooms = [];
        // Thousands of stays: a change is told by the version, not by each of them.
        this.byRoom = markRaw(new Map());
        this.closings = markRaw(new Map());
        this.texts = markRaw(new WeakMap());
        this.version = 0;
        this.search = "";
        this.loading = true;
        this.loads = 0;
        return reactive(this);
    }

    async start(storeId) {
        this.stores = await this.orm.call("teahouse.store", "board_stores", []);
        const store = this.stores.find((one) => one.id === storeId) || this.stores[0];
        if (store) {
            await this.open(store.id);
        } else {
            this.loading = false;
        }
    }

    async open(storeId) {
        this.store = this.stores.find((one) => one.id === storeId);
        // The same date in another store, wherever that lies.
        const keepLocalTime = Boolean(this.day);
        this.day = (this.day || DateTime.now())
            .setZone(this.store.tz, {keepLocalTime})
            .startOf("day");
        await this.load();
    }

    /** The window: whole days of the store's own clock. */
    get view() {
        const from = this.day.toMillis();
        const to = this.day.plus({days: this.days}).toMillis();
        return {from, to, pxPerMinute: hourWidth(this.days) / 60};
    }

    async show(day, days = this.days) {
        this.days = days;
        this.day = day.setZone(this.store.tz).startOf("day");
        await this.load();
    }

    async load() {
        const load = ++this.loads;
        this.loading = true;
        const data = await this.fetch();
        if (load !== this.loads) {
            // Somebody has turned the page meanwhile.
            return;
        }
        this.rooms = markRaw(data.rooms);
        this.byRoom = markRaw(new Map(data.rooms.map((room) => [room.id, []])));
        this.closings = markRaw(new Map(data.rooms.map((room) => [room.id, []])));
        this.fill(data);
        this.loading = false;
    }

    /** Fetch some rooms again: they have changed. */
    async refresh(roomIds) {
        const load = this.loads;
        const known = roomIds.filter((id) => this.byRoom.has(id));
        if (!known.length) {
            return;
        }
        const data = await this.fetch(known);
        if (load !== this.loads) {
            return;
        }
        const fresh = new Map(data.rooms.map((room) => [room.id, room]));
        this.rooms = markRaw(this.rooms.map((room) => fresh.get(room.id) || room));
        for (const id of known) {
            this.byRoom.set(id, []);
            this.closings.set(id, []);
        }
        this.fill(data);
    }

    fetch(roomIds = null) {
        const {from, to} = this.view;
        return this.orm.silent.call("teahouse.store", "board_data", [[this.store.id]], {
            since: write(from),
            until: write(to),
            room_ids: roomIds,
        });
    }

    fill({bars, closings, rooms}) {
        for (const bar of bars) {
            bar.from = parse(bar.start);
            bar.to = parse(bar.end);
            bar.blockedTo = parse(bar.blocked_until);
            this.byRoom.get(bar.room_id)?.push(bar);
        }
        for (const room of rooms) {
            this.byRoom.get(room.id)?.sort((one, other) => one.from - other.from);
        }
        for (const closing of closings) {
            closing.from = parse(closing.start);
            closing.to = parse(closing.end);
            const ids = closing.room_id ? [closing.room_id] : rooms.map((r) => r.id);
            ids.forEach((id) => this.closings.get(id)?.push(closing));
        }
        this.version++;
    }

    /** Rooms that the search finds: by their own words, or by who stays there. */
    get found() {
        const word = this.search.trim().toLowerCase();
        if (!word) {
            return this.rooms;
        }
        return this.rooms.filter(
            (room) =>
                `${room.name} ${room.type}`.toLowerCase().includes(word) ||
                this.byRoom.get(room.id).some((bar) => matches(bar, word))
        );
    }

    clock(millis, format = "HH:mm") {
        return DateTime.fromMillis(millis, {zone: this.store.tz}).toFormat(format);
    }

    /** A span of time in words. Made once: nothing on the board costs as much. */
    when(span) {
        if (!this.texts.has(span)) {
            const {from, to} = span;
            const late = this.clock(from, "MM-dd") !== this.clock(to - 1, "MM-dd");
            const end = this.clock(to, late ? "MM-dd HH:mm" : "HH:mm");
            this.texts.set(span, `${this.clock(from)}–${end}`);
        }
        return this.texts.get(span);
    }

    /** The hours over the board, and the days over the hours. */
    get ticks() {
        const {from, to, pxPerMinute} = this.view;
        const step = this.days === 1 ? 1 : 6;
        const hours = [];
        let at = DateTime.fromMillis(from, {zone: this.store.tz});
        while (at.toMillis() < to) {
            hours.push({
                left: ((at.toMillis() - from) / 60000) * pxPerMinute,
                text: at.toFormat("HH:mm"),
                midnight: at.hour === 0,
            });
            at = at.plus({hours: step});
        }
        const days = [];
        for (let n = 0; n < this.days; n++) {
            const day = this.day.plus({days: n});
            days.push({
                left: ((day.toMillis() - from) / 60000) * pxPerMinute,
                width:
                    ((day.plus({days: 1}).toMillis() - day.toMillis()) / 60000) *
                    pxPerMinute,
                text: day.toLocaleString({weekday: "short", month: "short", day: "numeric"}),
            });
        }
        return {hours, days};
    }
}
