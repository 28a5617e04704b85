import {Component} from "@odoo/owl";
import {ROW_HEIGHT, boxOf} from "./geometry";
import {matches} from "./board_model";
import {stepOf} from "./walk";

/** Somebody is late who has not come that long after the start. */
const LATE = 15 * 60000;

/** Pixels from which on a stay is wide enough to tell its hours, too. */
const ROOM_FOR_TIME = 66;

/** A room with its stays. A component of its own: Owl leaves unchanged rows alone. */
export class BoardRow extends Component {
    static template = "teahouse_booking.BoardRow";
    static props = {
        room: Object,
        index: Number,
        bars: Array,
        closings: Array,
        from: Number,
        to: Number,
        seenFrom: Number,
        seenTo: Number,
        pxPerMinute: Number,
        search: String,
        now: Number,
        /** Where the keys are, if they are in this room. */
        cursor: [Object, {value: null}],
        handlers: Object,
    };

    get rowHeight() {
        return ROW_HEIGHT;
    }

    get roomForTime() {
        return ROOM_FOR_TIME;
    }

    get bars() {
        return this.props.bars
            .map((bar) => ({bar, box: this.lay(bar)}))
            .filter(({box}) => box);
    }

    get turnovers() {
        return this.props.bars
            .filter((bar) => bar.state !== "no_show")
            .map((bar) => ({id: bar.id, box: this.lay({from: bar.to, to: bar.blockedTo})}))
            .filter(({box}) => box);
    }

    get closings() {
        return this.props.closings
            .map((closing) => ({closing, box: this.lay(closing)}))
            .filter(({box}) => box);
    }

    /** Free time that somebody stands on by keys. */
    get free() {
        const {cursor, room} = this.props;
        if (!cursor || this.props.bars.some((bar) => bar.id === cursor.bar)) {
            return null;
        }
        const from = cursor.at;
        const span = {from, to: from + stepOf(room)};
        return {from, box: this.lay(span), text: this.props.handlers.freeLabel(room, span)};
    }

    isHere(bar) {
        return this.props.cursor?.bar === bar.id;
    }

    /** The box of a span, null where nobody looks. */
    lay(span) {
        const {from, to, seenFrom, seenTo, pxPerMinute} = this.props;
        return span.to > seenFrom && span.from < seenTo
            ? boxOf(span, {from, to, pxPerMinute})
            : null;
    }

    style(box) {
        return `left:${box.left}px;width:${box.width}px`;
    }

    isFound(bar) {
        return matches(bar, this.props.search);
    }

    isLate({state, from, to}) {
        const {now} = this.props;
        return (
            (state === "in_use" && to < now) || (state === "confirmed" && from < now - LATE)
        );
    }
}
