"""The customers' mobile app in a phone-sized Chromium, tapped as a guest would."""

import json
import uuid

import pytest
from client import sms_lines, wait_for
from teahouse_setup.browser import Browser
from teahouse_setup.progress import SetupError

PHONE = {"width": 375, "height": 667, "scale": 1.0, "mobile": True}

#: Finds a visible button or link by its words; the words are those of the app.
FIND = """
((words) => [...document.querySelectorAll('button, a, summary')].find(
    (one) => one.offsetParent !== null && !one.disabled
        && (one.textContent.includes(words)
            || (one.getAttribute('aria-label') || '').includes(words))
))(%s)
"""

#: Names the fields and buttons that a screen reader could not name.
NAMELESS = """
[...document.querySelectorAll('button, a, input, select, textarea')].filter((one) =>
    one.offsetParent !== null
    && !(one.getAttribute('aria-label') || one.textContent.trim()
         || [...(one.labels || [])].some((label) => label.textContent.trim()))
).map((one) => one.outerHTML)
"""

#: Text and ground of the design's tokens whose contrast is under WCAG AA.
PALE = """
(() => {
    const style = getComputedStyle(document.documentElement);
    const light = (name) => {
        const hex = style.getPropertyValue(`--th-${name}`).trim();
        const [r, g, b] = [1, 3, 5].map((at) => {
            const part = parseInt(hex.slice(at, at + 2), 16) / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return %s.filter(([text, ground]) => {
        const [high, low] = [light(text), light(ground)].sort((a, b) => b - a);
        return !((high + 0.05) / (low + 0.05) >= 4.5);
    });
})()
"""
GROUNDS = [
    *(
        [text, ground]
        for text in ("ink", "muted", "tea")
        for ground in ("paper", "card")
    ),
    *([text, f"{text}-soft"] for text in ("tea", "clay", "gold")),
    *(["on-tea", ground] for ground in ("tea", "clay", "gold")),
    *(["muted", "gold-soft"], ["muted", "tea-soft"], ["ink", "line"]),
]


class Phone:
    """A guest's phone.

    :param Browser browser:
    """

    def __init__(self, browser, base_url):
        self.browser = browser
        self.url = f"{base_url}/teahouse/app?lang=en"
        # Whatever the page complains about, a test will want to know.
        browser.send(
            "Page.addScriptToEvaluateOnNewDocument",
            source="window.complaints = [];"
            "addEventListener('error', (e) => complaints.push(String(e.message)));"
            "addEventListener('unhandledrejection',"
            " (e) => complaints.push(String(e.reason)));",
        )

    def open(self, path="/"):
        """Open the app at a path, as from a link."""
        self.browser.open("about:blank", "body")
        self.browser.open(f"{self.url}#{path}", "main.th-app > *")

    def tap(self, words, seconds=15):
        """Tap a button or link once it is there."""
        self.until(f"!!{FIND % json.dumps(words)}", f"a button {words!r}", seconds)
        self.browser.run(f"{FIND % json.dumps(words)}.click()")

    def type(self, selector, text):
        """Type into a field."""
        self.browser.wait(selector)
        self.browser.run(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            f" one.value = {json.dumps(text)};"
            " one.dispatchEvent(new Event('input', {bubbles: true}));"
            " one.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )

    def sees(self, words, seconds=30):
        """Wait until words stand on the screen."""
        script = f"document.body.innerText.includes({json.dumps(words)})"
        self.until(script, repr(words), seconds)

    def until(self, script, what, seconds):
        """Wait until a script is true."""
        promise = (
            f"new Promise((done) => {{ const end = Date.now() + {seconds * 1000};"
            f" const look = () => ({script}) ? done(true)"
            " : Date.now() > end ? done(false) : setTimeout(look, 100); look(); })"
        )
        if not self.browser.run(promise):
            text = self.browser.run("document.body.innerText")
            raise AssertionError(f"{what} did not come. The screen says:\n{text}")

    @property
    def path(self):
        return self.browser.run("location.hash.slice(1)")

    def sign_in(self, member):
        """Sign in with a password, by hand."""
        self.open("/login")
        self.tap("With a password")
        self.type("#th-phone", member["phone"])
        self.type("#th-password", member["password"])
        self.browser.run("document.querySelector('form').requestSubmit()")
        self.sees("Find a tea room")

    def pick_time(self, day):
        """Choose a start in the afternoon of a day, as counted from today."""
        chip = f"document.querySelectorAll('.th-chips')[0].children[{day}]"
        self.until(f"!!{chip}", "the days", 15)
        self.browser.run(f"{chip}.click()")
        slot = (
            "[...document.querySelectorAll('.th-timeline__slot:not([disabled])')]"
            ".find((one) => one.textContent.trim() === '15:00')"
        )
        self.until(f"!!{slot}", "15:00", 15)
        self.browser.run(f"{slot}.click()")

    def book(self, room, day):
        """Book a room for two hours, and return the booking's reference."""
        self.open(f"/rooms/{room}")
        self.pick_time(day)
        self.sees("¥")
        self.tap("Book this room")
        self.sees("To pay")
        self.until("location.hash.startsWith('#/bookings/')", "the booking", 15)
        return self.path.rsplit("/", 1)[-1]


@pytest.fixture
def phone(stack):
    with Browser(**PHONE) as browser:
        phone = Phone(browser, stack.base_url)
        yield phone
        assert browser.run("window.complaints") == []


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


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Stores"),
        ("/bookings", "My bookings"),
        ("/me", "Sign out"),
        ("/profile", "Birthday"),
        ("/preferences", "Quiet hours"),
        ("/sessions", "Sign out everywhere"),
        ("/privacy", "Erase my account"),
        ("/membership", "Points"),
        ("/inquiry", "What is it about?"),
        ("/help", "How do I get in?"),
    ],
)
def test_screens_can_be_read_by_everyone(stack, phone, path, words):
    phone.sign_in(stack.demo["members"][2])
    phone.open(path)
    phone.sees(words)

    assert phone.browser.run(NAMELESS) == []
    assert phone.browser.run("document.documentElement.scrollWidth") <= PHONE["width"]
    for theme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": theme}]
        phone.browser.send("Emulation.setEmulatedMedia", features=features)
        assert phone.browser.run(PALE % json.dumps(GROUNDS)) == []
