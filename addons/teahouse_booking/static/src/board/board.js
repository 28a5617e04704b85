import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {usePopover} from "@web/core/popover/popover_hook";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useDrag} from "./board_drag";
import {BoardModel, write} from "./board_model";
import {BoardPopover} from "./board_popover";
import {BoardRow} from "./board_row";
import {
    ROW_HEIGHT,
    boxOf,
    firstPixel,
    firstRow,
    instantAt,
    visibleRows,
    visibleTime,
} from "./geometry";

const {DateTime} = luxon;
const CHANGED = "teahouse.board";
const REMEMBERED = "teahouse_booking.board.store";

/** The room board (房态图): rooms by time, live, to be worked on with the mouse. */
export class RoomBoard extends Component {
    static template = "teahouse_booking.RoomBoard";
    static components = {BoardRow};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useState(useService("ui"));
        this.bus = useService("bus_service");
        this.popover = usePopover(BoardPopover, {position: "bottom"});
        this.model = useState(new BoardModel(this.orm));
        this.scroll = useRef("scroll");
        this.state = useState({first: 0, left: 0, height: 600, width: 1200, now: Date.now()});
        this.changed = new Set();
        this.refreshSoon = useDebounced(() => this.refreshChanged(), 250);
        const {drag, start, stop} = useDrag({
            frame: () => ({
                step: 15,
                rows: this.model.found.length,
                view: this.model.view,
            }),
            drop: (bar, target, mode) => this.onDrop(bar, target, mode),
            scrolled: () => ({
                left: this.scroll.el?.scrollLeft || 0,
                top: this.scroll.el?.scrollTop || 0,
            }),
        });
        this.drag = drag;
        // One object for all rows and all time: a row is drawn anew for its own sake only.
        this.handlers = {
            startDrag: start,
            onBar: this.onBar.bind(this),
            onFree: this.onFree.bind(this),
            bookNow: this.bookNow.bind(this),
            close: this.close.bind(this),
            label: this.label.bind(this),
            when: this.when.bind(this),
        };
        this.states = {
            hold: _t("On hold"),
            confirmed: _t("Confirmed"),
            in_use: _t("In use"),
            completed: _t("Completed"),
            no_show: _t("No-show"),
        };
        this.onChanged = this.onChanged.bind(this);
        this.reload = this.reload.bind(this);
        onWillStart(async () => {
            const stored = Number(browser.localStorage.getItem(REMEMBERED));
            await this.model.start(this.props.action.context?.default_store_id || stored);
            this.listen();
        });
        onMounted(() => {
            this.clockwork = browser.setInterval(() => {
                this.state.now = Date.now();
            }, 30000);
            this.bus.addEventListener("BUS:RECONNECT", this.reload);
        });
        useEffect(
            () => this.measure(),
            () => [this.model.loading, this.ui.isSmall]
        );
        useEffect(
            () => this.scrollToNow(),
            () => [this.model.store?.id, this.model.days, this.model.day?.toMillis()]
        );
        onWillUnmount(() => {
            stop();
            browser.clearInterval(this.clockwork);
            this.bus.removeEventListener("BUS:RECONNECT", this.reload);
            this.bus.unsubscribe(CHANGED, this.onChanged);
            this.forget();
        });
        this.bus.subscribe(CHANGED, this.onChanged);
    }

    // Live

    listen() {
        const channel = this.model.store && `${CHANGED}:${this.model.store.id}`;
        if (channel !== this.channel) {
            this.forget();
            this.channel = channel;
            if (channel) {
                this.bus.addChannel(channel);
            }
        }
    }

    forget() {
        if (this.channel) {
            this.bus.deleteChannel(this.channel);
        }
    }

    onChanged({room_ids}) {
        room_ids.forEach((id) => this.changed.add(id));
        this.refreshSoon();
    }

    async refreshChanged() {
        const ids = [...this.changed];
        this.changed.clear();
        await this.model.refresh(ids);
    }

    reload() {
        return this.model.load();
    }

    // What is to be seen

    get rows() {
        // Read so that a change of any stay looks at the rows anew.
        void this.model.version;
        const rooms = this.model.found;
        const {byRoom, closings} = this.model;
        const {first, last} = visibleRows(this.state.first, this.state.height, rooms.length);
        return rooms.slice(first, last).map((room, index) => ({
            room,
            index: first + index,
            bars: byRoom.get(room.id),
            closings: closings.get(room.id),
        }));
    }

    get seen() {
        return visibleTime(this.state.left, this.state.width, this.model.view);
    }

    get ghost() {
        const {target, bar} = this.drag;
        const room = target && this.model.found[target.row];
        if (!room) {
            return null;
        }
        const box = boxOf(target, this.model.view);
        return (
            box && {
                ...box,
                top: target.row * ROW_HEIGHT,
                bar,
                text: `${room.name} ${this.when(target)}`,
            }
        );
    }

    get width() {
        const {from, to, pxPerMinute} = this.model.view;
        return ((to - from) / 60000) * pxPerMinute;
    }

    get height() {
        return this.model.found.length * ROW_HEIGHT;
    }

    get nowLeft() {
        const {from, to, pxPerMinute} = this.model.view;
        const now = this.state.now;
        return now >= from && now < to ? ((now - from) / 60000) * pxPerMinute : null;
    }

    get rowHeight() {
        return ROW_HEIGHT;
    }

    when(span) {
        return this.model.when(span);
    }

    label(bar) {
        return bar.shadow ? _t("Kept for a change") : bar.guest || _t("Guest");
    }

    get title() {
        const {day, days} = this.model;
        const format = {year: "numeric", month: "short", day: "numeric", weekday: "short"};
        const first = day.toLocaleString(format);
        return days === 1 ? first : `${first} – ${day.plus({days: days - 1}).toLocaleString(format)}`;
    }

    /** Note what is to be seen. Only a stride changes the state, and so draws. */
    measure() {
        const {el} = this.scroll;
        if (el) {
            this.state.first = firstRow(el.scrollTop);
            this.state.left = firstPixel(el.scrollLeft);
            this.state.height = el.clientHeight;
            this.state.width = el.clientWidth;
        }
    }

    scrollToNow() {
        if (this.scroll.el && this.nowLeft !== null) {
            this.scroll.el.scrollLeft = Math.max(0, this.nowLeft - 160);
        }
    }

    // Turning pages

    async openStore(event) {
        const id = Number(event.target.value);
        browser.localStorage.setItem(REMEMBERED, id);
        await this.model.open(id);
        this.listen();
    }

    turn(pages) {
        return this.model.show(this.model.day.plus({days: pages * this.model.days}));
    }

    today() {
        return this.model.show(DateTime.now());
    }

    pickDay(event) {
        if (event.target.value) {
            const zone = this.model.store.tz;
            return this.model.show(DateTime.fromISO(event.target.value, {zone}));
        }
    }

    setDays(days) {
        return this.model.show(this.model.day, days);
    }

    // Working

    onBar(event, bar, room) {
        if (this.drag.moved) {
            return;
        }
        this.popover.open(event.currentTarget, {
            bar,
            room,
            when: this.when(bar),
            stateName: bar.shadow ? _t("Kept for a change") : this.states[bar.state],
            act: (verb, one) => this.act(verb, one),
        });
    }

    onFree(event, room) {
        if (this.drag.moved || event.target !== event.currentTarget) {
            return;
        }
        const step = room.slot_minutes || 30;
        const start = instantAt(event.offsetX, this.model.view, step);
        return this.book(room, start);
    }

    book(room, start) {
        const walkIn = start <= Date.now();
        return this.openDialog("teahouse.booking.counter", _t("Book %s", room.name), {
            default_mode: walkIn ? "walk_in" : "book",
            default_room_id: room.id,
            default_start: write(start),
            teahouse_board: true,
        });
    }

    bookNow(room) {
        return this.book(room, Date.now());
    }

    close(room) {
        return this.openDialog("teahouse.closing", _t("Close %s for some time", room.name), {
            default_store_id: this.model.store.id,
            default_room_id: room.id,
            default_start: write(Math.ceil(Date.now() / 900000) * 900000),
        });
    }

    openDialog(resModel, name, context) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name,
                res_model: resModel,
                views: [[false, "form"]],
                target: "new",
                context,
            },
            {onClose: this.reload}
        );
    }

    act(verb, bar) {
        const ids = [[bar.id]];
        const call = (method, ...args) => this.attempt(bar, method, [...ids, ...args]);
        const ask = (body, then) =>
            this.dialog.add(ConfirmationDialog, {body, confirm: then, cancel: () => {}});
        const verbs = {
            open: () =>
                this.action.doAction({
                    type: "ir.actions.act_window",
                    res_model: "teahouse.booking",
                    res_id: bar.id,
                    views: [[false, "form"]],
                }),
            checkIn: () => call("action_check_in"),
            extend: () => call("action_extend", 30),
            checkOut: () =>
                ask(_t("End this stay now?"), () => call("action_checkout")),
            noShow: () =>
                ask(_t("Did really nobody come?"), () => call("action_mark_no_show")),
            cancel: () =>
                this.openDialog("teahouse.booking.cancel", _t("Cancel"), {
                    default_booking_id: bar.id,
                }),
        };
        return verbs[verb]();
    }

    /** Ask the server; what it refuses is said in its words, and nothing moves. */
    async attempt(bar, method, args) {
        try {
            await this.orm.call("teahouse.booking", method, args);
        } catch (error) {
            const words = error?.data?.message;
            if (!words) {
                throw error;
            }
            this.notification.add(words, {type: "danger"});
        }
        await this.model.refresh(this.model.rooms.map((room) => room.id));
    }

    onDrop(bar, target, mode) {
        const room = mode === "move" ? this.model.found[target.row] : null;
        const roomId = room ? room.id : bar.room_id;
        const body = _t("%(guest)s: %(old)s becomes %(new)s. Guests hear of it.", {
            guest: this.label(bar),
            old: this.when(bar),
            new: `${room ? `${room.name} ` : ""}${this.when(target)}`,
        });
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: mode === "move" ? _t("Move the stay?") : _t("Change its end?"),
                    body,
                    confirmLabel: mode === "move" ? _t("Move") : _t("Change"),
                    confirm: () =>
                        this.attempt(bar, "action_move_to", [
                            [bar.id],
                            roomId,
                            write(target.from),
                            write(target.to),
                        ]),
                    cancel: () => {},
                },
                {onClose: resolve}
            );
        });
    }
}

registry.category("actions").add("teahouse_booking.board", RoomBoard);
