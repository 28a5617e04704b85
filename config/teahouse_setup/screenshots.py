"""``config/screenshots``: the README's pictures, from the running system."""

import json
import os
import sys
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import odoo_source, system, venv
from .browser import TIMEZONE, Browser
from .paths import Paths
from .progress import Progress, SetupError

FOLDER = "docs/images"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780, "scale": 1.5, "mobile": True}
#: Member, room, hours from now, length in hours.
PICTURED = ((1, 1, 1, 2), (2, 2, 2, 3), (0, 3, 4, 2), (1, 1, 4, 2), (2, 0, 5, 3))
#: The app's screens: name of the picture, path.
VISITOR = {"stores": "/", "login": "/login"}
GUEST = {
    "store": "/stores/{store}",
    "room": "/rooms/{room}",
    "checkout": "/bookings/{held}",
    "booking": "/bookings/{booking}",
    "bookings": "/bookings",
    "bills": "/bills",
    "waitlist": "/waitlist",
    "favourites": "/favourites",
    "inbox": "/inbox",
    "me": "/me",
    "membership": "/membership",
    "coupons": "/coupons",
    "balance": "/balance",
    "cards": "/cards",
    "gifts": "/gifts",
    "voucher": "/voucher",
    "campaigns": "/campaigns",
    "inquiry": "/inquiry",
    "profile": "/profile",
    "preferences": "/preferences",
    "settings": "/settings",
    "sessions": "/sessions",
    "phone": "/phone",
    "password": "/password",
    "privacy": "/privacy",
    "help": "/help",
}
SCREEN = "main.th-app:not(:has(.th-skeleton)) > *"
LIST, FORM, CALENDAR = ".o_list_view .o_data_row", ".o_form_view", ".o_calendar_view"


def main():
    """Run the command.

    :return: exit code
    """
    paths = Paths.from_environment()
    progress = Progress(paths.setup_log)
    try:
        if not paths.demo_file.exists():
            raise SetupError("Nothing is running.", "config/run")
        system.ensure_packages(progress, system.TEST_PACKAGES)
        _enter_venv(progress, paths)
        demo = json.loads(paths.demo_file.read_text(encoding="utf-8"))
        sys.path.insert(0, str(paths.checkout / "tests"))
        folder = paths.checkout / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with progress.step("A journey and some bookings for the pictures"):
            fill(demo)
        back_office(progress, demo, folder)
        mobile_app(progress, demo, folder)
    except SetupError as error:
        print(f"\n{error.problem}\n{error.advice}", file=sys.stderr)
        return 1
    return 0


def _enter_venv(progress, paths):
    """Go on in the virtual environment, which has the WebSocket client."""
    python = venv.ensure(progress, paths, odoo_source.ensure(progress, paths))
    if sys.prefix != str(python.parents[1]):
        os.execv(python, [str(python), "-m", "teahouse_setup.screenshots"])


def fill(demo):
    """Let a guest make the whole journey, and others book rooms of today."""
    from client import Api
    from journey import Journey

    for _step in Journey(demo).play():
        pass
    now = datetime.now(ZoneInfo(TIMEZONE)).replace(minute=0, second=0, microsecond=0)
    for member, room, hours, length in PICTURED:
        api = Api(demo["base_url"]).login(**demo["members"][member])
        start = now + timedelta(hours=hours)
        body = {
            "room_id": demo["stores"][0]["rooms"][room]["id"],
            "start": start.isoformat(),
            "end": (start + timedelta(hours=length)).isoformat(),
            "people": 2,
        }
        key = f"picture-{start:%Y%m%d%H}-{room}"
        answer = api.send("POST", "/bookings", body, key=key)
        if answer.code == "slot_taken":
            continue
        # Asked again, the key brings the first answer, whatever came of it since.
        booking = f"/bookings/{answer.body['ref']}"
        if api.get(booking)["state"] == "hold":
            api.post(f"{booking}/payments", {"method": "demo"})


def back_office(progress, demo, folder):
    """Take the screens of the owner."""
    from client import BackOffice

    url, database = demo["base_url"], demo["database"]
    owner = next(user for user in demo["staff"] if user["role"] == "owner")
    office = BackOffice(url, database, owner["login"], owner["password"])
    name, value = office.session.split("=", 1)
    with Browser(**DESKTOP) as browser:
        browser.cookie(url, name, value)

        def shot(title, path, selector):
            with progress.step(f"{title}.png"):
                browser.open(f"{url}/{path}", selector)
                browser.save(folder / f"{title}.png")

        def action(xmlid, tail=""):
            return f"odoo/action-{xmlid}{tail}"

        shot("today", "odoo/teahouse-today", ".o_teahouse_tile")
        shot("board", "odoo/room-board", ".th-board__row")
        shot("stores", action("teahouse_base.teahouse_store_action"), ".o_content > *")
        bookings = "teahouse_booking.teahouse_booking_action"
        shot("bookings", action(bookings, "?view_type=list"), LIST)
        shot("calendar", action(bookings, "?view_type=calendar"), CALENDAR)
        (booking,) = office.read(
            "teahouse.booking",
            [("state", "=", "completed")],
            ["invoice_ids"],
            limit=1,
            order="id desc",
        ) or [None]
        if booking:
            shot("booking", action(bookings, f"/{booking['id']}"), FORM)
            invoice = booking["invoice_ids"][0]
            moves = "account.action_move_out_invoice_type"
            shot("invoice", action(moves, f"/{invoice}"), FORM)
        shot("devices", action("teahouse_iot.teahouse_device_action"), ".o_content > *")
        wall = "teahouse_iot.teahouse_device_wall_action"
        shot("wall", action(wall), ".o_teahouse_wall section")
        shot("api", "teahouse/api/v1/docs", "main")


def mobile_app(progress, demo, folder):
    """Take the screens of a guest."""
    from client import Api

    url = demo["base_url"]
    member = {"grant": "password", **demo["members"][0]}
    session = Api(url).post("/auth/sessions", member)
    api = Api(url, session["token"])
    held = hold(demo, api)
    live = api.get("/bookings", state="in_use,confirmed,completed", limit=1)["items"]
    store = demo["stores"][0]
    names = {
        "store": store["id"],
        "room": store["rooms"][0]["id"],
        "held": held,
        "booking": live[0]["ref"] if live else held,
    }
    with Browser(**PHONE) as browser:

        def shot(title, path):
            with progress.step(f"{title}.png"):
                browser.open("about:blank", "body")
                browser.open(f"{url}/teahouse/app#{path}", SCREEN)
                browser.save(folder / f"{title}.png")

        for title, path in VISITOR.items():
            shot(f"app-{title}", path)
        text = json.dumps(json.dumps(session))
        browser.run(f"localStorage.setItem('teahouse.session', {text})")
        for title, path in GUEST.items():
            shot(f"app-{title}", path.format(**names))
    api.post(f"/bookings/{held}/cancel")


def hold(demo, api):
    """Hold a room some days ahead, with things to choose from; return the booking."""
    for coupon in api.get("/coupons")["items"]:
        if coupon["claimable"]:
            api.post(f"/coupons/{coupon['id']}/claim")
    if not api.get("/me/cards")["items"]:
        package = api.get("/balance/packages")["items"][0]["id"]
        api.post("/me/balance/top-ups", {"method": "demo", "package_id": package})
        card = api.get("/cards")["items"][0]["id"]
        api.post("/me/purchases", {"method": "demo", "product_id": card})
    now = datetime.now(ZoneInfo(TIMEZONE))
    start = now.replace(hour=14, minute=0, second=0, microsecond=0)
    for days in range(3, 13):
        begin = start + timedelta(days=days)
        body = {
            "room_id": demo["stores"][0]["rooms"][0]["id"],
            "start": begin.isoformat(),
            "end": (begin + timedelta(hours=2)).isoformat(),
            "people": 2,
        }
        answer = api.send("POST", "/bookings", body, key=str(uuid.uuid4()))
        if answer.status == 201:
            return answer.body["ref"]
    raise SetupError("No room is free for the pictures.", "Start with a fresh demo.")


if __name__ == "__main__":
    sys.exit(main())
