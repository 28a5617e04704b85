import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {glance} from "./glance";
import {stepOf} from "./walk";

/** A room on a phone: what is now, what comes next, and what can be done. */
export class BoardCard extends Component {
    static template = "teahouse_booking.BoardCard";
    static props = {
        room: Object,
        bars: Array,
        closings: Array,
        /** Null on a day that is not today: then all stays of it are shown. */
        now: [Number, {value: null}],
        handlers: Object,
    };

    get look() {
        const {room, bars, closings, now} = this.props;
        return now === null ? null : glance(room, bars, closings, now);
    }

    /** What is now, in words. */
    words({kind, stay, until, reason}) {
        const at = until && this.props.handlers.clock(until);
        if (kind === "stay") {
            const values = {guest: this.props.handlers.label(stay), time: at};
            return until < this.props.now
                ? _t("%(guest)s, should have left at %(time)s", values)
                : _t("%(guest)s until %(time)s", values);
        }
        if (kind === "turnover") {
            return _t("Cleaning until %s", at);
        }
        if (kind === "closed") {
            const why = reason || _t("Closed");
            return at ? _t("%(why)s, until %(time)s", {why, time: at}) : why;
        }
        return at ? _t("Free until %s", at) : _t("Free for the rest of the day");
    }

    book(look) {
        const {room, handlers, now} = this.props;
        if (!look) {
            return handlers.book(room, handlers.moment());
        }
        const free = look.kind === "free" ? now : look.stay?.blockedTo || look.until || now;
        // Walk-ins start now, others on the room's grid.
        const step = stepOf(room);
        return handlers.book(room, free > now ? Math.ceil(free / step) * step : now);
    }
}
