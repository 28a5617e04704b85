"""The dashboard as an owner opens it on a phone."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.teahouse_base.tests.common import PASSWORD

from .common import MarketingCommon

CODE = """(async () => {
    const until = async (what, found) => {
        for (let turn = 0; turn < 300; turn++) {
            if (found()) {
                return found();
            }
            await new Promise((done) => setTimeout(done, 100));
        }
        throw new Error(`never seen: ${what}`);
    };
    const one = (selector) => document.querySelector(selector);
    await until("figures", () => one("[data-figure=revenue]"));
    const chart = await until("chart", () => one(".o_teahouse_insight canvas"));
    await until("drawing", () => window.Chart.getChart(chart));
    if (document.querySelectorAll(".o_teahouse_heat td").length !== 7 * 24) {
        throw new Error("not a week of hours");
    }
    if (one(".o_teahouse_insight").scrollWidth > window.innerWidth) {
        throw new Error("wider than the phone");
    }
    const period = one("select[data-choice=period]");
    period.value = "7";
    period.dispatchEvent(new Event("change"));
    await until("a week", () => window.Chart.getChart(chart)?.data.labels.length === 7);
    const query = "days=7&store_id=0&companies=";
    const book = await fetch(`/teahouse_marketing/insight/xlsx?${query}`);
    if (!book.ok || !book.headers.get("Content-Type").includes("spreadsheet")) {
        throw new Error("no workbook");
    }
    const aside = await until("advice", () => one("[data-advice=price] .btn-light"));
    aside.click();
    await until("decided", () => !one("[data-advice]"));
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    for (const [screen, drawn] of [
        ["guests", "[data-kind=best] .btn-secondary"],
        ["forecast", "[data-tried=hours]"],
    ]) {
        await action.doAction(`teahouse_marketing.teahouse_insight_${screen}_action`);
        await until(screen, () => one(drawn) && window.Chart.getChart(one("canvas")));
        if (one(".o_teahouse_insight").scrollWidth > window.innerWidth) {
            throw new Error(`${screen}: wider than the phone`);
        }
    }
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestInsightBrowser(MarketingCommon, HttpCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_an_owner_looks_at_another_period(self):
        self.user_owner.password = PASSWORD
        # Nobody else's stores: the one that is looked at has to have a forecast.
        mine = {"store_id": self.store.id}
        self.store.sequence = -1
        self.env["teahouse.insight.advice"].search([]).unlink()
        self.env["teahouse.insight.advice"].create({**mine, "kind": "price"})
        today = self.store._local(fields.Datetime.now()).date()
        # Midnight may pass while the browser starts.
        for day in (today, today + timedelta(days=1)):
            told = {**mine, "local_day": day, "expected": 3, "method": "model"}
            self.env["teahouse.forecast"].create(told)
        self.env["teahouse.forecast.hour"].create(
            [
                {**mine, "local_day": day, "local_hour": hour, "method": "naive"}
                for day in (today, today + timedelta(days=1))
                for hour in range(24)
            ]
        )
        self.browser_js(
            "/odoo/teahouse-insight",
            CODE,
            "odoo.isReady === true",
            login=self.user_owner.login,
            timeout=90,
        )
