"""How smooth the room board is with 200 rooms, seven days and 10,700 stays.

What the browser does is counted in milliseconds of script for a frame; a screen that is
drawn 60 times a second has 16.7 for everything. No floor: the figures stand alone.
"""

import time

from many_bookings import seed
from own_database import own_database, served, server
from teahouse_setup.browser import Browser

DATABASE = "teahouse_bench_board"
ROOMS, DAYS = 200, 40
REMEMBERED = "teahouse_booking.board.store"
ROW = ".th-board__row"
#: A turn of the wheel, in pixels, and how often it is turned each way.
TURN, TURNS = 100, 60
SCROLL = """(async () => {
    const el = document.querySelector(".th-board__scroll");
    const frames = [];
    for (let n = 0; n < %(turns)s; n++) {
        const begun = performance.now();
        el.%(way)s += %(turn)s;
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        frames.push((performance.now() - begun) / 2000);
    }
    return frames;
})()"""
FRAME = "new Promise((done) => requestAnimationFrame(() => done(true)))"
COUNT = "document.querySelectorAll('.th-board *').length"
STAYS = "document.querySelectorAll('.th-board__stay').length"


def bench_board(report, capsys):
    """A day and a week: opening, scrolling both ways, and searching."""
    with own_database(DATABASE, "teahouse_booking") as database:
        with database.env() as env:
            (store,) = seed(env, 1, DAYS, ROOMS)
            env.ref("base.user_admin").lang = "en_US"
        server("VACUUM ANALYZE teahouse_booking", DATABASE)
        with served(database) as web, Browser(1366, 768) as browser:
            base = f"http://127.0.0.1:{web.port}"
            browser.cookie(base, *web.cookie.split("=", 1))
            browser.open(f"{base}/web/login", "body")
            browser.run(f"localStorage.setItem('{REMEMBERED}', {store})")
            browser.open(f"{base}/odoo/room-board", ROW, 120)
            browser.send("Performance.enable")
            for name in ("Day", "Week"):
                look(browser, name, report, capsys)


def look(browser, name, report, capsys):
    """Measure the board at one length of its window."""
    press(browser, f"textContent === '{name}'")
    press(browser, "title === 'Later'")
    begun = time.perf_counter()
    press(browser, "title === 'Earlier'")
    report(f"{name}: another page, server and drawing", [time.perf_counter() - begun])
    with capsys.disabled():
        print(f"{name}: {browser.run(COUNT)} elements, {browser.run(STAYS)} stays")
    for way, title in (("scrollTop", "over rooms"), ("scrollLeft", "over hours")):
        script = scripted(browser)
        frames = browser.run(SCROLL % {"way": way, "turn": TURN, "turns": TURNS})
        script = scripted(browser) - script
        report(f"{name}: a frame of scrolling {title}", frames)
        with capsys.disabled():
            print(f"of it script: {script * 1000 / TURNS:.1f} ms a turn of the wheel")
        browser.run(f"document.querySelector('.th-board__scroll').{way} = 0")


def press(browser, which):
    """Press a button of the board; return once it shows what it leads to."""
    browser.run(
        "[...document.querySelectorAll('.th-board__bar button')]"
        f".find((one) => one.{which}).click()"
    )
    browser.run(FRAME)
    while browser.run("!!document.querySelector('.th-board .fa-spin')"):
        time.sleep(0.01)
    browser.run(FRAME)


def scripted(browser):
    """Return how many seconds the page has run scripts so far."""
    metrics = browser.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "ScriptDuration")
