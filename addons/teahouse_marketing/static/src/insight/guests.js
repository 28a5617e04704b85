import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { periods } from "./insight";

/** Guests: how many are active, who comes again, what kinds of them there are. */
export class TeahouseInsightGuests extends Component {
    static template = "teahouse_marketing.InsightGuests";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null });
        this.canvas = useRef("chart");
        this.months = [...Array(12).keys()];
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load(null, 90)]));
        useEffect(
            () => this.draw(),
            () => [this.state.data]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get periods() {
        return periods();
    }

    async load(storeId, days) {
        const turn = (this.turn = (this.turn || 0) + 1);
        const data = await this.orm.call("teahouse.insight", "load_guests", [storeId, days]);
        if (turn === this.turn) {
            this.state.data = data;
        }
    }

    draw() {
        this.chart?.destroy();
        const { active } = this.state.data;
        const line = (key, label, color) => ({
            label,
            data: active.map((point) => point[key]),
            borderColor: color,
            backgroundColor: color,
            pointRadius: 0,
        });
        this.chart = new window.Chart(this.canvas.el, {
            type: "line",
            data: {
                labels: active.map((point) => point.day.slice(5)),
                datasets: [
                    line("of_month", _t("In 30 days"), "#0f766e"),
                    line("of_week", _t("In 7 days"), "#5eaaa8"),
                    line("of_day", _t("On the day"), "#b45309"),
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: { y: { beginAtZero: true, ticks: { precision: 0 } } },
            },
        });
    }

    money(value) {
        return formatCurrency(value, this.state.data.currency);
    }

    shade(share) {
        return `background-color: rgba(15, 118, 110, ${Math.min(share, 100) / 100})`;
    }

    chooseStore(ev) {
        return this.load(Number(ev.target.value) || null, this.state.data.days);
    }

    choosePeriod(ev) {
        return this.load(this.state.data.store_id, Number(ev.target.value));
    }

    open(name) {
        return this.action.doAction(`teahouse_marketing.${name}`);
    }

    openKind(kind) {
        return this.action.doAction("teahouse_marketing.teahouse_insight_member_action", {
            additionalContext: { [`search_default_${kind}`]: 1 },
        });
    }

    async makeSegment(kind) {
        const call = ["teahouse.insight.member", "action_make_segment", [kind]];
        return this.action.doAction(await this.orm.call(...call));
    }
}

registry.category("actions").add("teahouse_insight_guests", TeahouseInsightGuests);
