"""The plug is pulled between any two steps of paying and settling.

Odoo is killed with SIGKILL while the stand-ins hold a request, or moments after one was
sent to it, and started again. Nobody pays twice, nothing that was paid is lost.
"""

import threading
import time
import uuid
from contextlib import suppress

import pytest
from client import ApiError
from stays import Stays, books

MOMENTS = (
    "order before",
    "order after",
    "notification",
    "refund after",
    "checkout",
)
#: Days away from where the other tests put stays that are over.
FAR = 3000
#: Seconds after a request was sent to Odoo, shorter than it takes to answer.
DELAYS = (0.03, 0.12, 0.3)


class Plug:
    """One stay whose payment is cut off at some moment, and then goes on.

    :param Shop shop: where
    """

    def __init__(self, shop, number):
        self.shop = shop
        self.stays = Stays(shop, number)
        self.api = shop.member(number % 3)
        room = shop.facts["rooms"][number % len(shop.facts["rooms"])][0]
        start = self.stays._next_start(number)
        body = {
            "room_id": room,
            "start": start.isoformat(),
            "end": start.replace(hour=start.hour + 2).isoformat(),
            "people": 1,
        }
        self.ref = self.api.post("/bookings", body)["ref"]
        self.path = f"/bookings/{self.ref}/payments"
        self.number = number

    def again(self):
        """Start Odoo again; sessions are in the database, so the member is still in."""
        self.shop.process.wait()
        self.shop.start()

    def cut(self, call, seconds):
        """Send a request and pull the plug a moment later, whatever came of it."""
        thread = threading.Thread(target=self._quietly, args=(call,))
        thread.start()
        time.sleep(seconds)
        self.shop.kill()
        thread.join()
        self.again()

    @staticmethod
    def _quietly(call):
        with suppress(OSError, ApiError, ValueError):
            call()

    def order(self, when):
        """Cut off while WeChat Pay makes the order; the client asks again."""
        key, body = str(uuid.uuid4()), {"method": "wechat", "scene": "native"}
        self.shop.wechat.faults.append((when, self.shop.kill))
        with suppress(OSError):
            self.api.send("POST", self.path, body, key=key)
        self.again()
        answer = self.api.send("POST", self.path, body, key=key)
        assert answer.status == 200, answer.content
        assert answer.body["pay_params"]["code_url"]
        ((attempts,),) = self.shop.sql(
            "SELECT count(*) FROM payment_transaction t JOIN teahouse_booking b"
            " ON b.id = t.teahouse_booking_id WHERE b.ref = %s",
            self.ref,
        )
        assert attempts == 1
        return answer.body

    def started(self):
        """Begin a payment that nothing disturbs."""
        return self.api.post(self.path, {"method": "wechat", "scene": "native"})

    def play(self, moment, seconds):
        """Play the stay to its end, cut off at one moment."""
        what, _sep, when = moment.partition(" ")
        started = self.order(when) if what == "order" else self.started()
        self.shop.pay(started)
        if what == "notification":
            self.cut(lambda: self.shop.notify(started), seconds)
        assert self.shop.notify(started).status in (200, 204)
        self.stays._wait_paid(self.api, self.ref)
        if what == "refund":
            self.refund(when)
        else:
            self.use(seconds if what == "checkout" else None)
        self.stays._file_away(self.ref, FAR + self.number)

    def refund(self, when):
        """Cut off while WeChat Pay pays the refund of a cancellation."""
        self.shop.wechat.faults.append((when, self.shop.kill))
        with suppress(OSError, ApiError):
            self.api.post(f"/bookings/{self.ref}/cancel")
        deadline = time.monotonic() + 60
        while self.shop.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        self.again()

    def use(self, seconds):
        stays, booking = self.stays, self.stays._id(self.ref)
        stays._shift(self.ref, minutes_to_start=-5)
        self.shop.office.call("teahouse.booking", "action_check_in", [booking])
        stays._shift(self.ref, minutes_to_end=3)
        path = f"/bookings/{self.ref}/checkout"
        if seconds:
            self.cut(lambda: self.api.post(path), seconds)
        answer = self.api.send("POST", path, {})
        assert answer.status in (200, 409), answer.content


@pytest.fixture
def plugged(shop, request):
    """The shop, and how often to pull its plug."""
    full = request.config.getoption("--full") or request.config.getoption("--chaos")
    return shop, DELAYS if full else DELAYS[1:2]


def test_nobody_pays_twice_and_nothing_is_lost(plugged):
    shop_, delays = plugged
    number = 0
    for moment in MOMENTS:
        for seconds in delays:
            number += 1
            Plug(shop_, number).play(moment, seconds)
    shop_.quiet()

    assert books(shop_) == []
    ((settled,),) = shop_.sql(
        "SELECT count(*) FROM teahouse_booking WHERE settlement_state = 'settled'"
    )
    assert settled >= number
