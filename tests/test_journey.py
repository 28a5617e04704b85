"""Stays from the first look to the last cent."""

from decimal import Decimal

import pytest
from client import ApiError, wait_for
from journey import Journey


def pay(api, ref):
    """Pay what is due by the demo provider and wait until it is done."""
    started = api.post(f"/bookings/{ref}/payments", {"method": "demo"})
    path = f"/payments/{started['reference']}"
    wait_for(lambda: api.get(path)["state"] == "done", "the payment")
    return started


def book(api, slot, **more):
    """Hold a room."""
    return api.post("/bookings", {**slot, "people": 2, **more}, expect=201)


def test_whole_stay(stack):
    journey = Journey(stack.demo)
    with stack.no_traceback():
        steps = [step.did for step in journey.play()]

    assert steps[-1] == "reads the bill"
    assert len(set(journey.amounts.values())) == 1

    # What the books say: one posted invoice, reconciled with the payment.
    office = stack.office("admin")
    (invoice,) = office.read(
        "account.move",
        [("name", "=", journey.bill["invoice"]["number"])],
        ["state", "amount_total", "amount_residual", "payment_state"],
    )
    assert invoice["state"] == "posted"
    assert Decimal(str(invoice["amount_total"])) == journey.amounts["quote"]
    assert invoice["amount_residual"] == 0
    assert invoice["payment_state"] in ("paid", "in_payment")


def test_guests_see_only_their_own(stack):
    owner, other = stack.member(0), stack.member(1)
    ref = book(owner, stack.slot(days=3))["ref"]
    for method, path in (
        ("GET", f"/bookings/{ref}"),
        ("GET", f"/bookings/{ref}/pass"),
        ("GET", f"/bookings/{ref}/bill"),
        ("POST", f"/bookings/{ref}/cancel"),
        ("POST", f"/bookings/{ref}/checkout"),
    ):
        answer = other.send(method, path, {} if method == "POST" else None)
        assert (answer.status, answer.code) == (404, "not_found"), path
    door = other.send("POST", f"/bookings/{ref}/door/open", {"door": "room"}, key="k")
    assert (door.status, door.code) == (404, "not_found")


def test_cancel_before_start_refunds_by_the_policy(stack):
    api = stack.member(1)
    ref = book(api, stack.slot(days=4))["ref"]
    paid = Decimal(pay(api, ref)["amount"])
    preview = api.get(f"/bookings/{ref}/cancellation")
    assert Decimal(preview["refund"]) == paid, preview

    api.post(f"/bookings/{ref}/cancel")

    assert api.get(f"/bookings/{ref}")["state"] == "cancelled"

    def refunded():
        bill = api.get(f"/bookings/{ref}/bill")
        return bill if bill["payment_state"] == "refunded" else None

    bill = wait_for(refunded, "the refund")
    assert Decimal(bill["amount_refunded"]) == paid
    assert Decimal(bill["amount_due"]) == 0
    # The slot is free again.
    assert book(stack.member(2), stack.slot(days=4))["state"] == "hold"


def test_hold_that_ran_out_never_blocks(stack):
    late, quick = stack.member(0), stack.member(1)
    slot = stack.slot(days=5)
    ref = book(late, slot)["ref"]
    taken = quick.send("POST", "/bookings", {**slot, "people": 1}, key="early")
    assert (taken.status, taken.code) == (409, "slot_taken")
    # The job that ends holds has not run yet: the hold is merely past its time.
    stack.sql(
        "UPDATE teahouse_booking SET hold_expires_at = now() AT TIME ZONE 'UTC'"
        " - interval '1 second' WHERE ref = %s",
        ref,
    )

    assert book(quick, slot)["state"] == "hold"
    assert late.get(f"/bookings/{ref}")["state"] == "expired"


def test_job_ends_holds_and_frees_the_slot(stack):
    api, slot = stack.member(2), stack.slot(days=6)
    ref = book(api, slot)["ref"]
    stack.sql(
        "UPDATE teahouse_booking SET hold_expires_at = now() AT TIME ZONE 'UTC'"
        " - interval '1 second' WHERE ref = %s",
        ref,
    )
    office = stack.office("admin")
    jobs = office.read(
        "ir.cron",
        [("cron_name", "=", "Teahouse: bookings that are due")],
        ["cron_name"],
    )
    assert jobs, "No job ends holds."
    office.call("ir.cron", "method_direct_trigger", [jobs[0]["id"]])
    wait_for(lambda: api.get(f"/bookings/{ref}")["state"] == "expired", "the expiry")
    with pytest.raises(ApiError, match="invalid_state"):
        api.post(f"/bookings/{ref}/payments", {"method": "demo"})
