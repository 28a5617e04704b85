"""``config/screenshots``: the README's pictures, from the running system."""

import json
import os
import sys
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
    session = json.dumps(Api(url).post("/auth/sessions", member))
    store = demo["stores"][0]["id"]
    with Browser(**PHONE) as browser:

        def shot(title, path, selector):
            with progress.step(f"{title}.png"):
                browser.open("about:blank", "body")
                browser.open(f"{url}/teahouse/app#{path}", selector)
                browser.save(folder / f"{title}.png")

        shot("app-stores", "/", "main")
        browser.run(f"localStorage.setItem('teahouse.session', {json.dumps(session)})")
        shot("app-store", f"/stores/{store}", "main")
        shot("app-bookings", "/bookings", "main")


if __name__ == "__main__":
    sys.exit(main())
