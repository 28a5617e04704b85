"""A guest's phone: Chromium of its size, tapped as a guest would."""

import json

PHONE = {"width": 375, "height": 667, "scale": 1.0, "mobile": True}

#: Finds a visible button or link by its words; the words are those of the app.
FIND = """
((words) => [...document.querySelectorAll('button, a, summary')].find(
    (one) => one.offsetParent !== null && !one.disabled
        && (one.textContent.includes(words)
            || (one.getAttribute('aria-label') || '').includes(words))
))(%s)
"""


class Phone:
    """A guest's phone.

    :param Browser browser: of the size of ``PHONE``
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

    def sign_in_as(self, api):
        """Be the member of a client, without the way through the login."""
        session = {
            "token": api.token,
            "member": api.get("/me"),
            "expires_at": "2100-01-01T00:00:00Z",
        }
        self.open("/help")
        text = json.dumps(json.dumps(session))
        self.browser.run(f"localStorage.setItem('teahouse.session', {text})")

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
