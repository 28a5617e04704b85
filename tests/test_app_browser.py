"""The customers' mobile app in a phone-sized Chromium, tapped as a guest would."""

import uuid

import pytest
from client import sms_lines, wait_for
from phone import PHONE, Phone
from teahouse_setup.browser import Browser
from teahouse_setup.progress import SetupError


def rooms(stack):
    return [room["id"] for store in stack.demo["stores"] for room in store["rooms"]]


def sms_code(file, number):
    """Wait for the code that is sent to a number."""

    def find():
        sent = [one for one in sms_lines(file) if one["phone"].endswith(number)]
        return sent[-1].get("code") if sent else None

    return wait_for(find, f"an SMS to {number}")


def test_guest_finds_books_pays_and_gets_the_pass(stack, phone):
    phone.sign_in(stack.demo["members"][0])
    phone.tap(stack.demo["stores"][0]["name"])
    phone.sees("Rooms")

    ref = phone.book(rooms(stack)[1], day=8)
    phone.tap("Demo payment")
    phone.sees("Booked")
    phone.tap("QR and PIN")
    phone.sees("PIN at the lock")

    booking = stack.member(0).get(f"/bookings/{ref}")
    assert booking["state"] == "confirmed"
    assert booking["amount_due"] == "0.00"


def test_guest_is_asked_to_sign_in_and_comes_back(stack, phone):
    phone.open("/bookings")
    phone.sees("Your phone is your key")
    phone.tap("With a password")
    member = stack.demo["members"][1]
    phone.type("#th-phone", member["phone"])
    phone.type("#th-password", "wrong-password-1")
    phone.browser.run("document.querySelector('form').requestSubmit()")
    phone.until("!!document.querySelector('.th-toast--bad')", "a refusal", 15)
    phone.type("#th-password", member["password"])
    phone.browser.run("document.querySelector('form').requestSubmit()")
    phone.sees("My bookings")


def test_invited_friend_joins_and_booker_cancels(stack, phone):
    api = stack.member(0)
    phone.sign_in(stack.demo["members"][0])
    ref = phone.book(rooms(stack)[2], day=9)
    phone.tap("Demo payment")
    phone.sees("Booked")
    invitation = api.post(f"/bookings/{ref}/invitations", expect=201)

    with Browser(**PHONE) as other:
        friend = Phone(other, stack.base_url)
        friend.sign_in(stack.demo["members"][1])
        friend.open(f"/invitations/{invitation['token']}")
        friend.sees("Who comes along")
        friend.tap("QR and PIN")
        friend.sees("PIN at the lock")

    phone.open(f"/bookings/{ref}")
    phone.tap("Cancel")
    phone.sees("100% of the price goes back to you")
    phone.tap("Cancel the booking")
    phone.sees("Cancelled")
    assert api.get(f"/bookings/{ref}")["state"] == "cancelled"


def test_lost_answers_are_asked_for_again_and_book_once(stack, phone):
    phone.sign_in(stack.demo["members"][2])
    phone.open(f"/rooms/{rooms(stack)[3]}")
    phone.pick_time(day=10)
    phone.sees("¥")
    # The first answer to the booking gets lost on the way.
    phone.browser.run(
        "(() => { const real = window.fetch; let lost = false;"
        " window.fetch = async (url, options) => {"
        "   const answer = await real(url, options);"
        "   if (!lost && String(url).endsWith('/bookings')"
        "       && options.method === 'POST') {"
        "     lost = true; throw new TypeError('Failed to fetch'); }"
        "   return answer; }; })()"
    )

    phone.tap("Book this room")
    phone.sees("To pay")

    ref = phone.path.rsplit("/", 1)[-1]
    held = stack.member(2).get("/bookings?state=hold")["items"]
    assert [booking["ref"] for booking in held].count(ref) == 1
    same_time = [one for one in held if one["start"][11:16] == "15:00"]
    assert len(same_time) == 1


def test_taken_time_is_told_and_the_screen_is_fresh(stack, phone):
    room = rooms(stack)[4]
    phone.sign_in(stack.demo["members"][0])
    phone.open(f"/rooms/{room}")
    phone.pick_time(day=11)
    phone.sees("¥")
    slot = stack.slot(days=11, hour=15, room=4)
    stack.member(1).post("/bookings", {**slot, "people": 1}, expect=201)

    phone.tap("Book this room")

    phone.until("!!document.querySelector('.th-toast--bad')", "a refusal", 15)
    with pytest.raises((AssertionError, SetupError)):
        phone.tap("Book this room", seconds=1)


def test_newcomer_signs_in_by_code_and_books(stack, phone):
    number = f"139{uuid.uuid4().int % 10**8:08d}"
    phone.open("/login")
    phone.type("#th-phone", number)
    phone.tap("Send code")
    phone.sees("a code is on its way")
    phone.type("#th-code", sms_code(stack.demo["sms_file"], number))
    phone.browser.run("document.querySelector('form').requestSubmit()")
    phone.sees("Find a tea room")

    phone.book(rooms(stack)[5], day=8)
    phone.tap("Demo payment")
    phone.sees("Booked")


def test_guest_stays_longer_for_a_price(stack, phone):
    phone.sign_in(stack.demo["members"][1])
    ref = phone.book(rooms(stack)[6], day=8)
    phone.tap("Demo payment")
    phone.sees("Booked")
    phone.tap("Stay longer")
    phone.tap("+ 1 h")
    phone.sees("Stay until 18:00: waiting for the payment")
    phone.tap("Demo payment")
    phone.sees("15:00 – 18:00")

    assert stack.member(1).get(f"/bookings/{ref}")["end"][11:16] == "18:00"
