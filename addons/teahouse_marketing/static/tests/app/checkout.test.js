import { animationFrame, click, Deferred, describe, expect, test } from "@odoo/hoot";
import { Component, reactive, xml } from "@odoo/owl";
import { makeServices, mountPart } from "@teahouse_base/../tests/app/helpers";
import { CheckoutPanel } from "@teahouse_marketing/app/checkout";
import { couponTerms, couponValue } from "@teahouse_marketing/app/coupon_words";
import { PayButtons, usePurchase } from "@teahouse_marketing/app/purchase";

const COUPON = {
    id: 5,
    name: "Ten off",
    kind: "amount",
    value: "10",
    minutes: null,
    currency: "CNY",
    minimum: "60.00",
    cap: null,
    audience: "any",
    days: "",
    stacks: true,
    store_ids: [],
    booking: null,
};

function makeBooking(values) {
    return reactive({
        ref: "ABC",
        state: "hold",
        role: "booker",
        kind: "timed",
        store: { id: 1 },
        coupon_ids: [],
        points: 0,
        payment_methods: ["demo"],
        ...values,
    });
}

function makeShop(more = {}) {
    return makeServices({
        "GET /me/coupons": () => ({ items: [COUPON, { ...COUPON, id: 6, store_ids: [9] }] }),
        "GET /me/membership": () => ({ points: 300 }),
        "GET /me/cards": () => ({ items: [] }),
        "GET /me/balance": () => ({ total: "20.00", currency: "CNY" }),
        "PUT /bookings/ABC/discounts": () => ({}),
        ...more,
    });
}

async function showPanel(booking, services = makeShop()) {
    const reload = async () => expect.step("reload");
    await mountPart(CheckoutPanel, { props: { booking, reload }, services });
    await animationFrame();
    return services;
}

describe("coupons in words", () => {
    test("what they give and under which conditions", () => {
        expect(couponValue(COUPON)).toMatch(/10\.00/);
        expect(couponValue({ kind: "percent", value: "15" })).toMatch(/15%/);
        expect(couponTerms(COUPON)).toHaveLength(1);
        expect(couponTerms({ ...COUPON, cap: "30.00", stacks: false, store_ids: [1] })).toHaveLength(4);
    });
});

describe("checkout", () => {
    test("a tap on a coupon asks the server for the price anew", async () => {
        const services = await showPanel(makeBooking());
        // The coupon of another store is not offered.
        expect("[role=checkbox]").toHaveCount(1);
        expect("[role=checkbox]").toHaveAttribute("aria-checked", "false");
        await click("[role=checkbox]");
        await animationFrame();
        const put = services.calls.find((call) => call.method === "PUT");
        expect(put.body).toEqual({ coupon_ids: [5], points: 0 });
        expect.verifySteps(["reload"]);
    });

    test("a coupon that is taken can be put back", async () => {
        const services = await showPanel(makeBooking({ coupon_ids: [5], points: 100 }));
        expect("[role=checkbox]").toHaveAttribute("aria-checked", "true");
        await click("[role=checkbox]");
        await animationFrame();
        const put = services.calls.find((call) => call.method === "PUT");
        expect(put.body).toEqual({ coupon_ids: [], points: 100 });
        expect.verifySteps(["reload"]);
    });

    test("all points means those left and those already on the stay", async () => {
        const services = await showPanel(makeBooking({ points: 100 }));
        await click("form .th-link");
        await animationFrame();
        const put = services.calls.find((call) => call.method === "PUT");
        expect(put.body).toEqual({ coupon_ids: [], points: 400 });
        expect.verifySteps(["reload"]);
    });

    test("a balance that is not enough leads to a top-up", async () => {
        await showPanel(makeBooking());
        expect("a[href='#/balance']").toHaveCount(1);
    });

    test("guests, and stays that are paid, choose nothing", async () => {
        const services = await showPanel(makeBooking({ role: "guest" }));
        expect("section").toHaveCount(0);
        expect(services.calls).toHaveLength(0);
    });
});

describe("buying", () => {
    test("a double tap pays once; a further try is a new purchase", async () => {
        const keys = [];
        const answer = new Deferred();
        const services = makeServices({
            "POST /me/purchases": (body, key) => {
                keys.push(key);
                return answer;
            },
        });
        class Parent extends Component {
            static components = { PayButtons };
            static template = xml`<PayButtons methods="['demo']" purchase="purchase" onPay="(method) => this.purchase.buy('/me/purchases', { method })"/>`;
            static props = [];
            setup() {
                this.purchase = usePurchase(async () => expect.step("over"));
            }
        }
        await mountPart(Parent, { services });
        await click("button");
        await click("button");
        answer.resolve({ payment: { reference: "T1", state: "done", pay_params: {} } });
        await animationFrame();
        expect(keys).toHaveLength(1);
        expect.verifySteps(["over"]);
        await click("button");
        await animationFrame();
        expect(new Set(keys).size).toBe(2);
        expect.verifySteps(["over"]);
    });
});
