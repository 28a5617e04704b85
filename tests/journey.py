"""A guest's whole stay over HTTP, each step checked.

The tests assert it, and ``config/run --journey`` shows it: one story, told once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from client import Api, ApiError, BackOffice, Devices, next_start, parse, wait_for

#: Where the guest stands: West Lake, a walk from the demo's first store.
HERE = {"lat": 30.2460, "lng": 120.1600}
STAY_MINUTES = 120
#: A guest may enter so long before the start, if the room is free (less a minute).
EARLY_MINUTES = 14
#: What the owner sets where the next start is further away: nobody wants to wait.
DOORS_MINUTES = 60


class JourneyError(Exception):
    """A step did not end as it must."""


@dataclass
class Step:
    """A step of the story.

    :param str did: what a person did
    :param str seen: what the answer was, or what the room did
    """

    did: str
    seen: str


def check(condition, what):
    """Stop the story unless a condition holds.

    :raise JourneyError: with what should have been
    """
    if not condition:
        raise JourneyError(what)


class Journey:
    """A stay from the first look to the bill.

    :param dict demo: what ``demo.json`` says
    :param int member: which of the demo's members
    """

    def __init__(self, demo, member=0):
        self.demo = demo
        self.who = demo["members"][member]
        self.public = Api(demo["base_url"])
        self.devices = Devices(demo["simulator_url"])
        self.amounts = {}
        self.api = self.store = self.room = self.booking = self.offer = None
        self.pass_ = self.bill = None

    def play(self):
        """Play the stay and yield each :class:`Step` as it is done.

        :raise JourneyError: something is not as it must be
        """
        yield from self.log_in()
        yield from self.choose()
        yield from self.book_and_pay()
        yield from self.enter()
        yield from self.leave()

    # Before

    def log_in(self):
        """Log in with the password, then with a code by SMS."""
        phone = self.who["phone"]
        self.api = self.public.login(phone, self.who["password"])
        name = self.api.get("/me")["name"]
        yield Step("logs in with phone and password", f"{name} is known")
        self.api = self.public.login_by_code(phone, self.demo["sms_file"])
        check(self.api.get("/me")["name"] == name, "Both ways lead to one member.")
        yield Step("logs in with a code by SMS", "the same member, a second session")

    def choose(self):
        """Find the nearest store and a room that is free."""
        stores = self.public.get("/stores", sort="distance", **HERE)["items"]
        check(stores, "There are stores.")
        distances = [store["distance_m"] for store in stores]
        check(distances == sorted(distances), "The nearest store comes first.")
        told = ", ".join(f"{s['name']} {s['distance_m']} m" for s in stores)
        yield Step("looks for stores nearby", told)
        for self.store in stores:
            detail = self.public.get(f"/stores/{self.store['id']}")
            for room in detail["rooms"]:
                if self._take_if_free(room):
                    place = f"{room['name']} in {self.store['name']}"
                    yield Step(
                        "looks when rooms are free", f"{place} at {self.start:%H:%M}"
                    )
                    yield from self.open_early()
                    return
        raise JourneyError("No room is free within the next hours.")

    def _take_if_free(self, room):
        """Choose a room if it is free at one of the next starts of its grid."""
        now = datetime.now(ZoneInfo(self.store["tz"]))
        free = self.public.get(
            f"/rooms/{room['id']}/availability",
            from_=now.isoformat(timespec="seconds"),
            to=(now + timedelta(hours=8)).isoformat(timespec="seconds"),
        )
        start = next_start(now, free["slot_minutes"])
        end = start + timedelta(minutes=STAY_MINUTES)
        for interval in free["free"]:
            if parse(interval["start"]) <= start and end <= parse(interval["end"]):
                self.room, self.start, self.end = room, start, end
                return True
        return False

    def open_early(self):
        """Have the owner open the doors before the start, which may be minutes away."""
        if self.start - datetime.now(UTC) < timedelta(minutes=EARLY_MINUTES):
            return
        owner = next(user for user in self.demo["staff"] if user["role"] == "owner")
        login = owner["login"], owner["password"]
        office = BackOffice(self.demo["base_url"], self.demo["database"], *login)
        values = {"early_entry_minutes": DOORS_MINUTES}
        office.call("teahouse.room", "write", [self.room["id"]], values)
        yield Step(
            "asks to come in early", f"the owner opens {DOORS_MINUTES} min before"
        )

    # Booking

    def times(self):
        """Return room, start and end as the API wants them."""
        return {
            "room_id": self.room["id"],
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
        }

    def book_and_pay(self):
        """Take the cheapest offer, hold the room, pay."""
        offers = self.api.post("/quotes", self.times())["offers"]
        check(offers, "There is an offer.")
        totals = [Decimal(offer["total"]) for offer in offers]
        check(totals == sorted(totals), "The cheapest offer comes first.")
        self.offer = offers[0]
        lines = sum(Decimal(line["amount"]) for line in self.offer["lines"])
        check(lines == Decimal(self.offer["amount"]), "The offer's lines add up.")
        self.amounts["quote"] = Decimal(self.offer["total"])
        yield Step(
            "asks for the price",
            " or ".join(f"{offer['name']} {offer['total']}" for offer in offers),
        )
        order = {**self.times(), "people": 2, "offer": self.offer["key"]}
        self.booking = self.api.post("/bookings", order, expect=201)
        check(self.booking["state"] == "hold", "An unpaid booking is a hold.")
        self.amounts["order"] = Decimal(self.booking["amount_total"])
        self.ref = self.booking["ref"]
        yield Step("books", f"the room is held until {self.booking['hold_expires_at']}")
        started = self.api.post(f"/bookings/{self.ref}/payments", {"method": "demo"})
        wait_for(
            lambda: (
                self.api.get(f"/payments/{started['reference']}")["state"] == "done"
            ),
            "the payment",
        )
        self.amounts["payment"] = Decimal(started["amount"])
        self.booking = self.api.get(f"/bookings/{self.ref}")
        check(self.booking["state"] == "confirmed", "A paid booking is confirmed.")
        yield Step(f"pays {started['amount']}", "the booking is confirmed")

    # The stay

    def uid(self, kind):
        """Return the name of a device of the room (of the store, for a gate)."""
        for device in self.demo["devices"]:
            place = device["room"] == self.room["id"] or (
                kind == "gate" and device["store"] == self.store["id"]
            )
            if device["kind"] == kind and place:
                return device["uid"]
        raise JourneyError(f"The room has no {kind}.")

    def enter(self):
        """Show the pass, open the door, find the power on."""
        self.pass_ = self.api.get(f"/bookings/{self.ref}/pass")
        check(self.pass_["qr"].startswith("TH1."), "The pass has a QR text.")
        check(self.pass_["qr_png"].startswith("data:image/png"), "… and a picture.")
        check(len(self.pass_["pin"]) == 6, "The PIN has six digits.")
        lock = self.uid("lock")
        pins = wait_for(
            lambda: self.devices.device(lock)["pins"], "the PIN in the lock"
        )
        known = {pin["pin"] for pin in pins.values()}
        check(self.pass_["pin"] in known, "The lock knows the PIN, network or not.")
        yield Step("gets a pass with QR and PIN", f"lock {lock} knows the PIN")
        before = len(self.devices.executed(lock, "unlock"))
        self.command = self.api.post(
            f"/bookings/{self.ref}/door/open", {"door": "room"}, expect=202
        )
        done = wait_for(self._closed_command, "the lock's answer")
        check(done["state"] == "done", f"The door opens, it said {done}.")
        opened = len(self.devices.executed(lock, "unlock")) - before
        check(opened == 1, f"One press opens once, it opened {opened} times.")
        yield Step("presses “open”", f"lock {lock} opened and said so")
        wait_for(lambda: self._state() == "in_use", "the stay to begin")
        power = self.uid("power")
        wait_for(lambda: self.devices.is_on(power, "power"), "power")
        yield Step("walks in", f"the stay has begun, {power} is on")

    def _closed_command(self):
        answer = self.api.get(f"/commands/{self.command['command_id']}")
        return answer if answer["state"] not in ("queued", "sent") else None

    def _state(self):
        return self.api.get(f"/bookings/{self.ref}")["state"]

    def leave(self):
        """Check out, see the power go, read the bill."""
        self.api.post(f"/bookings/{self.ref}/checkout")
        check(self._state() == "completed", "After checkout the stay is over.")
        power = self.uid("power")
        wait_for(
            lambda: not self.devices.is_on(power, "power"), "the power to go off", 90
        )
        yield Step("checks out", f"{power} is off, the room waits for cleaning")
        self.bill = wait_for(self._settled_bill, "the settlement")
        self.amounts["bill"] = Decimal(self.bill["amount_total"])
        self.amounts["paid"] = Decimal(self.bill["amount_paid"])
        self.amounts["invoice"] = Decimal(self.bill["invoice"]["amount"])
        check(Decimal(self.bill["amount_due"]) == 0, "Nothing is due.")
        check(
            len(set(self.amounts.values())) == 1,
            f"Every amount agrees to the cent: {self.amounts}",
        )
        yield Step(
            "reads the bill",
            f"{self.bill['amount_total']} {self.bill['currency']},"
            f" invoice {self.bill['invoice']['number']}",
        )

    def _settled_bill(self):
        bill = self.api.get(f"/bookings/{self.ref}/bill")
        return bill if bill["settlement_state"] == "settled" else None


def tell(demo, width=80):
    """Play the stay and print each step.

    :param dict demo: what ``demo.json`` says
    :raise JourneyError: it stopped
    """
    journey = Journey(demo)
    begun = datetime.now(UTC)
    print(f"A guest's stay at {demo['base_url']}\n")
    try:
        for number, step in enumerate(journey.play(), 1):
            seconds = (datetime.now(UTC) - begun).total_seconds()
            print(f"{number:3}. The guest {step.did}"[:width])
            print(f"     → {step.seen}   ({seconds:.1f} s)", flush=True)
    except ApiError as error:
        raise JourneyError(str(error)) from error
    amounts = ", ".join(f"{name} {value}" for name, value in journey.amounts.items())
    print(f"\nEvery amount agrees: {amounts}")
