import {Component} from "@odoo/owl";

/** What a click on a stay shows: who, when, and what can be done now. */
export class BoardPopover extends Component {
    static template = "teahouse_booking.BoardPopover";
    static props = {
        bar: Object,
        room: Object,
        when: String,
        stateName: String,
        act: Function,
        close: Function,
    };

    get can() {
        const {state, shadow} = this.props.bar;
        return {
            checkIn: !shadow && state === "confirmed",
            extend: !shadow && ["confirmed", "in_use"].includes(state),
            checkOut: !shadow && state === "in_use",
            noShow: !shadow && state === "confirmed",
            cancel: !shadow && ["hold", "confirmed"].includes(state),
        };
    }

    act(verb) {
        this.props.close();
        this.props.act(verb, this.props.bar);
    }
}
