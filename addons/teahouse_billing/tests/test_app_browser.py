"""The app's money on a phone: the price follows the finger, and what payments do."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.teahouse_base.tests.app_steps import AppBrowser

from .money_common import MoneyCommon

STEPS = """
    // Where the app runs decides how it is paid.
    const { payPage, sceneOf, usable } = of("teahouse_billing/app/pay_ways");
    const [wechat, phone, desk] = ["MicroMessenger Mobile", "Mobile", "X11"];
    assert(sceneOf("wechat", wechat) === "jsapi", "WeChat Pay in WeChat");
    assert(sceneOf("wechat", phone) === "h5", "in a phone's browser");
    assert(sceneOf("alipay", desk) === "native", "at a desk");
    assert(!usable("alipay", "wechat") && usable("demo", "wechat"), "not the other's");
    const h5 = "https://wx.tenpay.com/pay?id=1";
    const page = payPage({ h5_url: h5 }, "https://a.test/#/b");
    assert(page === `${h5}&redirect_url=https%3A%2F%2Fa.test%2F%23%2Fb`, page);
    assert(payPage({ page_url: "https://x.test" }) === "https://x.test", "a page");

    await signIn("PHONE");
    const { token } = JSON.parse(localStorage.getItem("teahouse.session"));
    const payments = "/teahouse/api/v1/payments";
    const comesIn = (reference) => fetch(`${payments}/${reference}/refresh`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Idempotency-Key": reference },
    });
    const started = [];
    const send = window.fetch;
    window.fetch = async (url, options) => {
        const answer = await send(url, options);
        if (String(url).endsWith("/payments")) {
            started.push((await answer.clone().json()).reference);
        }
        return answer;
    };

    // The price follows the finger.
    const slot = (time) => [...document.querySelectorAll(".th-timeline__slot")].find(
        (one) => one.textContent.trim() === time);
    const price = (words) => until(words, () =>
        document.querySelector(".th-dock")?.innerText.includes(words));
    location.hash = "#/rooms/ROOM";
    await find(".th-timeline");
    await pickDay(3);
    await until("10:00", () => slot("10:00")?.className.includes("--free"));
    slot("10:00").click();
    await price("¥80.00");
    slot("13:00").click();
    await price("¥120.00");

    // At a desk: a code for the phone, closed when the money is there.
    await go("/bookings/DESK", "To pay");
    await sees("The room is kept for you until");
    await tap("WeChat Pay");
    await sees("Scan with WeChat");
    assert(document.querySelector(".th-qr").src.startsWith("data:image/png"), "a code");
    await tap("Choose another way");
    await tap("WeChat Pay");
    await sees("Scan with WeChat");
    await comesIn(started.at(-1));
    await sees("Paid. Thank you!");
    await sees("Booked");

    // In WeChat: its dialog, given up once, then paid.
    const agent = "MicroMessenger Mobile";
    Object.defineProperty(navigator, "userAgent", { get: () => agent });
    const answers = ["get_brand_wcpay_request:cancel", "get_brand_wcpay_request:ok"];
    const shown = [];
    window.WeixinJSBridge = {
        invoke(name, params, done) {
            shown.push(`${name} ${params.package}`);
            done({ err_msg: answers.shift() });
        },
    };
    await go("/bookings/DIALOG", "To pay");
    assert(!document.body.innerText.includes("Alipay"), "not in WeChat");
    await tap("WeChat Pay");
    await sees("Nothing was taken");
    await tap("WeChat Pay");
    await sees("Booked");
    assert(shown.length === 2, shown.join());
    assert(shown[0] === "getBrandWCPayRequest prepay_id=1", shown[0]);

    // Back from a provider's page: what was left there is asked about.
    const left = { booking: "LEFT", reference: "REFERENCE" };
    sessionStorage.setItem("teahouse.payment", JSON.stringify(left));
    location.hash = "#/bookings/LEFT";
    await until("asking once", () => !sessionStorage.getItem("teahouse.payment"));
    await sees("Paid. Thank you!");
    await until("no way to pay", () => !document.body.innerText.includes("To pay"));

    // Bills, and an invoice.
    await go("/me", "Bills and invoices");
    await go("/bills", "Not closed yet");
    await go("/bookings/ENDED", "Ask for an invoice");
    await tap("Ask for an invoice");
    await fill("#th-invoice-title", "Lu Yu Ltd");
    await fill("#th-invoice-email", "lu@example.test");
    document.querySelector("#th-invoice-email").form.requestSubmit();
    await sees("Asked for: it comes to your mailbox.");
"""

DIALOG = {"appId": "wx", "package": "prepay_id=1", "paySign": "s"}


@tagged("post_install", "-at_install", "teahouse_money")
class TestAppBrowser(AppBrowser, MoneyCommon, HttpCase):
    """The demonstration's provider stands in for WeChat Pay, as one outside."""

    def setUp(self):
        super().setUp()
        transactions = self.registry["payment.transaction"]

        def params(tx, _values):
            native = tx.env.context["payment_scene"] == "native"
            return {"pay_params": {"code_url": "weixin://1"} if native else DIALOG}

        def refresh(tx):
            self.report(tx)
            tx._post_process()

        methods = {
            (transactions, "_is_local"): lambda tx: False,
            (transactions, "_is_instant"): lambda tx: False,
            (transactions, "_get_specific_processing_values"): params,
            (transactions, "_refresh"): refresh,
            (transactions, "_demo_sync"): lambda tx: None,
            (transactions, "_demo_close"): lambda tx: tx._set_canceled(),
            (self.registry["teahouse.booking"], "_api_payment_methods"): (
                lambda booking: {"wechat": "demo", "alipay": "demo"}
            ),
        }
        for (model, name), method in methods.items():
            self.startPatcher(patch.object(model, name, method, create=True))

    def test_a_guest_pays_in_many_ways(self):
        self.env["teahouse.tariff"].search([]).active = False
        self.env["teahouse.tariff"].create(
            {
                "name": "Hours",
                "kind": "hourly",
                "band_ids": [
                    fields.Command.create(
                        {"time_from": 0, "time_to": 24, "price_hour": 40}
                    )
                ],
            }
        )
        desk, dialog, left, ended = (
            self.make_booking(start=self.start + timedelta(days=days))
            for days in (1, 2, 3, 4)
        )
        tx = left._create_transaction(left._provider("wechat"), "wechat")
        attempt = ended._create_transaction(ended._provider("wechat"), "wechat")
        self.report(attempt)
        attempt._post_process()
        self.end_use(ended)
        names = {
            "PHONE": self.make_phone(self.member),
            "ROOM": str(self.room_2.id),
            "DESK": desk.ref,
            "DIALOG": dialog.ref,
            "LEFT": left.ref,
            "REFERENCE": tx.reference,
            "ENDED": ended.ref,
        }
        steps = STEPS
        for name, value in names.items():
            steps = steps.replace(name, value)
        self.play(steps)
        self.env.invalidate_all()
        paid = desk | dialog | left
        self.assertEqual(set(paid.mapped("state")), {"confirmed"})
        self.assertEqual(set(paid.mapped("amount_due")), {0})
        back = f"/teahouse/app/bookings/{desk.ref}"
        self.assertEqual(set(desk.transaction_ids.mapped("landing_route")), {back})
        asked = self.env["teahouse.invoice.request"].search(
            [("booking_id", "=", ended.id)]
        )
        self.assertEqual(asked.title, "Lu Yu Ltd")
