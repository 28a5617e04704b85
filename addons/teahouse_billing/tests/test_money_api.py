import uuid
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .money_common import MoneyHttpCommon


@tagged("post_install", "-at_install", "teahouse_money")
class TestMoneyApi(MoneyHttpCommon):
    def post(self, path, body=None, member=None, key=None):
        """POST as a member with an idempotency key of its own, or the one given."""
        return self.api(
            "POST",
            path,
            body if body is not None else {},
            member=member or self.member,
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
        )

    def get(self, path, member=None):
        return self.api("GET", path, member=member or self.member)

    def assert_problem(self, response, status, code):
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.json()["code"], code)

    def test_payment_and_its_state(self):
        booking = self.make_booking(amount=125)

        response = self.post(
            f"/bookings/{booking.ref}/payments",
            {"method": "demo", "scene": "mini_program"},
        )

        self.assertEqual(response.status_code, 200, response.text)
        paid = response.json()
        self.assertEqual((paid["state"], paid["amount"]), ("done", "125.00"))
        self.assertEqual((paid["currency"], paid["pay_params"]), ("CNY", {}))
        for method, path in (
            ("GET", f"/payments/{paid['reference']}"),
            ("POST", f"/payments/{paid['reference']}/refresh"),
        ):
            answer = self.api(method, path, member=self.member)
            self.assertEqual(answer.json()["state"], "done", answer.text)
        booking.invalidate_recordset()
        self.assertEqual(booking.state, "confirmed")
        values = self.get(f"/bookings/{booking.ref}").json()
        self.assertEqual(values["payment_methods"], [])

    def test_booking_shows_its_money(self):
        booking = self.make_booking(amount=76)

        values = self.get(f"/bookings/{booking.ref}").json()

        self.assertEqual(values["amount_total"], "76.00")
        self.assertEqual(values["amount_due"], "76.00")
        self.assertEqual(values["amount_paid"], "0.00")
        self.assertEqual(values["payment_state"], "unpaid")
        self.assertEqual(values["settlement_state"], "open")
        self.assertEqual(values["payment_methods"], ["demo"])
        self.assertEqual([line["amount"] for line in values["lines"]], ["76.00"])

    def test_same_key_pays_once(self):
        booking = self.make_booking()
        path, body = f"/bookings/{booking.ref}/payments", {"method": "demo"}
        key = uuid.uuid4().hex

        first = self.post(path, body, key=key)
        again = self.post(path, body, key=key)

        self.assertEqual(first.json(), again.json())
        self.assertEqual(len(booking.transaction_ids), 1)

    def test_amount_is_not_the_clients(self):
        booking = self.make_booking()

        response = self.post(
            f"/bookings/{booking.ref}/payments", {"method": "demo", "amount": "0.01"}
        )

        self.assert_problem(response, 422, "invalid_request")
        self.assertFalse(booking.transaction_ids)

    def test_refusals(self):
        booking = self.make_booking()
        path = f"/bookings/{booking.ref}/payments"
        for body, status, code in (
            ({"method": "barter"}, 422, "invalid_request"),
            ({}, 422, "invalid_request"),
            ({"method": "wechat"}, 422, "invalid_request"),
            ({"method": "demo", "scene": "moon"}, 422, "invalid_request"),
        ):
            with self.subTest(body=body):
                self.assert_problem(self.post(path, body), status, code)
        with patch.dict(config.options, {"teahouse_allow_demo_payment": ""}):
            self.assert_problem(self.post(path, {"method": "demo"}), 403, "forbidden")
        no_key = self.api("POST", path, {"method": "demo"}, member=self.member)
        self.assert_problem(no_key, 422, "invalid_request")
        self.assert_problem(
            self.api("POST", path, {"method": "demo"}), 401, "unauthenticated"
        )

    def test_what_is_somebody_elses_is_not_found(self):
        booking = self.make_ended()
        reference = booking.transaction_ids.reference
        for method, path, body in (
            ("POST", f"/bookings/{booking.ref}/payments", {"method": "demo"}),
            ("GET", f"/payments/{reference}", None),
            ("POST", f"/payments/{reference}/refresh", None),
            ("GET", f"/bookings/{booking.ref}/bill", None),
            ("GET", f"/bookings/{booking.ref}/bill.pdf", None),
            (
                "POST",
                f"/bookings/{booking.ref}/invoice-request",
                {"title": "Me", "email": "me@example.com"},
            ),
            (
                "POST",
                f"/bookings/{booking.ref}/goods",
                {"lines": [{"id": 1, "quantity": 1}]},
            ),
        ):
            with self.subTest(path=path):
                response = self.api(
                    method,
                    path,
                    body,
                    member=self.member_2,
                    headers={"Idempotency-Key": uuid.uuid4().hex},
                )
                self.assert_problem(response, 404, "not_found")
        self.assert_problem(self.get("/payments/BK0"), 404, "not_found")

    def test_lapsed_hold_and_nothing_due(self):
        booking = self.make_paid()
        response = self.post(f"/bookings/{booking.ref}/payments", {"method": "demo"})
        self.assert_problem(response, 409, "invalid_state")

    def test_bill_agrees_with_everything(self):
        booking = self.make_ended(amount=90.84)

        bill = self.get(f"/bookings/{booking.ref}/bill").json()

        self.assertEqual(bill["amount_total"], "90.84")
        self.assertEqual(bill["amount_paid"], "90.84")
        self.assertEqual(bill["amount_due"], "0.00")
        self.assertEqual(bill["invoice"]["amount"], "90.84")
        self.assertEqual(bill["payments"][0]["amount"], "90.84")
        self.assertEqual(bill["settlement_state"], "settled")

    def test_bill_as_pdf(self):
        booking = self.make_ended()
        with patch.object(
            self.registry["ir.actions.report"],
            "_render_qweb_pdf",
            lambda *_args, **_kw: (b"%PDF-1.4 test", "pdf"),
        ):
            response = self.get(f"/bookings/{booking.ref}/bill.pdf")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertTrue(response.content.startswith(b"%PDF"))

    def test_my_bills_by_pages_and_period(self):
        for days in range(3):
            start = fields.Datetime.add(self.start, days=days)
            self.make_paid(amount=10 + days, start=start)
        self.make_paid(amount=99, member=self.member_2, room=self.room_2)

        first = self.get("/me/bills?limit=2").json()
        rest = self.get(f"/me/bills?limit=2&cursor={first['next_cursor']}").json()

        totals = [bill["amount_total"] for bill in first["items"] + rest["items"]]
        self.assertEqual(totals, ["12.00", "11.00", "10.00"])
        self.assertIsNone(rest["next_cursor"])
        until = fields.Datetime.add(self.start, hours=1).isoformat() + "Z"
        found = self.get(f"/me/bills?to={until}").json()["items"]
        self.assertEqual([bill["amount_total"] for bill in found], ["10.00"])
        self.assert_problem(self.get("/me/bills?cursor=x"), 422, "invalid_request")

    def test_cancellation_shows_and_gives_the_money(self):
        booking = self.make_paid(amount=125)

        preview = self.get(f"/bookings/{booking.ref}/cancellation").json()
        answer = self.post(f"/bookings/{booking.ref}/cancel").json()

        self.assertEqual((preview["refund"], preview["fee"]), ("125.00", "0.00"))
        self.assertEqual(answer["state"], "cancelled")
        self.assertEqual(answer["payment_state"], "refunded")
        self.assertEqual(answer["amount_refunded"], "125.00")

    def test_tax_invoice_request(self):
        booking = self.make_ended()
        path = f"/bookings/{booking.ref}/invoice-request"
        body = {"title": "杭州清茶有限公司", "email": "books@example.com"}

        made = self.post(path, {**body, "tax_number": "91330100MA27X0000X"})
        again = self.post(path, {**body, "title": "Lu"})
        bad = self.post(path, {**body, "email": "nobody"})

        self.assertEqual(made.status_code, 201, made.text)
        self.assertEqual(made.json()["amount"], "76.00")
        self.assertEqual(again.json()["id"], made.json()["id"])
        self.assertEqual(again.json()["title"], "Lu")
        self.assert_problem(bad, 422, "invalid_request")
        self.env["teahouse.invoice.request"].browse(made.json()["id"]).action_issued()
        self.assert_problem(self.post(path, body), 409, "invalid_state")

    def test_goods_to_the_room(self):
        tea, elsewhere = self.env["product.product"].create(
            [
                {"name": "Longjing", "lst_price": 38.5, "teahouse_goods": True},
                {
                    "name": "Oolong",
                    "lst_price": 48,
                    "teahouse_goods": True,
                    "teahouse_store_ids": self.other_store.ids,
                },
            ]
        )
        listed = self.api("GET", f"/goods?store_id={self.store.id}").json()["items"]
        self.assertIn((tea.id, "38.50"), [(g["id"], g["price"]) for g in listed])
        self.assertNotIn(elsewhere.id, [g["id"] for g in listed])
        booking = self.make_paid(amount=76)
        path = f"/bookings/{booking.ref}/goods"

        bill = self.post(path, {"lines": [{"id": tea.id, "quantity": 2}]}).json()
        refused = self.post(path, {"lines": [{"id": elsewhere.id, "quantity": 1}]})

        self.assertEqual(bill["amount_due"], "77.00")
        self.assertEqual(bill["amount_total"], "153.00")
        self.assert_problem(refused, 422, "invalid_request")
        waiting = self.make_booking(room=self.room_2)
        refused = self.post(
            f"/bookings/{waiting.ref}/goods", {"lines": [{"id": tea.id, "quantity": 1}]}
        )
        self.assert_problem(refused, 409, "invalid_state")

    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_failed_payment_is_told_and_can_be_repeated(self):
        booking = self.make_booking()
        path, body = f"/bookings/{booking.ref}/payments", {"method": "demo"}
        transactions = self.registry["payment.transaction"]

        def fails(tx, scene=None, payer=None):
            tx._set_error("no money")
            return {}

        with patch.object(transactions, "_start", fails):
            failed = self.post(path, body)
        repeated = self.post(path, body)

        self.assertEqual(failed.json()["state"], "failed")
        self.assertEqual(repeated.json()["state"], "done")
        self.assertNotEqual(failed.json()["reference"], repeated.json()["reference"])
