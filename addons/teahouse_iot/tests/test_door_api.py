import uuid
from datetime import timedelta

from odoo.tests import tagged

from ..tools import db_now
from .common import DeviceHttpCommon


@tagged("post_install", "-at_install")
class TestDoorApi(DeviceHttpCommon):
    def press(self, booking, member=None, door="room", key=None, **body):
        return self.api(
            "POST",
            f"/bookings/{booking.ref}/door/open",
            {"door": door, **body},
            member=member or self.member,
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
        )

    def assert_problem(self, response, status, code):
        self.assertEqual(
            (response.status_code, response.json().get("code")),
            (status, code),
            response.text,
        )
        return response.json()

    def test_press_opens_and_checks_in(self):
        booking = self.make_booking()
        response = self.press(booking)
        self.assertEqual(response.status_code, 202, response.text)
        self.assertEqual(response.json()["state"], "queued")
        command = self.commands(self.lock, act="unlock")
        self.assertEqual(response.json()["command_id"], command.cmd_id)
        self.assertEqual(command.guard, "grant")
        self.answer(command)
        self.assertEqual(booking.state, "in_use")
        state = self.api("GET", f"/commands/{command.cmd_id}", member=self.member)
        self.assertEqual((state.status_code, state.json()["state"]), (200, "done"))
        self.assertIsNone(state.json()["pin"])
        [log] = self.logs(booking_id=booking.id)
        self.assertEqual(
            (log.result, log.method, log.member_id), ("opened", "app", self.member)
        )

    def test_presses_of_two_phones_are_one_opening(self):
        booking = self.make_booking()
        guest = self.add_participant(booking, self.member_2)
        booking._on_participants_added(guest)
        ids = {
            self.press(booking, member).json()["command_id"]
            for member in (self.member, self.member_2, self.member, self.member_2)
        }
        self.assertEqual(len(ids), 1)
        self.assertEqual(len(self.commands(self.lock, act="unlock")), 1)
        self.assertEqual(len(self.logs(booking_id=booking.id)), 2, "one line each")
        for member in (self.member, self.member_2):
            response = self.api("GET", f"/commands/{ids.copy().pop()}", member=member)
            self.assertEqual(response.status_code, 200)

    def test_gate(self):
        booking = self.make_booking()
        self.assertEqual(self.press(booking, door="gate").status_code, 202)
        self.answer(self.commands(self.gate, act="unlock"))
        self.assertEqual(booking.state, "confirmed", "the gate is not the room")

    def test_gate_checks_in_where_the_room_has_no_lock(self):
        booking = self.make_booking(room=self.room_2)
        self.press(booking, door="gate")
        self.answer(self.commands(self.gate, act="unlock"))
        self.assertEqual(booking.state, "in_use")

    def test_offline_door_gives_the_pin_at_once(self):
        booking = self.make_booking()
        self.report(self.lock, online=False)
        problem = self.assert_problem(self.press(booking), 503, "device_offline")
        pin = booking.grant_ids.pin
        self.assertNotIn(pin, problem["detail"], "the text may be logged")
        self.assertEqual(problem["errors"], [{"field": "pin", "message": pin}])
        self.assertFalse(self.commands(self.lock, act="unlock"))
        [log] = self.logs(booking_id=booking.id)
        self.assertEqual((log.result, log.reason), ("refused", "device_offline"))

    def test_failed_opening_shows_the_pin(self):
        booking = self.make_booking()
        cmd_id = self.press(booking).json()["command_id"]
        command = self.commands(self.lock, act="unlock")
        self.answer(command, "rejected", "busy")
        state = self.api("GET", f"/commands/{cmd_id}", member=self.member).json()
        self.assertEqual((state["state"], state["reason"]), ("failed", "busy"))
        self.assertEqual(state["pin"], booking.grant_ids.pin)
        self.assertEqual(booking.state, "confirmed")

    def test_unknown_never_claims_to_be_open_but_a_late_answer_lands(self):
        booking = self.make_booking()
        cmd_id = self.press(booking).json()["command_id"]
        command = self.commands(self.lock, act="unlock")
        self.answer(command, "unknown", "no_answer")
        state = self.api("GET", f"/commands/{cmd_id}", member=self.member).json()
        self.assertEqual((state["state"], bool(state["pin"])), ("unknown", True))
        self.assertEqual(self.logs(booking_id=booking.id).result, "unknown")
        self.answer(command, "done")
        self.assertEqual(booking.state, "in_use")
        self.assertEqual(self.logs(booking_id=booking.id).result, "opened")

    def test_command_of_a_dead_gateway_does_not_stay_queued(self):
        booking = self.make_booking()
        cmd_id = self.press(booking).json()["command_id"]
        self.commands(self.lock, act="unlock").expires_at = db_now(
            self.env
        ) - timedelta(seconds=2)
        state = self.api("GET", f"/commands/{cmd_id}", member=self.member).json()
        self.assertEqual(state["state"], "expired")
        self.assertEqual(state["pin"], booking.grant_ids.pin)

    def test_outside_the_window(self):
        booking = self.make_booking(start=60)
        self.assert_problem(self.press(booking), 409, "outside_window")
        self.assertEqual(self.logs(booking_id=booking.id).reason, "outside_window")

    def test_states_that_open_nothing(self):
        booking = self.make_booking()
        for state in ("hold", "cancelled", "no_show", "expired"):
            booking.state = state
            self.assert_problem(self.press(booking), 409, "invalid_state")

    def test_strangers_see_nothing(self):
        booking = self.make_booking()
        self.assert_problem(self.press(booking, self.member_2), 404, "not_found")
        cmd_id = self.press(booking).json()["command_id"]
        response = self.api("GET", f"/commands/{cmd_id}", member=self.member_2)
        self.assert_problem(response, 404, "not_found")
        self.assert_problem(
            self.api("GET", "/commands/nothing", member=self.member), 404, "not_found"
        )
        anonymous = self.api("GET", f"/commands/{cmd_id}")
        self.assert_problem(anonymous, 401, "unauthenticated")

    def test_removed_guest_is_out(self):
        booking = self.make_booking()
        guest = self.add_participant(booking, self.member_2)
        booking._on_participants_added(guest)
        guest.state = "removed"
        booking._on_participants_removed(guest)
        self.assert_problem(self.press(booking, self.member_2), 404, "not_found")

    def test_bad_requests(self):
        booking = self.make_booking()
        for body in ({"door": "window"}, {"pulse_ms": 1}, {"door": 1}):
            response = self.press(booking, **body)
            self.assert_problem(response, 422, "invalid_request")
        self.assertFalse(self.commands(self.lock, act="unlock"))

    def test_room_without_door(self):
        booking = self.make_booking(room=self.room_2)
        self.assert_problem(self.press(booking), 404, "not_found")

    # Devices of the room

    def switch(self, booking, device, member=None, **body):
        return self.api(
            "POST",
            f"/bookings/{booking.ref}/devices/{device.id}/commands",
            body,
            member=member or self.member,
        )

    def test_guests_see_what_they_may_switch(self):
        booking = self.make_booking()
        response = self.api(
            "GET", f"/bookings/{booking.ref}/devices", member=self.member
        )
        self.assertEqual(
            response.json()["items"],
            [
                {
                    "id": self.light.id,
                    "name": self.light.name,
                    "kind": "light",
                    "online": True,
                    "on": False,
                    "actions": ["on", "off", "set"],
                }
            ],
        )

    def test_guests_switch_while_they_use_the_room(self):
        booking = self.make_booking()
        self.assert_problem(
            self.switch(booking, self.light, action="on"), 409, "invalid_state"
        )
        booking._check_in("staff")
        response = self.switch(booking, self.light, action="set", value=40)
        self.assertEqual(response.status_code, 202, response.text)
        command = self.commands(self.light, source="guest")
        self.assertEqual((command.args["on"], command.args["level_pct"]), (True, 40))
        self.assertEqual(command.guard, "booking")
        off = self.switch(booking, self.light, action="off")
        self.assertEqual(off.status_code, 202)

    def test_guests_do_not_switch_more(self):
        booking = self.make_booking()
        booking._check_in("staff")
        self.assert_problem(
            self.switch(booking, self.power, action="on"), 404, "not_found"
        )
        self.assert_problem(
            self.switch(booking, self.other_lock, action="on"), 404, "not_found"
        )
        self.assert_problem(
            self.switch(booking, self.light, self.member_2, action="on"),
            404,
            "not_found",
        )
        for body in (
            {"action": "set"},
            {"action": "set", "value": 101},
            {"action": "on", "value": 5},
            {"action": "burn"},
        ):
            self.assert_problem(
                self.switch(booking, self.light, **body), 422, "invalid_request"
            )
        self.report(self.light, online=False)
        self.assert_problem(
            self.switch(booking, self.light, action="on"), 503, "device_offline"
        )

    def test_environment(self):
        booking = self.make_booking()
        sensor = self.make_device("sensor")
        self.env.cr.execute(
            "INSERT INTO teahouse_telemetry (device_id, received_at, temp_c) "
            "VALUES (%s, %s, 23.8)",
            [sensor.id, db_now(self.env)],
        )
        response = self.api(
            "GET", f"/bookings/{booking.ref}/environment", member=self.member
        )
        self.assertEqual(response.json()["readings"]["temp_c"]["value"], 23.8)
        stranger = self.api(
            "GET", f"/bookings/{booking.ref}/environment", member=self.member_2
        )
        self.assert_problem(stranger, 404, "not_found")
