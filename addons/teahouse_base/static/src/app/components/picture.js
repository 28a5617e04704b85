import { Component, useState, xml } from "@odoo/owl";
import { useAction, useApp } from "../core/hooks";
import { shrink } from "../core/images";

/** A button that takes a photo, or one from the phone, and uploads it. */
export class PictureButton extends Component {
    static template = xml`
        <label class="th-upload">
            <t t-slot="default"/>
            <input type="file" accept="image/*" t-att-aria-label="props.label" t-att-disabled="action.busy" t-on-change="take"/>
        </label>`;
    static props = { label: String, onUploaded: Function, slots: Object };

    setup() {
        this.api = useApp().api;
        this.action = useAction();
    }

    take(ev) {
        const [file] = ev.target.files;
        ev.target.value = "";
        if (!file) {
            return;
        }
        return this.action.run(async () => {
            const picture = await shrink(file);
            const { id } = await this.api.upload(picture);
            await this.props.onUploaded({ id, picture });
        });
    }
}

/** The member's own picture; only the member may have it, so no address can show it. */
export class Avatar extends Component {
    static template = xml`
        <span class="th-avatar">
            <img t-if="picture.url" t-att-src="picture.url" alt="" width="64" height="64"/>
            <t t-else="" t-esc="initial"/>
        </span>`;
    static props = { member: Object };

    setup() {
        this.api = useApp().api;
        this.picture = useState({ url: null });
        if (this.props.member.has_avatar) {
            this.load();
        }
    }

    get initial() {
        return [...(this.props.member.name || "茶")][0];
    }

    async load() {
        try {
            this.picture.url = URL.createObjectURL(await this.api.file("/me/avatar"));
        } catch {
            // The first letter of the name stands there instead.
        }
    }
}
