import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";
import { shrink } from "./photo";

/** What is broken, how bad it is, and photos of it. */
export class DamageDialog extends Component {
    static template = "teahouse_booking.DamageDialog";
    static components = { Dialog };
    static props = { room: String, send: Function, close: Function };

    setup() {
        useAutofocus({ refName: "name", mobile: true });
        this.state = useState({
            name: "",
            description: "",
            severity: "0",
            photos: [],
            busy: false,
        });
    }

    get title() {
        return _t("Damage in %s", this.props.room);
    }

    get severities() {
        return [
            ["0", _t("Small")],
            ["1", _t("Disturbs guests")],
            ["2", _t("Room cannot be used")],
        ];
    }

    async takePhotos(ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        this.state.busy = true;
        try {
            for (const file of files) {
                this.state.photos.push(await shrink(file));
            }
        } finally {
            this.state.busy = false;
        }
    }

    drop(index) {
        this.state.photos.splice(index, 1);
    }

    async send() {
        const { name, description, severity, photos } = this.state;
        this.state.busy = true;
        try {
            await this.props.send({ name, description, severity, photos: [...photos] });
            this.props.close();
        } finally {
            this.state.busy = false;
        }
    }
}
