import { Component, onMounted, onWillUnmount, useExternalListener, useRef, xml } from "@odoo/owl";
import { errorWords } from "../core/errors";
import { useApp } from "../core/hooks";
import { slots } from "../core/registries";
import { Icon } from "./icon";

/** Head of a screen: back, title, an action of the screen. */
export class TopBar extends Component {
    static template = "teahouse_base.TopBar";
    static components = { Icon };
    static props = {
        title: String,
        back: { type: Boolean, optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = { back: true };

    setup() {
        this.router = useApp().router;
    }
}

/** Grey shapes while something loads: nothing jumps when it is there. */
export class Skeleton extends Component {
    static template = xml`
        <div class="th-stack" role="status" aria-busy="true">
            <div t-foreach="[...Array(props.rows).keys()]" t-as="row" t-key="row" class="th-skeleton" t-attf-style="height:{{props.height}}px"/>
        </div>`;
    static props = { rows: { type: Number, optional: true }, height: { type: Number, optional: true } };
    static defaultProps = { rows: 3, height: 96 };
}

/** Says what is missing and what to do first. */
export class Empty extends Component {
    static template = "teahouse_base.Empty";
    static components = { Icon };
    static props = {
        icon: { type: String, optional: true },
        title: String,
        text: { type: String, optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = { icon: "leaf" };
}

/** What went wrong, with a way to try again. */
export class Failure extends Component {
    static template = "teahouse_base.Failure";
    static components = { Empty };
    static props = { error: Object, retry: Function };

    get words() {
        return errorWords(this.props.error);
    }
}

/** A place that other addons fill. */
export class Slot extends Component {
    static template = xml`
        <t t-foreach="parts" t-as="part" t-key="part_index">
            <t t-component="part.component" t-props="props.with"/>
        </t>`;
    static props = { name: String, with: { type: Object, optional: true } };
    static defaultProps = { with: {} };

    get parts() {
        return slots.getAll().filter((part) => part.slot === this.props.name);
    }
}

const FOCUSABLE = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled";

/** A panel from below, for one decision. The keyboard stays in it until it closes. */
export class Sheet extends Component {
    static template = "teahouse_base.Sheet";
    static components = { Icon };
    static props = { title: String, onClose: Function, slots: Object };

    setup() {
        this.panel = useRef("panel");
        const before = document.activeElement;
        onMounted(() => this.panel.el.focus());
        onWillUnmount(() => before?.focus?.());
        useExternalListener(window, "keydown", (ev) => this.onKey(ev));
    }

    onKey(ev) {
        if (ev.key === "Escape") {
            this.props.onClose();
        } else if (ev.key === "Tab") {
            ev.preventDefault();
            const stops = [...this.panel.el.querySelectorAll(FOCUSABLE)];
            const here = stops.indexOf(document.activeElement);
            const step = ev.shiftKey ? Math.max(here, 0) - 1 : here + 1;
            stops.at(step % stops.length)?.focus();
        }
    }
}
