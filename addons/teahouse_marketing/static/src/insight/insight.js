import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** Return the periods that figures are shown for. */
export function periods() {
    return [
        { days: 7, name: _t("7 days") },
        { days: 28, name: _t("28 days") },
        { days: 90, name: _t("90 days") },
        { days: 365, name: _t("A year") },
    ];
}

/** The owner's dashboard: sums by hour, compared with as many days before. */
export class TeahouseInsight extends Component {
    static template = "teahouse_marketing.Insight";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null });
        this.canvas = useRef("chart");
        this.hours = [...Array(24).keys()];
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load(null, 28)]));
        useEffect(
            () => this.draw(),
            () => [this.state.data]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get periods() {
        return periods();
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

    get cards() {
        const { now, before } = this.state.data;
        const plain = (digits) => (value) => value.toFixed(digits);
        const hours = (value) => this.spell(value);
        const percent = (value) => `${value.toFixed(1)} %`;
        const money = (value) => this.money(value);
        return [
            ["revenue", _t("Revenue"), money],
            ["orders", _t("Stays"), plain(0)],
            ["occupancy", _t("Occupancy"), percent],
            ["average_stay", _t("Average stay"), hours],
            ["per_hour", _t("Revenue per available room hour"), money],
            ["turnover", _t("Stays per room and day"), plain(2)],
            ["cancelled", _t("Cancellations"), plain(0)],
            ["no_shows", _t("No-shows"), plain(0)],
        ].map(([key, title, format]) => ({
            key,
            title,
            value: format(now[key]),
            before: format(before[key]),
            better: (now[key] - before[key]) * (["cancelled", "no_shows"].includes(key) ? -1 : 1),
        }));
    }

    get memberCards() {
        const found = this.state.data.members;
        return [
            { key: "month", title: _t("Active in 30 days"), value: found.month },
            { key: "week", title: _t("Active in 7 days"), value: found.week },
            { key: "day", title: _t("Active since yesterday"), value: found.day },
            { key: "returned", title: _t("Came more than once"), value: found.returned },
            { key: "asleep", title: _t("Not seen for 90 days"), value: found.asleep },
            { key: "value", title: _t("Average lifetime value"), value: this.money(found.value) },
        ];
    }

    /** Each stage with its share of the first one, and of the one before. */
    get stages() {
        const names = {
            seen: _t("Saw the store"),
            quoted: _t("Asked for a price"),
            held: _t("Booked"),
            paid: _t("Paid"),
            came: _t("Came"),
            returned: _t("Came again"),
        };
        const found = this.state.data.funnel;
        const widest = Math.max(...found.map((stage) => stage.people), 1);
        return found.map(({ stage, people }, place) => {
            const before = found[place - 1]?.people;
            return {
                key: stage,
                name: names[stage],
                people,
                width: (100 * people) / widest,
                share: before ? `${Math.round((100 * people) / before)} %` : "",
            };
        });
    }

    money(value) {
        return formatCurrency(value, this.state.data.currency);
    }

    /** Hours in words. */
    spell(hours) {
        return _t("%s h", hours.toFixed(1));
    }

    shade(share) {
        return `background-color: rgba(15, 118, 110, ${Math.min(share, 100) / 100})`;
    }

    async load(storeId, days) {
        const turn = (this.turn = (this.turn || 0) + 1);
        const data = await this.orm.call("teahouse.insight", "load", [storeId, days]);
        if (turn === this.turn) {
            this.state.data = data;
        }
    }

    draw() {
        this.chart?.destroy();
        const { series } = this.state.data;
        this.chart = new window.Chart(this.canvas.el, {
            data: {
                labels: series.map((point) => point.day.slice(5)),
                datasets: [
                    {
                        type: "line",
                        label: _t("Revenue"),
                        data: series.map((point) => point.revenue),
                        borderColor: "#b45309",
                        backgroundColor: "#b45309",
                        pointRadius: 0,
                        yAxisID: "money",
                    },
                    {
                        type: "bar",
                        label: _t("Stays"),
                        data: series.map((point) => point.orders),
                        backgroundColor: "#5eaaa8",
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: {
                    y: { beginAtZero: true, ticks: { precision: 0 } },
                    money: { position: "right", beginAtZero: true, grid: { display: false } },
                },
            },
        });
    }

    whole(share) {
        return Math.round(share) || "";
    }

    chooseStore(ev) {
        return this.load(Number(ev.target.value) || null, this.state.data.days);
    }

    choosePeriod(ev) {
        return this.load(this.state.data.store_id, Number(ev.target.value));
    }

    async follow(advice) {
        const action = await this.orm.call("teahouse.insight.advice", "action_act", [advice.id]);
        return this.action.doAction(action);
    }

    async putAside(advice) {
        await this.orm.call("teahouse.insight.advice", "action_put_aside", [advice.id]);
        return this.load(this.state.data.store_id, this.state.data.days);
    }

    /** The figures on the screen as a workbook. */
    download() {
        const { store_id: store, days } = this.state.data;
        const companies = user.activeCompanies.map((company) => company.id).join(",");
        const query = new URLSearchParams({ days, store_id: store || 0, companies });
        return this.action.doAction({
            type: "ir.actions.act_url",
            url: `/teahouse_marketing/insight/xlsx?${query}`,
            target: "download",
        });
    }

    openFunnel() {
        return this.action.doAction("teahouse_marketing.teahouse_insight_funnel_action");
    }

    openTable() {
        return this.action.doAction("teahouse_marketing.teahouse_insight_hour_action");
    }
}

registry.category("actions").add("teahouse_insight", TeahouseInsight);
