import { Component, onMounted, onPatched, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const EVERY_MS = 1000;

/** Reads the record again while its job runs, so that the progress moves. */
export class JobProgress extends Component {
    static template = "teahouse_marketing.JobProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.timer = null;
        const follow = () => this.follow();
        onMounted(follow);
        onPatched(follow);
        onWillUnmount(() => clearTimeout(this.timer));
    }

    follow() {
        clearTimeout(this.timer);
        if (this.props.record.data.state === "running") {
            this.timer = setTimeout(() => this.refresh(), EVERY_MS);
        }
    }

    async refresh() {
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
        this.follow();
    }
}

registry.category("view_widgets").add("teahouse_job_progress", {
    component: JobProgress,
});
