"""Every screen of the app can be used by everybody: judged by axe-core and by rule."""

import json

import pytest
from phone import PHONE
from teahouse_setup import axe
from teahouse_setup.paths import Paths

#: Names the fields and buttons that a screen reader could not name.
NAMELESS = """
[...document.querySelectorAll('button, a, input, select, textarea')].filter((one) =>
    one.offsetParent !== null
    && !(one.getAttribute('aria-label') || one.textContent.trim()
         || [...(one.labels || [])].some((label) => label.textContent.trim()))
).map((one) => one.outerHTML)
"""
#: What has no place to be touched: under 24 pixels in a direction (WCAG 2.2, AA).
TINY = """
[...document.querySelectorAll('button, a.th-line, a.th-link, input, select')]
.filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return one.offsetParent !== null && (width < 24 || height < 24);
}).map((one) => one.outerHTML)
"""
#: What axe finds serious or critical, with the place.
AXE = """
axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations
    .filter(({impact}) => ['serious', 'critical'].includes(impact))
    .map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map((one) => one.html)}`))
"""
#: All screens that addons have put into the registry.
PATHS = """
odoo.loader.modules.get('@teahouse_base/app/core/registries')
    .screens.getAll().map(({path}) => path)
"""
#: Counts what the app has asked for and not heard yet.
COUNT = """
(() => {
    const real = window.fetch;
    window.asked = 0;
    window.fetch = (...all) => {
        window.asked += 1;
        return real(...all).finally(() => setTimeout(() => (window.asked -= 1), 50));
    };
})()
"""
GO = """
document.querySelectorAll('main.th-app > *').forEach((one) => (one.dataset.old = '1'));
location.hash = %s;
"""
LOADED = (
    "!!document.querySelector('main.th-app > *')"
    " && !document.querySelector('main.th-app > [data-old], .th-skeleton')"
    " && !window.asked"
)


@pytest.fixture(scope="module")
def script(_stack):
    """The text of axe-core."""
    file = axe.script(Paths.from_environment(_stack.state))
    if not file.exists():
        pytest.skip("axe-core could not be fetched: it needs npm, and the net")
    return file.read_text(encoding="utf-8")


@pytest.fixture
def member(stack):
    """A member with something to show on each screen."""
    api = stack.new_member()
    for coupon in api.get("/coupons")["items"]:
        if coupon["claimable"]:
            api.post(f"/coupons/{coupon['id']}/claim")
    package = api.get("/balance/packages")["items"][0]
    api.post("/me/balance/top-ups", {"method": "demo", "package_id": package["id"]})
    product = api.get("/cards")["items"][0]
    api.post("/me/purchases", {"method": "demo", "product_id": product["id"]})
    return api


@pytest.fixture
def examples(stack, member):
    """Where to look for screens that show one thing of many."""
    held = member.post("/bookings", {**stack.slot(days=12, room=5), "people": 1})
    paid = member.post("/bookings", {**stack.slot(days=12, room=6), "people": 1})
    member.post(f"/bookings/{paid['ref']}/payments", {"method": "demo"})
    store = stack.demo["stores"][0]
    yield {
        "/stores/:id": [f"/stores/{store['id']}"],
        "/rooms/:id": [f"/rooms/{store['rooms'][0]['id']}"],
        "/bookings/:ref": [f"/bookings/{one['ref']}" for one in (held, paid)],
        # It leads on to the booking at once.
        "/invitations/:token": [],
    }
    for one in (held, paid):
        member.post(f"/bookings/{one['ref']}/cancel")


def wrong_with(phone, script):
    """Return what is wrong with the screen that is open, in both looks."""
    found = [*phone.browser.run(NAMELESS), *phone.browser.run(TINY)]
    phone.browser.run(f"window.axe || (() => {{ {script} }})(); true")
    for theme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": theme}]
        phone.browser.send("Emulation.setEmulatedMedia", features=features)
        found += [f"{theme}: {one}" for one in phone.browser.run(AXE)]
    for size in ("100%", "200%"):
        phone.browser.run(f"document.documentElement.style.fontSize = '{size}'")
        width = phone.browser.run("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            found.append(f"{width} wide with text of {size}")
    phone.browser.run("document.documentElement.style.fontSize = ''")
    return found


def test_every_screen_is_for_everybody(phone, member, examples, script):
    phone.sign_in_as(member)
    phone.open("/nowhere")
    phone.browser.run(COUNT)
    paths = phone.browser.run(PATHS)
    unknown = [path for path in paths if ":" in path and path not in examples]
    assert not unknown, f"This test needs an example of {unknown}."
    found = {}
    for path in [one for kind in paths for one in examples.get(kind, [kind])]:
        phone.browser.run(GO % json.dumps(f"#{path}"))
        phone.until(LOADED, f"{path}, loaded", 30)
        if wrong := wrong_with(phone, script):
            found[path] = wrong
    found |= look_closer(phone, examples, script)
    assert found == {}


def look_closer(phone, examples, script):
    """Return what is wrong where a tap shows more: prices, a sheet over the page."""
    phone.open(examples["/rooms/:id"][0])
    phone.pick_time(day=8)
    phone.sees("Book this room")
    found = {"a time and its price": wrong_with(phone, script)}
    phone.open(examples["/bookings/:ref"][1])
    phone.tap("Stay longer")
    phone.sees("You see the price before you pay")
    found["a sheet"] = wrong_with(phone, script)
    return {place: wrong for place, wrong in found.items() if wrong}
