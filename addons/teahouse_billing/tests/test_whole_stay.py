import uuid
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .money_common import MoneyHttpCommon

# Saturday, 10:00 in Shanghai; stays in these tests are on Sunday.
NOW = datetime(2026, 12, 5, 2, 0)
DAY = "2026-12-06"


@tagged("post_install", "-at_install", "teahouse_money")
class TestWholeStay(MoneyHttpCommon):
    """Stays over HTTP at tariff T of the domain rules: every amount agrees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.teahouse_accounting_ready = False
        cls.tariff = cls.env["teahouse.tariff"].create(
            {
                "name": "T",
                "kind": "hourly",
                "store_ids": [Command.set(cls.store.ids)],
                "step_minutes": 30,
                "min_minutes": 60,
                "band_ids": [
                    Command.create(
                        {"time_from": start, "time_to": end, "price_hour": price}
                    )
                    for start, end, price in ((8, 18, 38), (18, 24, 58), (0, 8, 28))
                ],
            }
        )

    def setUp(self):
        super().setUp()
        self.freezer = freeze_time(NOW)
        self.clock = self.freezer.start()
        self.addCleanup(self.freezer.stop)
        self.token = self.make_token(self.member)

    def at(self, clock):
        """Go on to a clock time of the store on the day of the stay."""
        local = datetime.fromisoformat(f"{DAY}T{clock}")
        self.clock.move_to(local - timedelta(hours=8))

    def call(self, method, path, body=None, status=None):
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        if method == "POST" and body is None:
            body = {}
        response = self.api(method, path, body, token=self.token, headers=headers)
        if status:
            self.assertEqual(response.status_code, status, response.text)
        return response.json()

    def quote(self, start, end, room=None):
        body = {
            "room_id": (room or self.room).id,
            "start": f"{DAY}T{start}:00+08:00",
            "end": f"{DAY}T{end}:00+08:00",
        }
        return body, self.call("POST", "/quotes", body, 200)["offers"][0]

    def book(self, start, end):
        """Quote and book; return the offer and the booking."""
        body, offer = self.quote(start, end)
        body.update(people=2, offer=offer["key"])
        return offer, self.call("POST", "/bookings", body, 201)

    def pay(self, ref):
        body = {"method": "demo", "scene": "mini_program"}
        return self.call("POST", f"/bookings/{ref}/payments", body, 200)

    def record(self, values):
        booking = self.env["teahouse.booking"].search([("ref", "=", values["ref"])])
        booking.invalidate_recordset()
        return booking

    def check_in(self, values, clock):
        self.at(clock)
        self.record(values)._check_in("door")

    def assert_settled(self, values, total):
        """Booking, payments, invoice, bill and account agree to the cent."""
        bill = self.call("GET", f"/bookings/{values['ref']}/bill", status=200)
        booking = self.record(values)
        self.assertEqual(bill["amount_total"], total)
        self.assertEqual(bill["amount_paid"], total)
        self.assertEqual(bill["amount_due"], "0.00")
        self.assertEqual(bill["invoice"]["amount"], total)
        self.assertEqual(f"{sum(float(x['amount']) for x in bill['lines']):.2f}", total)
        moved = sum(float(entry["amount"]) for entry in bill["payments"])
        self.assertEqual(f"{moved:.2f}", total)
        self.assertEqual(f"{booking.invoice_ids.amount_total:.2f}", total)
        self.assertEqual(booking.invoice_ids.state, "posted")
        self.assertEqual(self.receivable(booking), 0)
        self.assertEqual(booking._money_differences(), [])
        return bill

    def test_stay_from_quote_to_bill(self):
        offer, held = self.book("17:00", "19:30")
        self.assertEqual(offer["total"], "125.00")
        self.assertEqual((held["state"], held["amount_due"]), ("hold", "125.00"))

        paid = self.pay(held["ref"])
        self.assertEqual((paid["state"], paid["amount"]), ("done", "125.00"))
        live = self.call("GET", f"/bookings/{held['ref']}")
        self.assertEqual((live["state"], live["amount_paid"]), ("confirmed", "125.00"))

        self.check_in(held, "16:55")
        self.at("19:20")
        left = self.call("POST", f"/bookings/{held['ref']}/checkout", status=200)

        self.assertEqual(
            (left["state"], left["settlement_state"]), ("completed", "settled")
        )
        bill = self.assert_settled(held, "125.00")
        self.assertEqual(bill["payments"][0]["reference"], paid["reference"])

    def test_stay_that_is_extended(self):
        _offer, held = self.book("14:00", "16:00")
        self.pay(held["ref"])
        self.check_in(held, "14:00")
        self.at("15:30")

        body = {"end": f"{DAY}T16:30:00+08:00"}
        asked = self.call("POST", f"/bookings/{held['ref']}/extensions", body)
        self.assertEqual(asked["pending_change"]["amount"], "19.00")
        self.assertEqual(asked["amount_due"], "19.00")
        self.assertTrue(asked["end"].startswith(f"{DAY}T16:00"))
        self.assertEqual(self.pay(held["ref"])["amount"], "19.00")
        longer = self.call("GET", f"/bookings/{held['ref']}")
        self.assertTrue(longer["end"].startswith(f"{DAY}T16:30"))
        self.assertEqual(
            (longer["amount_due"], longer["amount_total"]), ("0.00", "95.00")
        )

        self.at("16:30")
        self.call("POST", f"/bookings/{held['ref']}/checkout", status=200)
        self.assert_settled(held, "95.00")

    def test_price_is_not_the_clients(self):
        body, offer = self.quote("14:00", "16:00")
        for change in ({"amount": "1.00"}, {"offer": offer["key"][:-4] + "AAAA"}):
            response = self.api(
                "POST",
                "/bookings",
                {**body, "people": 2, **change},
                token=self.token,
                headers={"Idempotency-Key": uuid.uuid4().hex},
            )
            self.assertIn(response.status_code, (409, 422), response.text)

    def test_cancelled_before_the_start(self):
        _offer, held = self.book("14:00", "16:00")
        self.pay(held["ref"])
        self.at("11:00")

        answer = self.call("POST", f"/bookings/{held['ref']}/cancel", status=200)

        self.assertEqual(answer["state"], "cancelled")
        self.assertEqual(answer["amount_refunded"], "60.80")
        self.assertEqual(answer["payment_state"], "partially_refunded")
        self.assert_settled(held, "15.20")

    def test_hold_that_runs_out_frees_the_slot_and_costs_nothing(self):
        _offer, held = self.book("14:00", "16:00")
        self.clock.move_to(NOW + timedelta(minutes=16))

        refused = self.api(
            "POST",
            f"/bookings/{held['ref']}/payments",
            {"method": "demo"},
            token=self.token,
            headers={"Idempotency-Key": "late"},
        )
        _offer, again = self.book("14:00", "16:00")

        self.assertEqual(refused.json()["code"], "invalid_state")
        self.assertEqual(again["state"], "hold")
        values = self.call("GET", f"/bookings/{held['ref']}")
        self.assertEqual((values["state"], values["amount_due"]), ("expired", "0.00"))

    def test_change_to_another_room(self):
        dearer = self.tariff.copy(
            {"name": "Large", "room_ids": [Command.set(self.room_2.ids)]}
        )
        dearer.band_ids.price_hour = 100
        _offer, held = self.book("14:00", "16:00")
        self.pay(held["ref"])

        path = f"/bookings/{held['ref']}/room-change"
        asked = self.call("POST", path, {"room_id": self.room_2.id})
        self.assertEqual(asked["pending_change"]["amount"], "124.00")
        self.assertEqual(asked["room"]["id"], self.room.id)
        self.pay(held["ref"])
        moved = self.call("GET", f"/bookings/{held['ref']}")
        self.assertEqual(moved["room"]["id"], self.room_2.id)
        body = {"end": f"{DAY}T16:30:00+08:00"}
        asked = self.call("POST", f"/bookings/{held['ref']}/extensions", body)
        self.assertEqual(asked["pending_change"]["amount"], "50.00")

        back = self.call("POST", path, {"room_id": self.room.id})
        self.assertEqual(back["room"]["id"], self.room.id)
        self.assertEqual(back["amount_refunded"], "124.00")
        self.check_in(held, "14:00")
        self.at("16:00")
        self.call("POST", f"/bookings/{held['ref']}/checkout", status=200)
        self.assert_settled(held, "76.00")

    def test_overtime_is_due_and_bars_new_bookings_until_paid(self):
        self.store.write({"at_end": "run_on", "overtime_max_minutes": 120})
        _offer, held = self.book("16:00", "18:00")
        self.pay(held["ref"])
        self.check_in(held, "16:00")
        self.at("18:37")

        left = self.call("POST", f"/bookings/{held['ref']}/checkout", status=200)
        self.assertEqual(
            (left["amount_due"], left["payment_state"]), ("65.25", "unpaid")
        )
        body, offer = self.quote("21:00", "22:00")
        refused = self.call(
            "POST", "/bookings", {**body, "people": 2, "offer": offer["key"]}, 402
        )
        self.assertEqual(refused["code"], "payment_due")

        self.assertEqual(self.pay(held["ref"])["amount"], "65.25")
        self.assert_settled(held, "141.25")
        self.book("21:00", "22:00")

    def test_metered_stay_gives_the_rest_of_the_deposit_back(self):
        self.tariff.copy({"name": "Open now", "kind": "metered", "deposit": 200})
        self.at("14:00")
        body = {
            "room_id": self.room.id,
            "start": f"{DAY}T14:00:00+08:00",
            "people": 2,
            "kind": "metered",
        }
        held = self.call("POST", "/bookings", body, 201)
        self.assertEqual((held["state"], held["amount_due"]), ("hold", "200.00"))
        self.assertEqual(self.pay(held["ref"])["amount"], "200.00")
        self.check_in(held, "14:00")

        self.at("15:50")
        left = self.call("POST", f"/bookings/{held['ref']}/checkout", status=200)

        self.assertEqual(left["amount_refunded"], "124.00")
        self.assert_settled(held, "76.00")
