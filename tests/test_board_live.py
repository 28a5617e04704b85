"""The room board in two hands: what one changes, the other sees without a click."""

import json

from client import wait_for
from teahouse_setup.browser import Browser
from test_journey import book, pay


def test_a_booking_appears_on_an_open_board(workers_stack):
    stack = workers_stack
    office, guest = stack.office("manager"), stack.member(1)
    slot = stack.slot(days=15, hour=9)
    (room,) = office.read(
        "teahouse.room", [("id", "=", slot["room_id"])], ["store_id", "name"]
    )
    with Browser(1366, 768) as browser:
        name, value = office.session.split("=", 1)
        browser.cookie(stack.base_url, name, value)
        browser.open(f"{stack.base_url}/odoo/room-board", ".th-board__row")
        browser.run(
            f"localStorage.setItem('teahouse_booking.board.store',"
            f" {room['store_id'][0]})"
        )
        browser.open("about:blank", "body")
        browser.open(f"{stack.base_url}/odoo/room-board", ".th-board__row")
        browser.run(
            "(() => { const day = document.querySelector('input[type=date]');"
            f" day.value = {json.dumps(slot['start'][:10])};"
            " day.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )

        def stays(state):
            return browser.run(
                f'document.querySelectorAll(\'[data-room="{room["id"]}"]'
                f" .th-board__stay--{state}').length"
            )

        wait_for(
            lambda: browser.run(
                "document.querySelector('.th-board__title').textContent"
            ),
            "the day",
        )
        assert stays("hold") == 0
        ref = book(guest, slot)["ref"]
        wait_for(lambda: stays("hold") == 1, "the hold on the board", 10)

        def away():
            return browser.run("!!document.querySelector('.th-board__away')")

        # The connection is lost; what happens meanwhile is there once it is back.
        browser.run("window.dispatchEvent(new Event('offline'))")
        wait_for(away, "the word that the board is not live", 20)
        pay(guest, ref)
        browser.run("window.dispatchEvent(new Event('online'))")
        wait_for(lambda: not away(), "the connection", 40)
        wait_for(lambda: stays("confirmed") == 1, "the paid stay on the board", 20)
