"""How soon a guest sees stores: a phone four times as slow as this machine."""

from teahouse_setup.browser import Browser

PHONE = {"width": 375, "height": 667, "scale": 2.0, "mobile": True}
SLOWER = 4
ROUNDS = 9
#: Notes when the first store is painted, from the start of the navigation.
WATCH = """
window.shown = new Promise((done) => {
    const look = () => document.querySelector('.th-list .th-card')
        ? requestAnimationFrame(() => setTimeout(() => done(performance.now())))
        : setTimeout(look, 5);
    look();
});
"""
BYTES = """
performance.getEntriesByType('resource')
    .reduce((sum, one) => sum + one.encodedBodySize, 0)
"""


def first_view(stack, cached):
    """Return the seconds of each first view, and the bytes of the last."""
    seconds, size = [], 0
    with Browser(**PHONE) as browser:
        browser.send("Network.enable")
        browser.send("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        browser.send("Network.setCacheDisabled", cacheDisabled=not cached)
        browser.send("Emulation.setCPUThrottlingRate", rate=SLOWER)
        for _round in range(ROUNDS):
            browser.send("Page.navigate", url="about:blank")
            browser.open(f"{stack.base_url}/teahouse/app?lang=zh", "body")
            seconds.append(browser.run("window.shown") / 1000)
            size = browser.run(BYTES)
    # The first one makes the bundle and fills caches.
    return seconds[1:], size


def bench_first_view(stack, report):
    """Two seconds on a warm server are the limit."""
    for title, cached in (("first visit", False), ("later visit", True)):
        seconds, size = first_view(stack, cached)
        report(f"list of stores, {title}, {size / 1000:.0f} kB", seconds)
