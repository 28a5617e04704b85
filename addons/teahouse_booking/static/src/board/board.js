import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {usePopover} from "@web/core/popover/popover_hook";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useActs} from "./board_acts";
import {BoardCard} from "./board_card";
import {useDrag} from "./board_drag";
import {useKeys} from "./board_keys";
import {useLive} from "./board_live";
import {BoardModel} from "./board_model";
import {BoardPopover} from "./board_popover";
import {BoardRow} from "./board_row";
import {
    REACH,
    ROW_HEIGHT,
    boxOf,
    firstPixel,
    firstRow,
    instantAt,
    near,
    visibleRows,
    visibleTime,
} from "./geometry";
import {placeAt} from "./walk";

const {DateTime} = luxon;
const QUARTER = 15 * 60000;
const REMEMBERED = "teahouse_booking.board.store";

/** The room board (房态图): rooms by time, live, to be worked on with the mouse. */
export class RoomBoard extends Component {
    static template = "teahouse_booking.RoomBoard";
    static components = {BoardCard, BoardRow};
    static props = {...standardActionServiceProps};

    setup() {
        this.ui = useState(useService("ui"));
        this.popover = usePopover(BoardPopover, {position: "bottom"});
        this.model = useState(new BoardModel(useService("orm")));
        this.scroll = useRef("scroll");
        this.state = useState({first: 0, left: 0, height: 600, width: 1200, now: Date.now()});
        const reload = () => this.model.load();
        const {live, listen} = useLive({
            changed: (roomIds) => this.model.refresh(roomIds),
            back: reload,
        });
        this.live = live;
        this.listen = () => listen(this.model.store?.id);
        this.acts = useActs(this.model, reload, {
            label: this.label.bind(this),
            when: this.when.bind(this),
        });
        const {drag, start, stop} = useDrag({
            frame: () => ({
                step: 15,
                rows: this.model.found.length,
                view: this.model.view,
            }),
            drop: this.acts.drop,
            scrolled: () => ({
                left: this.scroll.el?.scrollLeft || 0,
                top: this.scroll.el?.scrollTop || 0,
            }),
        });
        this.drag = drag;
        const {keys, onKey, stand} = useKeys({
            model: this.model,
            scroll: this.scroll,
            begin: this.begin.bind(this),
            reveal: this.reveal.bind(this),
            book: this.acts.book,
        });
        this.keys = keys;
        this.onKey = onKey;
        // One object for all rows and all time: a row is drawn anew for its own sake only.
        this.handlers = {
            startDrag: start,
            onBar: this.onBar.bind(this),
            onFree: this.onFree.bind(this),
            stand,
            book: this.acts.book,
            bookNow: this.bookNow.bind(this),
            close: this.close.bind(this),
            clock: (millis) => this.model.clock(millis),
            moment: () => this.moment,
            label: this.label.bind(this),
            when: this.when.bind(this),
            freeLabel: (room, span) =>
                _t("%(room)s, %(when)s: no stay. Enter books.", {
                    room: room.name,
                    when: this.when(span),
                }),
            stateName: (bar) => (bar.shadow ? _t("Kept for a change") : this.states[bar.state]),
        };
        this.states = {
            hold: _t("On hold"),
            confirmed: _t("Confirmed"),
            in_use: _t("In use"),
            completed: _t("Completed"),
            no_show: _t("No-show"),
        };
        onWillStart(async () => {
            const stored = Number(browser.localStorage.getItem(REMEMBERED));
            await this.model.start(this.props.action.context?.default_store_id || stored);
            this.listen();
        });
        onMounted(() => {
            this.clockwork = browser.setInterval(() => {
                this.state.now = Date.now();
            }, 30000);
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
        });
    }

    // What is to be seen

    get rooms() {
        // Read so that a change of any stay looks at the rooms anew.
        void this.model.version;
        const {found, byRoom, closings} = this.model;
        return found.map((room, index) => ({
            room,
            index,
            bars: byRoom.get(room.id),
            closings: closings.get(room.id),
        }));
    }

    get rows() {
        const {rooms} = this;
        const {first, last} = visibleRows(this.state.first, this.state.height, rooms.length);
        return rooms.slice(first, last);
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

    /** The next quarter of an hour; of a day that is not today, the hour one looks at. */
    get moment() {
        const {view} = this.model;
        if (this.nowLeft !== null) {
            return Math.ceil(this.state.now / QUARTER) * QUARTER;
        }
        return instantAt(this.scroll.el?.scrollLeft || 0, view, 60) + 4 * QUARTER;
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

    // By keys

    /** Where somebody who takes the keys stands first: what is seen at the upper left. */
    begin() {
        const {el} = this.scroll;
        const room = this.model.found[Math.ceil(el.scrollTop / ROW_HEIGHT)];
        const at = this.nowLeft === null ? this.moment : this.state.now;
        return room ? placeAt(room, at, (id) => this.model.byRoom.get(id)) : null;
    }

    /** Scroll to where the cursor is. */
    reveal({room, at}) {
        const {el} = this.scroll;
        const row = this.model.found.findIndex((one) => one.id === room);
        const {from, pxPerMinute} = this.model.view;
        const left = ((at - from) / 60000) * pxPerMinute;
        const head = el.querySelector(".th-board__head").offsetHeight;
        const label = el.querySelector(".th-board__corner").offsetWidth;
        el.scrollTop = near(el.scrollTop, row * ROW_HEIGHT, ROW_HEIGHT, el.clientHeight - head);
        el.scrollLeft = near(el.scrollLeft, left, REACH, el.clientWidth - label);
        this.measure();
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
            stateName: this.handlers.stateName(bar),
            act: this.acts.act,
        });
    }

    onFree(event, room) {
        if (this.drag.moved || event.target !== event.currentTarget) {
            return;
        }
        const step = room.slot_minutes || 30;
        const start = instantAt(event.offsetX, this.model.view, step);
        return this.acts.book(room, start);
    }

    close(room) {
        return this.acts.close(room, this.moment);
    }

    bookNow(room) {
        return this.acts.book(room, Date.now());
    }
}

registry.category("actions").add("teahouse_booking.board", RoomBoard);
