"""Journeys through the app that take more than one screen, or a bad moment."""

import json
from decimal import Decimal

#: Loses the first request to a path before it leaves, and the second's answer.
BAD_NET = """
(() => {
    const real = window.fetch;
    let tries = 0;
    window.fetch = async (url, options) => {
        if (options?.method !== 'POST' || !String(url).endsWith(%s)) {
            return real(url, options);
        }
        tries += 1;
        if (tries === 1) throw new TypeError('Failed to fetch');
        const answer = await real(url, options);
        if (tries === 2) throw new TypeError('Failed to fetch');
        return answer;
    };
})()
"""
PAYMENTS = """
SELECT count(*) FROM payment_transaction t
  JOIN teahouse_booking b ON b.id = t.teahouse_booking_id
 WHERE b.ref = %s AND t.operation <> 'refund'
"""


def first_room(stack, number):
    """Return the id of one of the demo's rooms."""
    rooms = [room for store in stack.demo["stores"] for room in store["rooms"]]
    return rooms[number]["id"]


def test_coupon_makes_it_cheaper_and_a_lost_payment_is_paid_once(stack, phone):
    api = stack.new_member()
    phone.sign_in_as(api)
    # One that is good on any day, whenever this runs.
    name = next(c for c in api.get("/coupons")["items"] if c["kind"] == "amount")[
        "name"
    ]
    phone.open("/coupons")
    phone.tap(f"Take{name}")
    phone.sees("It is yours")
    (coupon,) = api.get("/me/coupons")["items"]

    ref = phone.book(first_room(stack, 0), day=9)
    full = Decimal(api.get(f"/bookings/{ref}")["amount_due"])
    phone.sees("Make it cheaper")
    phone.tap(coupon["name"])
    phone.until(
        "!!document.querySelector('[role=checkbox][aria-checked=true]')", "its tick", 20
    )
    booking = api.get(f"/bookings/{ref}")
    due = Decimal(booking["amount_due"])
    assert due == full - Decimal(coupon["value"])
    phone.sees(f"¥{due}")

    phone.browser.run(BAD_NET % json.dumps("/payments"))
    phone.tap("Demo payment")
    phone.sees("Booked")
    assert stack.sql(PAYMENTS, ref) == [(1,)]

    # Cancelled long before, both money and coupon come back.
    phone.tap("Cancel")
    phone.tap("Cancel the booking")
    phone.sees("Cancelled")
    phone.open("/coupons")
    phone.sees(coupon["name"])
    assert api.get("/me/coupons?state=available")["items"][0]["id"] == coupon["id"]


def test_hold_that_ran_out_is_told_and_leads_back(stack, phone):
    api = stack.new_member()
    phone.sign_in_as(api)
    ref = phone.book(first_room(stack, 1), day=10)
    stack.sql(
        "UPDATE teahouse_booking SET hold_expires_at = now() AT TIME ZONE 'UTC'"
        " - interval '1 second' WHERE ref = %s",
        ref,
    )
    phone.tap("Demo payment")
    phone.until("!!document.querySelector('.th-toast--bad')", "a refusal", 20)
    assert stack.sql(PAYMENTS, ref) == [(0,)]
    assert Decimal(api.get(f"/bookings/{ref}")["amount_paid"]) == 0


def test_balance_is_topped_up_and_pays(stack, phone):
    api = stack.new_member()
    phone.sign_in_as(api)
    phone.open("/balance")
    phone.browser.wait("[role=radio]")
    phone.browser.run("document.querySelector('[role=radio]').click()")
    phone.browser.run(BAD_NET % json.dumps("/top-ups"))
    phone.tap("Demo payment")
    phone.sees("Top-up")
    package = api.get("/balance/packages")["items"][0]
    balance = api.get("/me/balance")
    assert balance["real"] == package["amount"]  # once, however often it was sent
    assert len(api.get("/me/balance/entries")["items"]) == 1

    ref = phone.book(first_room(stack, 2), day=10)
    phone.tap("Balance")
    phone.sees("Booked")
    assert Decimal(api.get("/me/balance")["total"]) < Decimal(balance["total"])
    api.post(f"/bookings/{ref}/cancel")
