import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const ICONS = {
    done: "fa-check-circle text-success",
    missing: "fa-circle-o text-danger",
    advised: "fa-circle-o text-muted",
};

/** From the empty company to the first booking: steps that the addons bring. */
export class TeahouseSetup extends Component {
    static template = "teahouse_base.Setup";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.icons = ICONS;
        this.state = useState({ steps: [], done: 0, ready: false });
        onWillStart(() => this.load());
    }

    get next() {
        return this.state.steps.find((step) => step.state === "missing")?.key;
    }

    get percent() {
        return Math.round((100 * this.state.done) / (this.state.steps.length || 1));
    }

    async load() {
        Object.assign(this.state, await this.orm.call("teahouse.setup", "load", []));
    }

    open(step) {
        return this.action.doAction(step.action, { onClose: () => this.load() });
    }
}

registry.category("actions").add("teahouse_setup", TeahouseSetup);
