"""Random stays through the public API, and whether everybody's books agree after."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from client import ApiError

ZONE = ZoneInfo("Asia/Shanghai")
ENDS = ("abandon", "cancel", "cancel_late", "on_time", "overrun", "early", "no_show")
FAULTS = (None, None, None, None, "drop", "process_then_drop", "500", "badsig")


class Stays:
    """Guests that do what guests do, by a seed.

    :param Shop shop: where
    :param int seed: of everything that is left to chance
    """

    def __init__(self, shop, seed):
        self.shop = shop
        self.chance = random.Random(seed)
        self.members = [shop.member(number) for number in range(3)]
        self.office = shop.office
        self.slot = 0
        self.done = []

    def play(self, count):
        """Play so many stays, one after the other."""
        for number in range(count):
            api = self.members[number % len(self.members)]
            try:
                self.done.append(self._stay(api, number))
            except ApiError as error:
                raise AssertionError(
                    f"Stay {number}: {error}, {self.done[-1:]}"
                ) from error

    def _stay(self, api, number):
        chance = self.chance
        story = [number]
        room = self.shop.facts["rooms"][number % len(self.shop.facts["rooms"])][0]
        if chance.random() < 0.2:
            story.append(self._top_up(api))
        hours = chance.choice([1, 2, 2, 3, 4, 5])
        start = self._next_start(number)
        body = {
            "room_id": room,
            "start": start.isoformat(),
            "end": (start + timedelta(hours=hours)).isoformat(),
        }
        offers = api.post("/quotes", body)["offers"]
        offer = chance.choice(offers)
        body |= {"people": 1, "offer": offer["key"]}
        if chance.random() < 0.3:
            body["coupon_ids"] = self._coupon(api)
            story.append(("coupons", body["coupon_ids"]))
        booking = self._book(api, body)
        ref = booking["ref"]
        story += [ref, booking["amount_due"]]
        end = chance.choice(ENDS)
        story.append(end)
        if end == "abandon":
            if chance.random() < 0.5:
                self._begin(api, ref)
            api.post(f"/bookings/{ref}/cancel")
            return story
        story.append(self._pay_due(api, ref))
        if chance.random() < 0.4:
            story.append(self._extend(api, ref, start, hours))
        if chance.random() < 0.3:
            story.append(self._goods(api, ref, room))
        getattr(self, f"_end_{end}")(api, ref)
        self._pay_rest(api, ref)
        self._file_away(ref, number)
        return story

    @staticmethod
    def _book(api, body):
        """Book, without a coupon where it is not for this stay."""
        if body.get("coupon_ids"):
            key = f"c{body['coupon_ids'][0]}-{body['start']}-{body['room_id']}"
            answer = api.send("POST", "/bookings", body, key=key)
            if answer.status == 201:
                return answer.body
            assert answer.code == "invalid_request", answer.content
        return api.post("/bookings", {**body, "coupon_ids": []}, expect=201)

    def _next_start(self, number):
        """Return a start that meets no other stay: they are filed away when over."""
        base = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        days = 2 + self.chance.randrange(20)
        return base + timedelta(days=days, hours=self.chance.randrange(21))

    # Balance and coupons

    def _top_up(self, api):
        """Pay money onto the member's balance, told or asked about."""
        method = self.chance.choice(["wechat", "alipay"])
        amount = self.chance.choice(["100.00", "200.00", "500.00"])
        body = {"amount": amount, "method": method, "scene": "native"}
        started = api.post("/me/balance/top-ups", body)["payment"]
        started = {"method": method, "amount": amount, **started}
        self.shop.pay(started)
        if self.chance.random() < 0.5:
            self.shop.notify(started)
        api.post(f"/payments/{started['reference']}/refresh")
        assert api.get(f"/payments/{started['reference']}")["state"] == "done"
        return f"{amount} topped up"

    def _coupon(self, api):
        """Return a coupon that the member has, or claims now; none if there is none."""
        for offered in api.get("/coupons")["items"]:
            if offered.get("claimable"):
                api.send("POST", f"/coupons/{offered['id']}/claim", {}, key=None)
        found = api.get("/me/coupons", state="available")["items"]
        return [found[0]["id"]] if found else []

    # Paying

    def _begin(self, api, ref):
        """Begin a payment, None where it turns out that all is paid."""
        method = self.chance.choice(["wechat", "alipay"])
        gateway = self.shop.gateway(method)
        fault = self.chance.choice(FAULTS)
        if fault:
            gateway.faults.append(fault)
        scene = self.chance.choice(["native", "h5"])
        body = {"method": method, "scene": scene}
        key = str(self.chance.getrandbits(64))
        answer = api.send("POST", f"/bookings/{ref}/payments", body, key=key)
        gateway.faults.clear()
        if answer.code == "invalid_state":
            assert api.get(f"/bookings/{ref}")["amount_due"] == "0.00"
            return None
        assert answer.status == 200, answer.content
        return answer.body

    def _known(self, started):
        """Tell whether the gateway has the order, so that somebody can pay it."""
        if started["method"] == "alipay":
            return True
        return started["reference"] in self.shop.wechat.orders

    def _pay_due(self, api, ref):
        """Pay what is due, by a way left to chance; return it."""
        ways = ("told", "told", "twice", "asked", "switched", "both", "demo")
        way = self.chance.choice(ways)
        booking = api.get(f"/bookings/{ref}")
        if booking["amount_due"] == "0.00":
            return "free"
        if "balance" in booking["payment_methods"] and self.chance.random() < 0.5:
            api.post(f"/bookings/{ref}/payments", {"method": "balance"})
            return "balance"
        if way == "demo":
            api.post(f"/bookings/{ref}/payments", {"method": "demo", "scene": "page"})
            return way
        started = self._begin(api, ref)
        if way in ("switched", "both"):
            first, started = started, self._begin(api, ref)
            if way == "both" and self._known(first):
                self._move(first)
        for _time in range(9):
            if not started or (started["state"] == "pending" and self._known(started)):
                break
            started = self._begin(api, ref)
        if not started:
            self._wait_paid(api, ref)
            return way
        self.shop.pay(started)
        if way == "asked":
            api.post(f"/payments/{started['reference']}/refresh")
        else:
            for _time in range(2 if way == "twice" else 1):
                answer = self.shop.notify(started)
                assert answer.status in (200, 204), answer
        self._wait_paid(api, ref)
        return way

    def _move(self, started):
        """Pay an attempt that was given up: its order may be closed by now."""
        order = self.shop.wechat.orders.get(started["reference"], {})
        trade = self.shop.alipay.trades.get(started["reference"], {})
        closed = (order.get("trade_state"), trade.get("trade_status"))
        if "CLOSED" in closed or "TRADE_CLOSED" in closed:
            return
        self.shop.pay(started)
        self.shop.notify(started)

    def _wait_paid(self, api, ref):
        for _time in range(200):
            booking = api.get(f"/bookings/{ref}")
            if booking["amount_due"] == "0.00" and booking["state"] != "hold":
                return
            reference = self.shop.sql(
                "SELECT t.reference FROM payment_transaction t"
                " JOIN teahouse_booking b ON b.id = t.teahouse_booking_id"
                " WHERE b.ref = %s ORDER BY t.id DESC LIMIT 1",
                ref,
            )[0][0]
            api.post(f"/payments/{reference}/refresh")
        raise AssertionError(f"{ref} is never paid: {booking}")

    def _pay_rest(self, api, ref):
        booking = api.get(f"/bookings/{ref}")
        if booking["amount_due"] != "0.00":
            self._pay_due(api, ref)

    # What happens during a stay

    def _extend(self, api, ref, start, hours):
        end = start + timedelta(hours=hours, minutes=30 * self.chance.randint(1, 3))
        answer = api.send(
            "POST",
            f"/bookings/{ref}/extensions",
            {"end": end.isoformat()},
            key=f"x{ref}",
        )
        if answer.status >= 400:
            return answer.code
        self._pay_rest(api, ref)
        return "extended"

    def _goods(self, api, ref, room):
        store = dict(self.shop.facts["rooms"])[room]
        items = api.get("/goods", store_id=store)["items"]
        line = {"id": self.chance.choice(items)["id"], "quantity": 2}
        path = f"/bookings/{ref}/goods"
        answer = api.send("POST", path, {"lines": [line]}, key=f"g{ref}")
        return "goods" if answer.status < 300 else answer.code

    # How stays end

    def _end_cancel(self, api, ref):
        api.post(f"/bookings/{ref}/cancel")

    def _end_cancel_late(self, api, ref):
        self._shift(ref, minutes_to_start=60)
        api.post(f"/bookings/{ref}/cancel")

    def _end_no_show(self, api, ref):
        self._shift(ref, minutes_to_start=-61)
        self.office.call("teahouse.booking", "action_mark_no_show", [self._id(ref)])

    def _end_on_time(self, api, ref):
        self._use(api, ref, minutes_to_end=3)

    def _end_early(self, api, ref):
        self._use(api, ref, minutes_to_end=25)

    def _end_overrun(self, api, ref):
        self._use(api, ref, minutes_to_end=-self.chance.randint(5, 100))

    def _use(self, api, ref, minutes_to_end):
        self._shift(ref, minutes_to_start=-5)
        self.office.call("teahouse.booking", "action_check_in", [self._id(ref)])
        self._shift(ref, minutes_to_end=minutes_to_end)
        api.post(f"/bookings/{ref}/checkout")

    def _id(self, ref):
        return self.shop.sql("SELECT id FROM teahouse_booking WHERE ref = %s", ref)[0][
            0
        ]

    def _shift(self, ref, minutes_to_start=None, minutes_to_end=None):
        """Let time pass for one stay: move all its instants towards the past."""
        column = "start" if minutes_to_end is None else '"end"'
        minutes = minutes_to_start if minutes_to_end is None else minutes_to_end
        self._move_by(
            ref,
            f"now() AT TIME ZONE 'UTC' + interval '{minutes} minutes' - {column}",
        )

    def _file_away(self, ref, number):
        """Move a stay that is over far back, out of the way of the others."""
        self._move_by(ref, f"interval '-{40 + number} days'")

    def _move_by(self, ref, distance):
        ((seconds,),) = self.shop.sql(
            f"SELECT extract(epoch FROM {distance}) FROM teahouse_booking"
            " WHERE ref = %s",
            ref,
        )
        step = f"interval '{int(seconds) // 60} minutes'"
        columns = ("start", '"end"', "blocked_from", "blocked_until", "paid_until")
        moved = ", ".join(f"{name} = {name} + {step}" for name in columns)
        self.shop.sql(
            f"UPDATE teahouse_booking SET {moved},"
            f" checked_in_at = checked_in_at + {step}, ended_at = ended_at + {step}"
            " WHERE ref = %s",
            ref,
        )
        self.shop.sql(
            f'UPDATE teahouse_charge_line SET start = start + {step}, "end" = "end" +'
            f" {step} WHERE booking_id = %s",
            self._id(ref),
        )


def books(shop):
    """Return what does not agree, one text each; nothing when all is well.

    Orders (charge lines), payments, invoices, the ledger and the gateways' own
    accounts, to the cent.
    """
    wrong = []
    wrong += [f"statement: {row}" for row in shop.bills()]
    wrong += [
        f"{ref}: charged {total}, paid {paid}, invoiced {invoiced}, state {state}"
        for ref, total, paid, invoiced, state in shop.sql(
            """
            SELECT b.ref, coalesce(c.total, 0), coalesce(t.paid, 0),
                   coalesce(m.invoiced, 0), b.state
              FROM teahouse_booking b
              LEFT JOIN (SELECT booking_id, round(sum(amount)::numeric, 2) AS total
                           FROM teahouse_charge_line WHERE state = 'open'
                          GROUP BY 1) c ON c.booking_id = b.id
              LEFT JOIN (SELECT teahouse_booking_id, sum(amount) AS paid
                           FROM payment_transaction WHERE state = 'done'
                          GROUP BY 1) t ON t.teahouse_booking_id = b.id
              LEFT JOIN (SELECT teahouse_booking_id,
                                sum(amount_total_signed) AS invoiced
                           FROM account_move WHERE state = 'posted'
                          GROUP BY 1) m ON m.teahouse_booking_id = b.id
             WHERE b.shadow_of_id IS NULL AND EXISTS (
                   SELECT FROM payment_transaction p
                    WHERE p.teahouse_booking_id = b.id)
               AND NOT (coalesce(c.total, 0) = coalesce(t.paid, 0)
                        AND coalesce(c.total, 0) = coalesce(m.invoiced, 0))
            """
        )
    ]
    for method in ("wechat", "alipay"):
        provider = shop.facts[method]
        ((paid, ledger),) = shop.sql(
            """
            SELECT coalesce(sum(t.amount), 0), coalesce(sum(l.balance), 0)
              FROM payment_transaction t
              LEFT JOIN account_payment p ON p.id = t.payment_id
              LEFT JOIN (SELECT l.move_id, sum(l.balance) AS balance
                           FROM account_move_line l
                           JOIN account_account a ON a.id = l.account_id
                          WHERE a.account_type <> 'asset_receivable'
                          GROUP BY 1) l ON l.move_id = p.move_id
             WHERE t.provider_id = %s AND t.state = 'done'
            """,
            provider,
        )
        theirs = Decimal(shop.moved(method)) / 100
        if not theirs == Decimal(str(paid)) == Decimal(str(ledger)):
            wrong.append(f"{method}: moved {theirs}, here {paid}, ledger {ledger}")
    ((left, debit),) = shop.sql(
        """
        SELECT coalesce(sum(l.amount_residual), 0), coalesce(sum(l.balance), 0)
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
         WHERE l.parent_state = 'posted' AND a.account_type = 'asset_receivable'
        """
    )
    if left or debit:
        wrong.append(f"receivable: {debit}, open {left}")
    return wrong
