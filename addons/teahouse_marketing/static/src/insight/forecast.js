import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** What a store can expect, with interval, beside how well it was foretold before. */
export class TeahouseInsightForecast extends Component {
    static template = "teahouse_marketing.InsightForecast";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null });
        this.canvas = useRef("chart");
        this.hours = [...Array(24).keys()];
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load(null)]));
        useEffect(
            () => this.draw(),
            () => [this.state.data]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    async load(storeId) {
        const turn = (this.turn = (this.turn || 0) + 1);
        const data = await this.orm.call("teahouse.insight", "load_forecast", [storeId]);
        if (turn === this.turn) {
            this.state.data = data;
        }
    }

    draw() {
        this.chart?.destroy();
        const { past, coming } = this.state.data;
        if (!this.canvas.el) {
            return;
        }
        const gap = past.map(() => null);
        const edge = (key, label, more) => ({
            label,
            data: [...gap, ...coming.map((point) => point[key])],
            borderColor: "transparent",
            backgroundColor: "rgba(180, 83, 9, 0.2)",
            pointRadius: 0,
            ...more,
        });
        this.chart = new window.Chart(this.canvas.el, {
            type: "line",
            data: {
                labels: [...past, ...coming].map((point) => point.day.slice(5)),
                datasets: [
                    {
                        label: _t("Stays"),
                        data: past.map((point) => point.orders),
                        borderColor: "#5eaaa8",
                        backgroundColor: "#5eaaa8",
                        pointRadius: 0,
                    },
                    edge("expected", _t("Expected"), {
                        borderColor: "#b45309",
                        backgroundColor: "#b45309",
                    }),
                    edge("low", _t("At least"), { fill: false }),
                    edge("high", _t("At most"), { fill: "-1" }),
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: { y: { beginAtZero: true, ticks: { precision: 0 } } },
            },
        });
    }

    get busiest() {
        const all = this.state.data.hours.flatMap((day) => day.hours);
        return Math.max(...all.map((hour) => hour.expected), 0.1);
    }

    get weekdays() {
        return [
            _t("Mon"),
            _t("Tue"),
            _t("Wed"),
            _t("Thu"),
            _t("Fri"),
            _t("Sat"),
            _t("Sun"),
        ];
    }

    shade(hour) {
        return `background-color: rgba(180, 83, 9, ${(0.9 * hour.expected) / this.busiest})`;
    }

    /** Say in words how far the forecast can be trusted. */
    words(tried) {
        if (!tried.tested) {
            return _t("Too few days are known to try it on the past.");
        }
        const percent = (share) => Math.round(100 * share);
        const figures = {
            model: percent(tried.model),
            naive: percent(tried.naive),
            coverage: percent(tried.coverage),
        };
        if (tried.method === "naive") {
            return _t(
                "What the seasonal model missed over the past four weeks adds up to %(model)s % of the stays, for the week before only to %(naive)s %: the model did worse, so the week before is shown. %(coverage)s % of the outcomes lay in the interval, which is made for 80 %.",
                figures
            );
        }
        return _t(
            "What the seasonal model missed over the past four weeks adds up to %(model)s % of the stays; for the week before it would be %(naive)s %. %(coverage)s % of the outcomes lay in the interval, which is made for 80 %.",
            figures
        );
    }

    interval(hour) {
        return `${hour.low.toFixed(1)} - ${hour.high.toFixed(1)}`;
    }

    chooseStore(ev) {
        return this.load(Number(ev.target.value));
    }

    open(name) {
        return this.action.doAction(`teahouse_marketing.${name}`);
    }
}

registry.category("actions").add("teahouse_insight_forecast", TeahouseInsightForecast);
