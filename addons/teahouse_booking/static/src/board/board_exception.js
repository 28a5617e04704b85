import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {useAutofocus} from "@web/core/utils/hooks";

/** Asks a manager why a rule of the room shall not count this time. */
export class BoardException extends Component {
    static template = "teahouse_booking.BoardException";
    static components = {Dialog};
    static props = {
        refusal: String,
        plan: String,
        confirm: Function,
        close: Function,
    };

    setup() {
        this.state = useState({reason: "", busy: false});
        useAutofocus({refName: "reason"});
    }

    get reason() {
        return this.state.reason.trim();
    }

    async confirm() {
        if (!this.reason || this.state.busy) {
            return;
        }
        this.state.busy = true;
        await this.props.confirm(this.reason);
        this.props.close();
    }

    onKey(event) {
        if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            return this.confirm();
        }
    }
}
